import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { check } from '../../schemas/check.ts'
import { NodeId } from '../../schemas/nodes.ts'
import { webAddress } from '../shared/web-address.ts'

export type IngestFlags = {
  controlUrl: string
  joinToken: string | null
  dataFolder: string
  id: string | null
  host: string
  address: string
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
      control: { type: 'string', default: 'http://127.0.0.1:8080' },
      data: { type: 'string' },
      id: { type: 'string' },
      token: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      address: { type: 'string', default: '127.0.0.1' },
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
    controlUrl: webAddress('--control', values.control),
    joinToken: values.token ?? environment.AIRTIGHT_JOIN_TOKEN ?? null,
    dataFolder: values.data ?? join(tmpdir(), 'airtight-ingest', values.id ?? String(process.pid)),
    id: values.id === undefined ? null : wellFormedId(values.id),
    host: values.host,
    address: values.address,
    httpPort,
    studioPort: port('--studio-port', values['studio-port']),
    rtmpPort: port('--rtmp-port', values['rtmp-port']),
    rtmpsPort: certificate === undefined ? null : port('--rtmps-port', values['rtmps-port']),
    icecastPort: port('--icecast-port', values['icecast-port']),
    tls: certificate === undefined || key === undefined ? null : { certificate, key },
  }
}

function wellFormedId(id: string): string {
  if (!check(NodeId, id).ok)
    throw new Error(`--id ${id} is not a node's name, such as ingest-1: small letters, digits and hyphens`)
  return id
}

/** 0: any free one. `off`: none. */
function port(flag: string, text: string): number | null {
  if (text === 'off') return null
  const number = Number(text)
  if (text.trim() !== '' && Number.isInteger(number) && number >= 0 && number <= 65_535) return number
  throw new Error(`${flag} ${text} is neither a port, such as 8006, nor "off"`)
}
