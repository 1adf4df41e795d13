import { msOfSample } from '../../media/timeline.ts'
import type { Rundown, RundownItem } from '../../schemas/rundown.ts'
import type { StationFile } from '../../schemas/station.ts'

/** How far a plan reaches, and when it is renewed: so a plan that playout holds is never shorter than a day. */
export const HORIZON_MS = 26 * 3_600_000
export const RENEW_BELOW_MS = 25 * 3_600_000
/** What begins within this time is as good as on air. */
export const COMMITTED_MS = 30_000
/** A plan that begins this far in the future was made by a clock that has gone back since. */
const CLOCK_WENT_BACK_MS = 60_000

export type PlanState = {
  rundown: Rundown
  /** What of the station file and the library it was made from. */
  programme: string
  library: string
}

/** Why a new plan is needed, in a sentence. `extend`: all that is planned stays, only the end is missing. */
export type Need = { reason: string; extend: boolean }

/**
 * Whether a new plan is needed. What is not pressing waits while `mayWait`: a first scan of a library changes it again and
 * again, and a library without music would have us plan each second.
 */
export function whyPlan(
  current: PlanState | null,
  now: { nowMs: number; stationId: string; programme: string; library: string; mayWait: boolean },
  departure: string | null,
): Need | null {
  const need = (reason: string): Need => ({ reason, extend: false })
  if (!current) return need('the first plan')
  const { rundown } = current
  if (rundown.stationId !== now.stationId) return need(`the kept plan is of another station, ${rundown.stationId}`)
  if (msOfSample(rundown.fromSample) > now.nowMs + CLOCK_WENT_BACK_MS) return need('the clock went back')
  if (current.programme !== now.programme) return need('the station file changed')
  if (departure) return need(departure)
  const libraryChanged = current.library !== now.library
  if (libraryChanged && rundown.items.length === 0) return need('the library has changed, and nothing was planned')
  if (now.mayWait) return null
  const leftMs = msOfSample(rundown.untilSample) - now.nowMs
  if (leftMs < COMMITTED_MS) return need('the plan ran out')
  if (libraryChanged) return need('the library changed')
  if (leftMs < RENEW_BELOW_MS) return { reason: 'the plan reached less than 25 h ahead', extend: true }
  return null
}

/** What of the station file decides the plan, as text to compare. */
export const programmeOf = ({ timeZone, audio, programme, musicFolder, emergencyFile }: StationFile): string =>
  JSON.stringify({ timeZone, audio, programme, musicFolder, emergencyFile })

/** Whether two plans say the same about what is to come: then the newer one need not be sent. */
export function sayTheSame(a: Rundown, b: Rundown, fromSample: number): boolean {
  const ahead = (items: RundownItem[]): RundownItem[] =>
    items.filter((item) => item.startSample + item.lengthSamples > fromSample)
  return (
    a.stationId === b.stationId &&
    a.untilSample === b.untilSample &&
    a.crossfadeSamples === b.crossfadeSamples &&
    JSON.stringify([ahead(a.items), a.reserve]) === JSON.stringify([ahead(b.items), b.reserve])
  )
}

/** Above all that is known to have been used, over lost disks too: Unix seconds are the floor. */
export const nextVersion = (nowMs: number, ...used: number[]): number => Math.max(Math.floor(nowMs / 1000), ...used) + 1
