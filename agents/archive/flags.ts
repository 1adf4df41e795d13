import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { NODE_OPTIONS, type NodeFlags, portOf, readNodeFlags } from '../shared/node-flags.ts'

export type ArchiveFlags = NodeFlags & { dataFolder: string; httpPort: number }

/** Reads the command line; throws an Error that tells a person what to write instead. */
export function readFlags(args: string[], environment: NodeJS.ProcessEnv): ArchiveFlags {
  const { values } = parseArgs({
    args,
    options: { ...NODE_OPTIONS, 'http-port': { type: 'string', default: '8010' } },
  })
  if (values.data === undefined)
    throw new Error("--data is missing: the archive's own folder, such as --data data/archive")
  const httpPort = portOf(values['http-port'])
  if (httpPort === null) throw new Error(`--http-port ${values['http-port']} is not a port, such as 8010`)
  return {
    ...readNodeFlags(values, environment, 'archive-1'),
    dataFolder: resolve(values.data),
    httpPort,
  }
}
