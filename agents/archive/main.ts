import { randomInt } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { systemClock } from '../../platform/clock.ts'
import { lockFolder } from '../../platform/folder-lock.ts'
import { createLogger } from '../../platform/log.ts'
import { collectGarbageEvery } from '../../platform/memory.ts'
import { systemProcesses } from '../../platform/processes.ts'
import { softwareVersion } from '../shared/software-version.ts'
import { type Archive, startArchive, usualPace } from './archive.ts'
import { readFlags } from './flags.ts'

const STOP_MS_MAX = 2_500
const GARBAGE_MS = 30_000

const log = createLogger('archive')

async function start(): Promise<Archive> {
  const { dataFolder, ...flags } = readFlags(process.argv.slice(2), process.env)
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  if (!(await lockFolder(dataFolder)))
    throw new Error(`another archive uses ${dataFolder}: give this one its own --data`)
  const archive = await startArchive({
    ...flags,
    folder: dataFolder,
    softwareVersion: softwareVersion(),
    pace: usualPace,
    clock: systemClock,
    processes: systemProcesses,
    random: () => randomInt(2 ** 32) / 2 ** 32,
    log,
  })
  log.info(
    { id: archive.id, port: archive.port },
    `archive ${archive.id} answers on http://${flags.address}:${archive.port}`,
  )
  return archive
}

const archive = await start().catch((error: Error) => {
  log.fatal(`The archive can't start: ${error.message}`)
  process.exit(1)
})
collectGarbageEvery(GARBAGE_MS, systemClock)

let isEnding = false
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    if (isEnding) return
    isEnding = true
    log.info({ signal }, 'ending')
    systemClock.after(STOP_MS_MAX, () => process.exit(0))
    void archive.stop(true).then(() => process.exit(0))
  })
