import { randomInt } from 'node:crypto'
import { systemClock } from '../../platform/clock.ts'
import { createLogger } from '../../platform/log.ts'
import { collectGarbageEvery } from '../../platform/memory.ts'
import { softwareVersion } from '../shared/software-version.ts'
import { readFlags } from './flags.ts'
import { type Slicer, startSlicer } from './slicer.ts'

const STOP_MS_MAX = 2_500
const GARBAGE_MS = 30_000

const log = createLogger('slicer')

async function start(): Promise<Slicer> {
  const { dataFolder, ...flags } = readFlags(process.argv.slice(2), process.env)
  const slicer = await startSlicer({
    ...flags,
    folder: dataFolder,
    softwareVersion: softwareVersion(),
    clock: systemClock,
    random: () => randomInt(2 ** 32) / 2 ** 32,
    log,
  })
  const { id, httpPort, rtmpPort } = slicer
  log.info(
    { id, httpPort, rtmpPort },
    `slicer ${id} answers on http://${flags.address}:${httpPort} and takes the push on rtmp://${flags.address}:${rtmpPort}/live`,
  )
  return slicer
}

const slicer = await start().catch((error: Error) => {
  log.fatal(`The slicer can't start: ${error.message}`)
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
    void slicer.stop(true).then(() => process.exit(0))
  })
