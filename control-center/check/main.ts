import { parseArgs } from 'node:util'
import { systemClock } from '../../platform/clock.ts'
import { analyse } from '../library/analyse.ts'
import { checkStation } from './check-station.ts'

/**
 * `--station FILE [--music DIR]`: exits 0 when the station can go on air, 1 with the reasons on standard error when it can't,
 * one sentence a line. Warnings are printed and stop nobody.
 */
const ended = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => ended.abort(new Error('The check was called off.')))
try {
  const { values } = parseArgs({ options: { station: { type: 'string' }, music: { type: 'string' } } })
  if (!values.station) throw new Error('Name the station file: --station FILE')
  const { problems, warnings } = await checkStation({
    ...{ stationPath: values.station, musicFolder: values.music ?? null, clock: systemClock },
    ...{ signal: ended.signal, analyse },
  })
  for (const warning of warnings) console.warn(`warning: ${warning}`)
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length ? 1 : 0
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
