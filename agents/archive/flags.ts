import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { check } from '../../schemas/check.ts'
import { NodeId } from '../../schemas/nodes.ts'
import { webAddress } from '../shared/web-address.ts'

export type ArchiveFlags = {
  controlUrl: string
  joinToken: string | null
  dataFolder: string
  id: string | null
  host: string
  address: string
  httpPort: number
}

/** Reads the command line; throws an Error that tells a person what to write instead. */
export function readFlags(args: string[], environment: NodeJS.ProcessEnv): ArchiveFlags {
  const { values } = parseArgs({
    args,
    options: {
      control: { type: 'string', default: 'http://127.0.0.1:8080' },
      data: { type: 'string' },
      id: { type: 'string' },
      token: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      address: { type: 'string', default: '127.0.0.1' },
      'http-port': { type: 'string', default: '8010' },
    },
  })
  if (values.data === undefined)
    throw new Error("--data is missing: the archive's own folder, such as --data data/archive")
  if (values.id !== undefined && !check(NodeId, values.id).ok)
    throw new Error(`--id ${values.id} is not a node's name, such as archive-1: small letters, digits and hyphens`)
  const httpPort = Number(values['http-port'])
  if (values['http-port'].trim() === '' || !Number.isInteger(httpPort) || httpPort < 0 || httpPort > 65_535)
    throw new Error(`--http-port ${values['http-port']} is not a port, such as 8010`)
  return {
    controlUrl: webAddress('--control', values.control),
    joinToken: values.token ?? environment.AIRTIGHT_JOIN_TOKEN ?? null,
    dataFolder: resolve(values.data),
    id: values.id ?? null,
    host: values.host,
    address: values.address,
    httpPort,
  }
}
