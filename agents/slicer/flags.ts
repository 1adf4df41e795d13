import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { check } from '../../schemas/check.ts'
import { NodeId } from '../../schemas/nodes.ts'
import { webAddress } from '../shared/web-address.ts'

export type SlicerFlags = {
  controlUrl: string
  joinToken: string | null
  dataFolder: string
  id: string | null
  host: string
  address: string
  httpPort: number | null
  rtmpPort: number | null
}

/** Reads the command line; throws an Error that tells a person what to write instead. */
export function readFlags(args: string[], environment: NodeJS.ProcessEnv): SlicerFlags {
  const { values } = parseArgs({
    args,
    options: {
      control: { type: 'string', default: 'http://127.0.0.1:8080' },
      data: { type: 'string' },
      id: { type: 'string' },
      token: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      address: { type: 'string', default: '127.0.0.1' },
      'http-port': { type: 'string' },
      'rtmp-port': { type: 'string' },
    },
  })
  return {
    controlUrl: webAddress('--control', values.control),
    joinToken: values.token ?? environment.AIRTIGHT_JOIN_TOKEN ?? null,
    // A node started by hand with nothing but a token: each is a node of its own, unless it is told where it lived before.
    dataFolder: values.data ?? join(tmpdir(), 'airtight-slicer', values.id ?? String(process.pid)),
    id: values.id === undefined ? null : wellFormedId(values.id),
    host: values.host,
    address: values.address,
    httpPort: port('--http-port', values['http-port']),
    rtmpPort: port('--rtmp-port', values['rtmp-port']),
  }
}

function wellFormedId(id: string): string {
  const checked = check(NodeId, id)
  if (!checked.ok)
    throw new Error(`--id ${id} is not a node's name, such as slicer-3: small letters, digits and hyphens`)
  return id
}

/** 0 or left out: any free one. */
function port(flag: string, text: string | undefined): number | null {
  if (text === undefined) return null
  const number = Number(text)
  if (text.trim() !== '' && Number.isInteger(number) && number >= 0 && number <= 65_535) return number
  throw new Error(`${flag} ${text} is not a port, such as 8103`)
}
