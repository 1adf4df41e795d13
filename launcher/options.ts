import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

export type LaunchOptions = {
  musicFolder: string | null
  dataFolder: string
  portOffset: number
  /** Null: the data folder's own. */
  stationFile: string | null
}

export const USAGE = `npm start -- [--music DIR] [--data DIR] [--port-offset N] [--station FILE]

  --music DIR        plays the audio files in DIR; without it, demo programmes are made
  --data DIR         where everything the station keeps lies (default: data, beside package.json)
  --port-offset N    adds N to every port, for a second station on one machine
  --station FILE     the station file (default: station.yaml in the data folder, made at the first start)`

/** Relative paths are meant from where the person stands, not from the project's folder. Throws an Error that says what is wrong. */
export function readOptions(args: string[], standsIn: string, projectFolder: string): LaunchOptions | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      music: { type: 'string' },
      data: { type: 'string' },
      'port-offset': { type: 'string', default: '0' },
      station: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  const portOffset = Number(values['port-offset'])
  if (!Number.isInteger(portOffset) || portOffset < 0 || portOffset > 40_000)
    throw new Error(`--port-offset ${values['port-offset']} is not a whole number from 0 to 40000, such as 1000.`)
  return {
    musicFolder: values.music === undefined ? null : resolve(standsIn, values.music),
    dataFolder: values.data === undefined ? resolve(projectFolder, 'data') : resolve(standsIn, values.data),
    portOffset,
    stationFile: values.station === undefined ? null : resolve(standsIn, values.station),
  }
}
