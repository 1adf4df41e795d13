import { statSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import { loadStationFileOrLastGood } from '../../platform/station-file.ts'
import type { StationFile } from '../../schemas/station.ts'

/** What belongs to the stream itself: it holds for as long as the programs run. */
const FIXED_FIELDS = ['id', 'renditions', 'hls', 'secrets', 'listen'] as const

export type StationWatch = {
  station(): StationFile
  /** A wrong file, or a change that waits for a restart, in sentences. */
  alarms(): string[]
  /** What is odd about the programme, but can be played. */
  warnings(): string[]
  stop(): void
}

/**
 * Holds the station file and looks for changes by size and time. A wrong file changes nothing but the alarm: the last good one goes on.
 *
 * @param keepPath where the last good file is kept, for a restart with a wrong one
 */
export function watchStation(
  path: string,
  keepPath: string,
  intervalMs: number,
  clock: Clock,
  log: Logger,
  onChange: () => void,
): StationWatch {
  let stamp = stampOf(path)
  let loaded = loadStationFileOrLastGood(path, keepPath)
  let waiting: string[] = []
  const first = loaded.station
  if (loaded.alarm) log.error(loaded.alarm)

  const stop = clock.every(intervalMs, () => {
    const next = stampOf(path)
    if (next === stamp) return
    stamp = next
    loaded = loadStationFileOrLastGood(path, keepPath)
    // Whether listening needs a signature is the edges' own business, and holds at once.
    const fixed: StationFile = { ...first, listen: { ...first.listen, signed: loaded.station.listen.signed } }
    waiting = FIXED_FIELDS.filter((field) => !isDeepStrictEqual(loaded.station[field], fixed[field]))
    for (const field of FIXED_FIELDS) Object.assign(loaded.station, { [field]: fixed[field] })
    if (loaded.alarm) log.error(loaded.alarm)
    else log.info('the station file was read again')
    // Also when it says the same as before: files that it names may be others.
    onChange()
  })
  return {
    station: () => loaded.station,
    alarms: () => [
      ...(loaded.alarm ? [loaded.alarm] : []),
      ...waiting.map((field) => `The change of ${field} in the station file waits for a restart of the station.`),
    ],
    warnings: () => loaded.warnings,
    stop,
  }
}

/** Tells versions of a file apart; a missing file is a version too. */
function stampOf(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path)
    return `${mtimeMs} ${size} ${ino}`
  } catch {
    return 'none'
  }
}
