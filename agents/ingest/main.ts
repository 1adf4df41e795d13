import { randomInt } from 'node:crypto'
import { systemClock } from '../../platform/clock.ts'
import { createLogger } from '../../platform/log.ts'
import { collectGarbageEvery } from '../../platform/memory.ts'
import { systemProcesses } from '../../platform/processes.ts'
import { softwareVersion } from '../shared/software-version.ts'
import { readFlags } from './flags.ts'
import { type Ingest, startIngest } from './ingest.ts'

const STOP_MS_MAX = 2_500
const GARBAGE_MS = 30_000

const log = createLogger('ingest')

async function start(): Promise<Ingest> {
  const { dataFolder, ...flags } = readFlags(process.argv.slice(2), process.env)
  const ingest = await startIngest({
    ...flags,
    folder: dataFolder,
    softwareVersion: softwareVersion(),
    clock: systemClock,
    processes: systemProcesses,
    random: () => randomInt(2 ** 32) / 2 ** 32,
    log,
  })
  const { id, httpPort, waysIn } = ingest
  log.info({ id, httpPort, waysIn }, `ingest ${id} answers on http://${flags.address}:${httpPort} and takes senders`)
  return ingest
}

const ingest = await start().catch((error: Error) => {
  log.fatal(`The ingest can't start: ${error.message}`)
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
    void ingest.stop(true).then(() => process.exit(0))
  })
