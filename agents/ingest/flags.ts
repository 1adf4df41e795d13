import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { NODE_OPTIONS, type NodeFlags, portOf, readNodeFlags } from '../shared/node-flags.ts'

export type IngestFlags = NodeFlags & {
  dataFolder: string
  httpPort: number
  /** Null: this way in is not offered. */
  studioPort: number | null
  rtmpPort: number | null
  /** Offered with a certificate only. */
  rtmpsPort: number | null
  icecastPort: number | null
  /** Paths of PEM files. */
  tls: { certificate: string; key: string } | null
}

/** Reads the command line; throws an Error that tells a person what to write instead. */
export function readFlags(args: string[], environment: NodeJS.ProcessEnv): IngestFlags {
  const { values } = parseArgs({
    args,
    options: {
      ...NODE_OPTIONS,
      'http-port': { type: 'string', default: '8006' },
      'studio-port': { type: 'string', default: '8007' },
      'rtmp-port': { type: 'string', default: '1935' },
      'rtmps-port': { type: 'string', default: '1936' },
      'icecast-port': { type: 'string', default: '8005' },
      'tls-certificate': { type: 'string' },
      'tls-key': { type: 'string' },
    },
  })
  const { 'tls-certificate': certificate, 'tls-key': key } = values
  if ((certificate === undefined) !== (key === undefined))
    throw new Error('--tls-certificate and --tls-key go together: the PEM files of the certificate and of its key')
  const httpPort = port('--http-port', values['http-port'])
  if (httpPort === null) throw new Error('--http-port can’t be off: playout asks there, on a port such as 8006')
  return {
    ...readNodeFlags(values, environment, 'ingest-1'),
    dataFolder: values.data ?? join(tmpdir(), 'airtight-ingest', values.id ?? String(process.pid)),
    httpPort,
    studioPort: port('--studio-port', values['studio-port']),
    rtmpPort: port('--rtmp-port', values['rtmp-port']),
    rtmpsPort: certificate === undefined ? null : port('--rtmps-port', values['rtmps-port']),
    icecastPort: port('--icecast-port', values['icecast-port']),
    tls: certificate === undefined || key === undefined ? null : { certificate, key },
  }
}

/** 0: any free one. `off`: none. */
function port(flag: string, text: string): number | null {
  if (text === 'off') return null
  const number = portOf(text)
  if (number !== null) return number
  throw new Error(`${flag} ${text} is neither a port, such as 8006, nor "off"`)
}
