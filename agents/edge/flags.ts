import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { webAddress } from '../shared/web-address.ts'

export type EdgeFlags = {
  controlUrl: string
  /** What listeners may be shown of the control center; null: nothing. */
  controlPublicUrl: string | null
  dataFolder: string
  id: string | undefined
  joinToken: string | null
  host: string
  address: string
  port: number
}

/** Reads the command line; throws an Error that tells a person what to write instead. */
export function readFlags(args: string[], environment: NodeJS.ProcessEnv): EdgeFlags {
  const { values } = parseArgs({
    args,
    options: {
      control: { type: 'string', default: 'http://127.0.0.1:8080' },
      'control-public': { type: 'string' },
      data: { type: 'string' },
      id: { type: 'string' },
      token: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      address: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '8000' },
    },
  })
  if (values.data === undefined) throw new Error("--data is missing: the edge's own folder, such as --data data/edge")
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new Error(`--port ${values.port} is not a port, such as 8000`)
  return {
    controlUrl: webAddress('--control', values.control),
    controlPublicUrl:
      values['control-public'] === undefined ? null : webAddress('--control-public', values['control-public']),
    dataFolder: resolve(values.data),
    id: values.id,
    joinToken: values.token ?? environment.AIRTIGHT_JOIN_TOKEN ?? null,
    host: values.host,
    address: values.address,
    port,
  }
}
