import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { NODE_OPTIONS, type NodeFlags, portOf, readNodeFlags } from '../shared/node-flags.ts'

export type SlicerFlags = NodeFlags & {
  dataFolder: string
  httpPort: number | null
  rtmpPort: number | null
}

/** Reads the command line; throws an Error that tells a person what to write instead. */
export function readFlags(args: string[], environment: NodeJS.ProcessEnv): SlicerFlags {
  const { values } = parseArgs({
    args,
    options: {
      ...NODE_OPTIONS,
      'http-port': { type: 'string' },
      'rtmp-port': { type: 'string' },
    },
  })
  return {
    ...readNodeFlags(values, environment, 'slicer-3'),
    // A node started by hand with nothing but a token: each is a node of its own, unless it is told where it lived before.
    dataFolder: values.data ?? join(tmpdir(), 'airtight-slicer', values.id ?? String(process.pid)),
    httpPort: port('--http-port', values['http-port']),
    rtmpPort: port('--rtmp-port', values['rtmp-port']),
  }
}

/** 0 or left out: any free one. */
function port(flag: string, text: string | undefined): number | null {
  if (text === undefined) return null
  const number = portOf(text)
  if (number !== null) return number
  throw new Error(`${flag} ${text} is not a port, such as 8103`)
}
