import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import type { LivePlan } from '../../schemas/live.ts'
import type { PlayoutStatus, PushTargets } from '../../schemas/playout.ts'
import type { Rundown } from '../../schemas/rundown.ts'
import type { PlayoutClient } from './playout-client.ts'
import type { PlayoutClock } from './playout-clock.ts'
import { type PlayoutCommand, whatDiffers } from './reconcile.ts'

const REFUSED_RETRY_MS_MAX = 30_000

/** One answer that comes too late on a busy machine is no outage. */
const FAILURES_TILL_PROBLEM = 2

export type LinkOptions = {
  stationId: string
  client: PlayoutClient
  clock: Clock
  playoutClock: PlayoutClock
  log: Logger
  intervalMs: number
  /** What playout should hold, given what it holds: versions below what it has are of no use. */
  wantedRundown(held: PlayoutStatus): Rundown | null
  wantedTargets(held: PlayoutStatus): PushTargets | null
  wantedLivePlan(held: PlayoutStatus): LivePlan | null
  /** Called with each new status, before anything is sent. */
  onStatus(status: PlayoutStatus): void
}

export type PlayoutLink = ReturnType<typeof createPlayoutLink>

/**
 * Makes playout hold what we want, level-triggered: each second (and at once when poked) it asks what playout holds and sends
 * what differs. A lost answer, a restart of either side, a restored backup: all look the same to it.
 */
export function createPlayoutLink(options: LinkOptions) {
  const { client, clock, playoutClock, log } = options
  const refused = new Map<
    PlayoutCommand['put'],
    { version: number; times: number; againAtMs: number; reason: string }
  >()
  let last: { status: PlayoutStatus; atMs: number } | null = null
  let problem: string | null = 'playout has not been asked yet'
  let failures = 0
  let running = false
  let again = false

  const send = async (command: PlayoutCommand): Promise<void> => {
    const version = versionOf(command)
    const before = refused.get(command.put)
    if (before && before.version === version && clock.monotonicMs() < before.againAtMs) return
    try {
      if (command.put === 'rundown') await client.putRundown(command.rundown)
      else if (command.put === 'targets') await client.putTargets(command.targets)
      else await client.putLivePlan(command.livePlan)
      refused.delete(command.put)
      log.info({ put: command.put, version }, `told playout: ${command.reason}`)
    } catch (error) {
      const times = before?.version === version ? before.times + 1 : 1
      const reason = `Playout did not take the ${command.put} (version ${version}): ${(error as Error).message}`
      const waitMs = Math.min(REFUSED_RETRY_MS_MAX, options.intervalMs * 2 ** Math.min(times, 8))
      refused.set(command.put, { version, times, againAtMs: clock.monotonicMs() + waitMs, reason })
      log.warn({ put: command.put, version, times }, reason)
    }
  }
  const round = async (): Promise<void> => {
    const askedAtMs = clock.monotonicMs()
    let status: PlayoutStatus
    try {
      status = await client.status()
    } catch (error) {
      failures += 1
      const next = `Playout can't be reached: ${(error as Error).message}`
      if (problem === null && failures < FAILURES_TILL_PROBLEM) return
      if (problem === null) log.warn(next)
      problem = next
      return
    }
    failures = 0
    if (status.stationId !== options.stationId) {
      problem = `Playout plays another station, ${status.stationId}: start both with the same station file, or correct --playout`
      return
    }
    const answeredAtMs = clock.monotonicMs()
    playoutClock.heard(status.nowMs, askedAtMs, answeredAtMs)
    if (problem !== null) log.info({ generation: status.generation }, 'playout is there')
    problem = null
    last = { status, atMs: answeredAtMs }
    options.onStatus(status)
    const wanted = {
      targets: options.wantedTargets(status),
      livePlan: options.wantedLivePlan(status),
      rundown: options.wantedRundown(status),
    }
    for (const command of whatDiffers(status, wanted)) await send(command)
  }
  /** Runs a round now; when one is on its way, another one right after it. */
  const poke = (): void => {
    if (running) {
      again = true
      return
    }
    running = true
    void round()
      .catch((error: Error) => log.error({ error: error.stack }, 'a round with playout failed'))
      .finally(() => {
        running = false
        if (!again) return
        again = false
        poke()
      })
  }
  const stop = clock.every(options.intervalMs, poke)
  poke()

  return {
    poke,
    stop,
    /** Playout's last answer and its age; null before the first one. */
    last: (): { status: PlayoutStatus; ageMs: number } | null =>
      last && { status: last.status, ageMs: clock.monotonicMs() - last.atMs },
    /** Null while playout answers; otherwise why it can't be seen, in a sentence. */
    problem: () => problem,
    alarms: (): string[] => [...refused.values()].map(({ reason }) => reason),
  }
}

function versionOf(command: PlayoutCommand): number {
  if (command.put === 'rundown') return command.rundown.version
  return command.put === 'targets' ? command.targets.version : command.livePlan.version
}
