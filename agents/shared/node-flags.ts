import { check } from '../../schemas/check.ts'
import { NodeId } from '../../schemas/nodes.ts'
import { webAddress } from './web-address.ts'

/** The flags that every agent has, for `parseArgs`. */
export const NODE_OPTIONS = {
  control: { type: 'string', default: 'http://127.0.0.1:8080' },
  data: { type: 'string' },
  id: { type: 'string' },
  token: { type: 'string' },
  host: { type: 'string', default: '127.0.0.1' },
  address: { type: 'string', default: '127.0.0.1' },
} as const

export type NodeFlags = {
  controlUrl: string
  joinToken: string | null
  id: string | null
  host: string
  address: string
}

type NodeValues = { control: string; id?: string; token?: string; host: string; address: string }

/** Throws an Error that tells a person what to write instead. `example`: an id as such a node may have. */
export function readNodeFlags(values: NodeValues, environment: NodeJS.ProcessEnv, example: string): NodeFlags {
  const { control, id, token, host, address } = values
  if (id !== undefined && !check(NodeId, id).ok)
    throw new Error(`--id ${id} is not a node's name, such as ${example}: small letters, digits and hyphens`)
  return {
    controlUrl: webAddress('--control', control),
    joinToken: token ?? environment.AIRTIGHT_JOIN_TOKEN ?? null,
    id: id ?? null,
    host,
    address,
  }
}

/** A port's number, 0 for any free one; null for what is none. */
export function portOf(text: string): number | null {
  const number = Number(text)
  return text.trim() !== '' && Number.isInteger(number) && number >= 0 && number <= 65_535 ? number : null
}
