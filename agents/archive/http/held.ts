import { frameAtMs, msOfSegment, segmentOfFrame } from '../../../media/timeline.ts'

/** What listeners may have of the segments held; null when it is nothing. `keptFromMs` answers null when nothing is kept for them. */
export function heldFrom(
  span: { oldest: number; newest: number },
  keptFromMs: (newestMs: number) => number | null,
): { oldest: number; newest: number } | null {
  const fromMs = keptFromMs(msOfSegment(span.newest + 1))
  if (fromMs === null) return null
  const oldest = Math.max(span.oldest, segmentOfFrame(frameAtMs(fromMs)))
  return oldest <= span.newest ? { oldest, newest: span.newest } : null
}
