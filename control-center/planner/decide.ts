import { endSampleOf } from '../../media/rundown-joins.ts'
import { msOfSample } from '../../media/timeline.ts'
import type { Rundown, RundownItem } from '../../schemas/rundown.ts'
import type { StationFile } from '../../schemas/station.ts'
import { COMMIT_MS } from '../schedule/plan.ts'

/** How far a plan reaches, and when it is renewed: so a plan that playout holds is never shorter than a day. */
export const HORIZON_MS = 26 * 3_600_000
const RENEW_BELOW_MS = 25 * 3_600_000
/** A plan that begins this far in the future was made by a clock that has gone back since. */
const CLOCK_WENT_BACK_MS = 60_000

export type PlanState = {
  rundown: Rundown
  /** What of the station file and the library it was made from. */
  programme: string
  library: string
}

/**
 * Why a new plan is needed, in a sentence; null when the one there is will do. What is not pressing waits while `mayWait`: a
 * first scan of a library changes it again and again, and a library without music would have us plan each second.
 */
export function whyPlan(
  current: PlanState | null,
  now: { nowMs: number; stationId: string; programme: string; library: string; mayWait: boolean },
  departure: string | null,
): string | null {
  if (!current) return 'the first plan'
  const { rundown } = current
  if (rundown.stationId !== now.stationId) return `the kept plan is of another station, ${rundown.stationId}`
  if (msOfSample(rundown.fromSample) > now.nowMs + CLOCK_WENT_BACK_MS) return 'the clock went back'
  if (current.programme !== now.programme) return 'the station file changed'
  if (departure) return departure
  const libraryChanged = current.library !== now.library
  if (libraryChanged && rundown.items.length === 0) return 'the library has changed, and nothing was planned'
  if (now.mayWait) return null
  const leftMs = msOfSample(rundown.untilSample) - now.nowMs
  if (leftMs < COMMIT_MS) return 'the plan ran out'
  if (libraryChanged) return 'the library changed'
  if (leftMs < RENEW_BELOW_MS) return 'the plan reached less than 25 h ahead'
  return null
}

/** A plan that can't be gone on from: another station's, or one of a clock that was ahead. */
export const isOfUse = ({ rundown }: PlanState, nowMs: number, stationId: string): boolean =>
  rundown.stationId === stationId && msOfSample(rundown.fromSample) <= nowMs + CLOCK_WENT_BACK_MS

/** What of the station file decides the plan, as text to compare. */
export const programmeOf = ({ timeZone, audio, programme }: StationFile): string =>
  JSON.stringify({ timeZone, audio, programme })

/** Whether two plans say the same about what is to come: then the newer one need not be sent. */
export function sayTheSame(a: Rundown, b: Rundown, fromSample: number): boolean {
  const ahead = (items: RundownItem[]): RundownItem[] => items.filter((item) => endSampleOf(item) > fromSample)
  return (
    a.stationId === b.stationId &&
    a.untilSample === b.untilSample &&
    a.crossfadeSamples === b.crossfadeSamples &&
    JSON.stringify([ahead(a.items), a.reserve]) === JSON.stringify([ahead(b.items), b.reserve])
  )
}

/** Above all that is known to have been used, over lost disks too: Unix seconds are the floor. */
export const nextVersion = (nowMs: number, ...used: number[]): number => Math.max(Math.floor(nowMs / 1000), ...used) + 1
