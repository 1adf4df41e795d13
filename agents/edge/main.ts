import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../platform/clock.ts'
import { createLogger } from '../../platform/log.ts'
import { collectGarbageEvery } from '../../platform/memory.ts'
import { systemProcesses } from '../../platform/processes.ts'
import { startEdge } from './edge.ts'
import { readFlags } from './flags.ts'

const GARBAGE_MS = 30_000

const log = createLogger('edge')

/** Beside the built program, or in `dist/` when it runs from its sources. */
function listenPageFolder(): string {
  const built = join(import.meta.dirname, '../../listen-page')
  return existsSync(built) ? built : join(import.meta.dirname, '../../dist/listen-page')
}

try {
  const flags = readFlags(process.argv.slice(2), process.env)
  const edge = await startEdge(flags, {
    clock: systemClock,
    processes: systemProcesses,
    log,
    random: () => randomInt(2 ** 32) / 2 ** 32,
    pageFolder: listenPageFolder(),
  })
  log.info({ port: flags.port }, `the edge answers on http://${flags.host}:${flags.port}`)
  collectGarbageEvery(GARBAGE_MS, systemClock)
  let isEnding = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isEnding) return
      isEnding = true
      systemClock.after(2_800, () => process.exit(1))
      void edge.stop().then(() => process.exit(0))
    })
  }
} catch (error) {
  log.fatal((error as Error).message)
  process.exitCode = 1
}
