import { SEGMENT_SECONDS, sampleAtMs } from '../../media/timeline.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import type { AsRunEntry, Rundown, RundownItem } from '../../schemas/rundown.ts'
import type { StationFile } from '../../schemas/station.ts'
import { freshCursors } from '../schedule/cursors.ts'
import { COMMIT_MS, type Plan, planRundown } from '../schedule/plan.ts'
import { HORIZON_MS, isOfUse, nextVersion, programmeOf, sayTheSame, whyPlan } from './decide.ts'
import { departureOf } from './departures.ts'
import { holeAlarms } from './hole-alarms.ts'
import { cursorsFor, keepOf, type Placed } from './keep.ts'
import type { MusicLibrary } from './music-library.ts'
import type { KeptPlan, PlanStore } from './plan-store.ts'

export type CurrentPlan = Pick<KeptPlan, 'rundown' | 'warnings' | 'reason'>

export type DryRun = { fromMs: number; untilMs: number; items: RundownItem[]; warnings: string[] }

const DRY_RUN_KEPT_MS = 60_000
const DRY_RUNS_KEPT_MAX = 2

export type PlannerOptions = {
  clock: Clock
  log: Logger
  store: PlanStore
  library: Pick<MusicLibrary, 'resolve' | 'version'>
  station(): StationFile
  nowMs(): number
  /** Playout's placements; null when they are not known or old. */
  placed(): Placed | null
  intervalMs: number
  /** Between plans that are not pressing, and after one that failed. */
  pauseMs: number
  /** A new plan is there. */
  onPlan(): void
}

export type Planner = ReturnType<typeof createPlanner>

/** Keeps a plan that reaches a day ahead: looks each second whether a new one is needed, and why. */
export function createPlanner(options: PlannerOptions) {
  const { clock, log, store, library } = options
  let current: KeptPlan | null = store.readFile()
  let heldVersion = 0
  let departure: string | null = null
  let answeredUntilSample = 0
  let plannedAtMs = Number.NEGATIVE_INFINITY
  let problem: string | null = null
  const dryRuns = new Map<number, { run: DryRun; madeFor: Rundown | undefined; atMs: number }>()

  const take = (next: KeptPlan): void => {
    current = next
    store.write(next)
    options.onPlan()
  }
  const planFrom = (before: KeptPlan | null, spanMs: number, version: number): Plan => {
    const nowMs = options.nowMs()
    const keep = before ? keepOf(before.rundown, options.placed(), nowMs) : []
    const station = options.station()
    // The very first plan begins a window before now: playout fills its listeners' window from there.
    const backMs = before?.rundown.items.length ? 0 : (station.hls.windowSegments + 2) * SEGMENT_SECONDS * 1000
    const request = {
      ...{ station, library, version, nowMs, keep },
      fromSample: sampleAtMs(nowMs - backMs),
      untilSample: sampleAtMs(nowMs + spanMs),
    }
    if (!before) return planRundown({ ...request, cursors: freshCursors })
    try {
      return planRundown({ ...request, cursors: cursorsFor(before.cursors, keep, before.rundown) })
    } catch (error) {
      // What was kept by another version of this program may not suit this one: then the sources begin anew.
      log.error({ error: (error as Error).stack }, 'planning on from the kept cursors failed')
      return planRundown({ ...request, cursors: freshCursors })
    }
  }
  const planNow = (reason: string, libraryVersion: string): void => {
    const nowMs = options.nowMs()
    const station = options.station()
    const before = current && isOfUse(current, nowMs, station.id) ? current : null
    plannedAtMs = clock.monotonicMs()
    const version = nextVersion(nowMs, current?.rundown.version ?? 0, heldVersion)
    const { rundown, cursors, warnings } = planFrom(before, HORIZON_MS, version)
    const made = { cursors, reason, programme: programmeOf(station), library: libraryVersion }
    const plan: KeptPlan = { ...made, rundown, warnings: warnings.map(({ sentence }) => sentence) }
    if (before && sayTheSame(before.rundown, rundown, sampleAtMs(nowMs))) {
      current = { ...plan, rundown: before.rundown, cursors: before.cursors }
      return
    }
    take(plan)
    log.info({ version, items: rundown.items.length, warnings: warnings.length }, `planned: ${reason}`)
  }
  /** Looks whether a plan is needed. While the library was never looked through, the plan that there is goes on. */
  const tick = (): void => {
    const libraryVersion = library.version()
    if (libraryVersion === null) return
    const mayWait = clock.monotonicMs() - plannedAtMs < options.pauseMs
    if (problem !== null && mayWait) return
    const station = options.station()
    const now = { nowMs: options.nowMs(), stationId: station.id, programme: programmeOf(station) }
    const reason = whyPlan(current, { ...now, library: libraryVersion, mayWait }, departure)
    if (reason === null) return
    if (departure) answeredUntilSample = sampleAtMs(now.nowMs + COMMIT_MS)
    departure = null
    try {
      planNow(reason, libraryVersion)
      problem = null
    } catch (error) {
      plannedAtMs = clock.monotonicMs()
      problem = `Planning failed, the last plan goes on: ${(error as Error).message}`
      log.error({ error: (error as Error).stack }, problem)
    }
  }
  const stop = clock.every(options.intervalMs, tick)

  return {
    current: (): CurrentPlan | null => current,
    tick,
    stop,
    alarms: (): string[] => [
      ...(problem ? [problem] : []),
      ...(current ? holeAlarms(current.rundown, sampleAtMs(options.nowMs())) : []),
    ],
    /** The rundown for playout, above the version that it holds. */
    wanted(held: number): Rundown | null {
      heldVersion = Math.max(heldVersion, held)
      if (current && current.rundown.version < held) {
        const version = nextVersion(options.nowMs(), held)
        take({ ...current, rundown: { ...current.rundown, version } })
      }
      return current?.rundown ?? null
    },
    /** Takes in what really played. */
    heard(entries: AsRunEntry[]): void {
      if (current) departure ??= departureOf(entries, current.rundown, answeredUntilSample)
    },
    /** Plans some days ahead, and does nothing with it. It costs a good part of a second, so one answer serves a minute. */
    dryRun(days: number): DryRun {
      const kept = dryRuns.get(days)
      if (kept && kept.madeFor === current?.rundown && clock.monotonicMs() - kept.atMs < DRY_RUN_KEPT_MS)
        return kept.run
      const spanMs = days * 24 * 3_600_000
      const { rundown, warnings } = planFrom(current, spanMs, 1)
      const fromMs = options.nowMs()
      const sentences = warnings.map(({ sentence }) => sentence)
      const run = { fromMs, untilMs: fromMs + spanMs, items: rundown.items, warnings: sentences }
      if (dryRuns.size >= DRY_RUNS_KEPT_MAX) dryRuns.clear()
      dryRuns.set(days, { run, madeFor: current?.rundown, atMs: clock.monotonicMs() })
      return run
    },
    redisIsBack: (): void => void store.writeShared(),
  }
}
