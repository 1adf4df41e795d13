import { sampleAtMs } from '../../media/timeline.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import type { AsRunEntry, Playable, Rundown, RundownItem } from '../../schemas/rundown.ts'
import type { StationFile } from '../../schemas/station.ts'
import { COMMITTED_MS, HORIZON_MS, type Need, nextVersion, programmeOf, sayTheSame, whyPlan } from './decide.ts'
import { departureOf } from './departures.ts'
import type { KeptPlan, PlanStore } from './plan-store.ts'

export type CurrentPlan = Pick<KeptPlan, 'rundown' | 'warnings' | 'reason'>

/** What a plan is made from. */
export type PlanRequest = {
  station: StationFile
  nowMs: number
  /** What sounds or begins before this sample is on air or committed: it stays as `previous` has it. */
  committedUntilSample: number
  untilSample: number
  /** Only the end is missing: all of `previous` stays. */
  extend: boolean
  previous: { rundown: Rundown; cursors: unknown } | null
}
export type PlanMade = {
  fromSample: number
  untilSample: number
  crossfadeSamples: number
  items: RundownItem[]
  reserve: Playable[]
  cursors: unknown
  warnings: string[]
}

export type PlannerOptions = {
  clock: Clock
  log: Logger
  store: PlanStore
  station(): StationFile
  nowMs(): number
  /** Changes when the library does. */
  libraryVersion(): string
  makePlan(request: PlanRequest): PlanMade
  intervalMs: number
  /** Between plans that are not pressing, and after one that failed. */
  pauseMs: number
  /** A new plan is there. */
  onPlan(): void
}

export type Planner = ReturnType<typeof createPlanner>

/** Keeps a plan that reaches a day ahead: looks each second whether a new one is needed, and why. */
export function createPlanner(options: PlannerOptions) {
  const { clock, log, store } = options
  let current: KeptPlan | null = store.readFile()
  let held = 0
  let departure: string | null = null
  let answeredUntilSample = 0
  let plannedAtMs = Number.NEGATIVE_INFINITY
  let problem: string | null = null

  const replace = (next: KeptPlan): void => {
    current = next
    store.write(next)
    options.onPlan()
  }
  const planNow = ({ reason, extend }: Need): void => {
    const nowMs = options.nowMs()
    const station = options.station()
    const library = options.libraryVersion()
    const usable = current && current.rundown.stationId === station.id ? current : null
    plannedAtMs = clock.monotonicMs()
    const made = options.makePlan({
      station,
      nowMs,
      committedUntilSample: sampleAtMs(nowMs + COMMITTED_MS),
      untilSample: sampleAtMs(nowMs + HORIZON_MS),
      extend,
      previous: usable,
    })
    const { fromSample, untilSample, crossfadeSamples, items, reserve, cursors, warnings } = made
    const version = nextVersion(nowMs, current?.rundown.version ?? 0, held)
    const rundown: Rundown = {
      stationId: station.id,
      version,
      madeAtMs: nowMs,
      fromSample,
      untilSample,
      crossfadeSamples,
      items,
      reserve,
    }
    const plan = { cursors, warnings, reason, programme: programmeOf(station), library }
    if (current && usable && sayTheSame(current.rundown, rundown, sampleAtMs(nowMs))) {
      current = { ...plan, rundown: current.rundown }
      log.debug(`planned again, nothing changed: ${reason}`)
      return
    }
    replace({ ...plan, rundown })
    log.info({ version, items: items.length, warnings: warnings.length }, `planned: ${reason}`)
  }
  const tick = (): void => {
    if (problem !== null && clock.monotonicMs() - plannedAtMs < options.pauseMs) return
    const need = whyPlan(
      current,
      {
        nowMs: options.nowMs(),
        stationId: options.station().id,
        programme: programmeOf(options.station()),
        library: options.libraryVersion(),
        mayWait: clock.monotonicMs() - plannedAtMs < options.pauseMs,
      },
      departure,
    )
    if (need === null) return
    if (departure) answeredUntilSample = sampleAtMs(options.nowMs() + COMMITTED_MS)
    departure = null
    try {
      planNow(need)
      problem = null
    } catch (error) {
      problem = `Planning failed, the last plan goes on: ${(error as Error).message}`
      log.error({ error: (error as Error).stack }, problem)
    }
  }
  const stop = clock.every(options.intervalMs, tick)

  return {
    current: (): CurrentPlan | null => current,
    /** Looks now whether a plan is needed, rather than at the next tick. */
    tick,
    stop,
    alarms: (): string[] => (problem ? [problem] : []),
    /** The rundown for playout, above the version that it holds. */
    wanted(heldVersion: number): Rundown | null {
      held = Math.max(held, heldVersion)
      if (current && current.rundown.version < heldVersion)
        replace({
          ...current,
          rundown: { ...current.rundown, version: nextVersion(options.nowMs(), heldVersion, current.rundown.version) },
        })
      return current?.rundown ?? null
    },
    /** Takes in what really played. */
    heard(entries: AsRunEntry[]): void {
      if (current) departure ??= departureOf(entries, current.rundown, answeredUntilSample)
    },
    redisIsBack: (): void => void store.writeShared(),
  }
}
