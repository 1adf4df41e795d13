import { randomInt } from 'node:crypto'
import { type Clock, systemClock } from '../../platform/clock.ts'
import { createLogger, type Logger } from '../../platform/log.ts'
import { collectGarbageEvery } from '../../platform/memory.ts'
import { type Processes, systemProcesses } from '../../platform/processes.ts'
import { softwareVersion } from './software-version.ts'

/** What every agent is given by the machine it runs on. */
export type Surroundings = {
  softwareVersion: string
  clock: Clock
  processes: Processes
  /** From 0 to 1. */
  random(): number
  log: Logger
}

const STOP_MS_MAX = 2_500
const GARBAGE_MS = 30_000

/** An agent as a program: started, or ended with a sentence; said goodbye for at SIGTERM and SIGINT, within 2.5 s. */
export async function runAgent(
  name: string,
  start: (surroundings: Surroundings) => Promise<{ stop(leave: boolean): Promise<void> }>,
): Promise<void> {
  const log = createLogger(name)
  const agent = await start({
    softwareVersion: softwareVersion(),
    clock: systemClock,
    processes: systemProcesses,
    random: () => randomInt(2 ** 32) / 2 ** 32,
    log,
  }).catch((error: Error) => {
    log.fatal(`The ${name} can't start: ${error.message}`)
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
      void agent.stop(true).then(() => process.exit(0))
    })
}
