import { parseArgs } from 'node:util'

export type PlayoutFlags = {
  stationFile: string
  dataFolder: string
  musicFolder: string | null
  /** Stands in when the station file names no emergency file. */
  emergencyFile: string | null
  host: string
  port: number
}

/** Reads the command line; throws an Error that tells a person what to write instead. */
export function readFlags(args: string[]): PlayoutFlags {
  const { values } = parseArgs({
    args,
    options: {
      station: { type: 'string', default: 'station.yaml' },
      data: { type: 'string', default: 'data/playout' },
      music: { type: 'string' },
      emergency: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '8090' },
    },
  })
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`--port ${values.port} is not a port, such as 8090`)
  return {
    stationFile: values.station,
    dataFolder: values.data,
    musicFolder: values.music ?? null,
    emergencyFile: values.emergency ?? null,
    host: values.host,
    port,
  }
}
