import { systemClock } from '../platform/clock.ts'
import { createLogger } from '../platform/log.ts'
import { collectGarbageEvery } from '../platform/memory.ts'
import { startControlCenter, usualPace } from './control-center.ts'
import { openMusicLibrary } from './planner/music-library.ts'
import { readSettings } from './settings.ts'

const END_MS_MAX = 2_500
const GARBAGE_MS = 30_000

const log = createLogger('control-center')
try {
  const settings = readSettings(process.argv.slice(2))
  const running = await startControlCenter(settings, {
    clock: systemClock,
    log,
    environment: process.env,
    pace: usualPace,
    openLibrary: openMusicLibrary,
  })
  collectGarbageEvery(GARBAGE_MS, systemClock)
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      log.info(`${signal}: the control center ends`)
      systemClock.after(END_MS_MAX, () => process.exit(1))
      running.stop().then(
        () => process.exit(0),
        (error: Error) => {
          log.error({ error: error.stack }, 'the end was not clean')
          process.exit(1)
        },
      )
    })
} catch (error) {
  log.fatal(`The control center can't start: ${(error as Error).message}`)
  process.exit(1)
}
