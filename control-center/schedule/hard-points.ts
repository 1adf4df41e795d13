import type { FixedItem } from '../../schemas/station.ts'
import type { GridSpan } from './grid-spans.ts'
import type { FixedOccurrence } from './occurrences.ts'
import type { PlanSources } from './sources.ts'

/** An instant at which something must start, whatever plays: a fixed item, or the first item of a stretch of the grid. */
export type HardPoint = {
  atMs: number
  waitSecondsMax: number
  /** Null: what the grid has there. */
  fixed: { item: FixedItem; origin: string } | null
}

/** What waits sounds at least this long before the next hard point. */
const SOUNDING_SECONDS_MIN = 20

/**
 * The hard points of a stretch of time, in order. A show's start is one, unless a fixed item is due at the same moment: then the show
 * begins right after it. The end of a show is one when the show is in order (its file is cut there); after a shuffled show the rotation
 * takes over at the end of a song.
 */
export function hardPoints(
  spans: readonly GridSpan[],
  fixed: readonly FixedOccurrence[],
  sources: PlanSources,
): HardPoint[] {
  const points: HardPoint[] = fixed.map(({ item, origin, atMs }) => ({
    atMs,
    waitSecondsMax: item.waitSecondsMax,
    fixed: { item, origin },
  }))
  const taken = new Set(points.map(({ atMs }) => atMs))
  spans.forEach((span, index) => {
    const before = spans[index - 1]
    if (!before || taken.has(span.startMs)) return
    const endsInOrder = before.occurrence !== null && sources.get(before.occurrence.origin)?.order === 'in-order'
    const goesOn = span.occurrence !== null && span.startMs > span.occurrence.startMs
    if (!span.occurrence && !endsInOrder) return
    const waitSecondsMax = span.occurrence && !goesOn ? span.occurrence.show.waitSecondsMax : 0
    points.push({ atMs: span.startMs, waitSecondsMax, fixed: null })
  })
  const sorted = points.sort((a, b) => a.atMs - b.atMs)
  return sorted.map((point, index) => ({ ...point, waitSecondsMax: waitBefore(point, sorted[index + 1]) }))
}

/** An item that waits must not push the next one from its time: it begins early enough to sound before that, or on its own time. */
function waitBefore({ atMs, waitSecondsMax }: HardPoint, next: HardPoint | undefined): number {
  if (!next) return waitSecondsMax
  return Math.min(waitSecondsMax, Math.max(0, (next.atMs - atMs) / 1000 - SOUNDING_SECONDS_MIN))
}
