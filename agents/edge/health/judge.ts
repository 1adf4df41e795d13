import type { Observation } from './observation.ts'

/** How the edge stands to one serving slicer. Times are monotonic milliseconds. */
export type Standing = {
  id: string
  /** Since when another slicer has listed what this one has not. */
  behindSinceMs: number | null
  /** Since when nothing speaks against it; null while something does. */
  goodSinceMs: number | null
  out: { sinceMs: number; reason: string } | null
  /** How often it was taken out lately: each time it waits longer. */
  timesOut: number
}

export type Verdict = { id: string; verdict: 'take out' | 'put back'; reason: string }

export type Judgement = {
  standings: Standing[]
  verdicts: Verdict[]
  /** Why nobody could be taken out although somebody is ill; null otherwise. */
  held: string | null
}

/** Failing for so long, the first failing probe's own time included, is more than a hiccup. */
export const FAILING_MAX_MS = 1_500
/** Slicers list a segment at the same instant; one that is still behind at a probe begun so much later is frozen. */
export const BEHIND_MAX_MS = 1_000
/** A segment's time and a probe: a slicer comes back after it has shown a new segment. */
export const GOOD_BEFORE_RETURN_MS = 5_000
const GOOD_BEFORE_RETURN_MAX_MS = 80_000
const FORGIVEN_AFTER_MS = 600_000

export const newStanding = (id: string): Standing => ({
  id,
  behindSinceMs: null,
  goodSinceMs: null,
  out: null,
  timesOut: 0,
})

/**
 * Decides which serving slicers listeners are sent to. One that fails, is frozen while others advance, or serves wrong
 * bytes goes; it comes back after a time of good conduct. When all of them are ill, or the whole station is late,
 * nobody goes: the origin list is never empty, and a station's fault is no slicer's.
 *
 * `observations` are those of the serving slicers, in any order; `wrong` says whose bytes are wrong, and why.
 */
export function judge(
  before: readonly Standing[],
  observations: readonly Observation[],
  wrong: ReadonlyMap<string, string>,
  nowMs: number,
): Judgement {
  const known = new Map(before.map((standing) => [standing.id, standing]))
  const front = newestOfAll(observations)
  const cases = observations.map((observation) => {
    const old = known.get(observation.id) ?? newStanding(observation.id)
    const lag = lagBehind(observation, front)
    const behindSinceMs = lag === null ? null : (old.behindSinceMs ?? nowMs)
    const complaint = complaintAgainst(observation, lag, behindSinceMs, wrong.get(observation.id))
    // A short lag is none: slicers are probed one after the other.
    const isSpotless = observation.probedAtMs !== null && observation.failing === null && complaint === null
    const goodSinceMs = isSpotless ? (old.goodSinceMs ?? nowMs) : null
    return { standing: { ...old, behindSinceMs, goodSinceMs }, complaint }
  })

  const isIn = ({ standing }: (typeof cases)[number]): boolean => standing.out === null
  const ill = cases.filter((one) => isIn(one) && one.complaint !== null)
  const sound = cases.filter((one) => isIn(one) && one.complaint === null)
  const rescuers = cases.filter((one) => !isIn(one) && one.standing.goodSinceMs !== null)
  const mayTakeOut = sound.length > 0 || rescuers.length > 0
  const verdicts: Verdict[] = []
  for (const one of cases) {
    const { standing, complaint } = one
    if (standing.out === null) {
      if (complaint !== null && mayTakeOut) {
        verdicts.push({ id: standing.id, verdict: 'take out', reason: complaint })
        standing.out = { sinceMs: nowMs, reason: complaint }
        standing.timesOut += 1
      } else if (standing.goodSinceMs !== null && nowMs - standing.goodSinceMs > FORGIVEN_AFTER_MS)
        standing.timesOut = 0
      continue
    }
    if (standing.goodSinceMs === null) continue
    const goodForMs = nowMs - standing.goodSinceMs
    const isNeeded = sound.length === 0 && ill.length > 0
    if (isNeeded || goodForMs >= goodBeforeReturnMs(standing.timesOut)) {
      const reason = isNeeded
        ? 'it answers well and every other serving slicer is ill'
        : `it has answered well for ${seconds(goodForMs)}`
      verdicts.push({ id: standing.id, verdict: 'put back', reason })
      standing.out = null
    }
  }
  const held =
    ill.length > 0 && !mayTakeOut
      ? `nobody is taken out, for no serving slicer is well: ${ill.map((one) => `${one.standing.id}: ${one.complaint}`).join('; ')}`
      : null
  return { standings: cases.map(({ standing }) => standing), verdicts, held }
}

/** 5 s after the first time, then 10 s, 20 s, … */
export function goodBeforeReturnMs(timesOut: number): number {
  return Math.min(GOOD_BEFORE_RETURN_MAX_MS, GOOD_BEFORE_RETURN_MS * 2 ** Math.max(0, timesOut - 1))
}

/** Slicers that fail do not count: what they listed last is no measure for others. */
function newestOfAll(observations: readonly Observation[]): Map<string, number> {
  const front = new Map<string, number>()
  for (const { failing, newestSegment } of observations) {
    if (failing !== null) continue
    for (const [rendition, segment] of Object.entries(newestSegment)) {
      front.set(rendition, Math.max(segment, front.get(rendition) ?? 0))
    }
  }
  return front
}

function lagBehind(observation: Observation, front: ReadonlyMap<string, number>): string | null {
  for (const [rendition, newest] of front) {
    const own = observation.newestSegment[rendition]
    if (own !== undefined && own < newest) {
      return `its newest segment of ${rendition} is ${own} while another slicer lists ${newest}`
    }
  }
  return null
}

function complaintAgainst(
  observation: Observation,
  lag: string | null,
  behindSinceMs: number | null,
  wrong: string | undefined,
): string | null {
  if (wrong !== undefined) return wrong
  const { failing, probedAtMs, probeEndedAtMs } = observation
  if (failing !== null && probeEndedAtMs !== null && probeEndedAtMs - failing.sinceMs >= FAILING_MAX_MS) {
    return `${failing.reason} (for ${seconds(probeEndedAtMs - failing.sinceMs)})`
  }
  if (lag !== null && behindSinceMs !== null && probedAtMs !== null && probedAtMs - behindSinceMs >= BEHIND_MAX_MS) {
    return `${lag}, for ${seconds(probedAtMs - behindSinceMs)}`
  }
  return null
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
