/** A floor of what has arrived: the lowest that `newest offset - local sample` stood at within a window that ended at `atSample`. */
export type Floor = { atSample: number; surplusSamples: number }

/** Beyond this a sender has stalled or sends in pieces: that is no clock. */
const SLOPE_MAX = 0.08
/** What the slope adds up to must stand so many times above what does not fit it. */
const CLEARNESS = 4

/**
 * By how much a sender is faster than the timeline (0.001: by 1,000 ppm), by the median of the slopes between all pairs (Theil 1950,
 * Sen 1968). Null when the floors do not lie on a line, as with a sender that stalls, or when the difference to `believed` is not clear:
 * it must have led out of where the floors `before` have been by what was believed.
 */
export function clearSlope(
  floors: readonly Floor[],
  before: readonly Floor[],
  believed: number,
  differenceMin: number,
): number | null {
  if (floors.length < 2) return null
  const slopes = floors.flatMap((later, index) =>
    floors
      .slice(0, index)
      .map((earlier) => (later.surplusSamples - earlier.surplusSamples) / (later.atSample - earlier.atSample)),
  )
  const slope = medianOf(slopes)
  const difference = Math.abs(slope - believed)
  if (!(Math.abs(slope) < SLOPE_MAX) || difference < differenceMin) return null
  const levels = floors.map(({ atSample, surplusSamples }) => surplusSamples - slope * atSample)
  const level = medianOf(levels)
  const misfit = Math.max(...levels.map((one) => Math.abs(one - level)))
  const span = floors.at(-1)!.atSample - floors[0]!.atSample
  if (difference * span <= CLEARNESS * misfit) return null
  return leadsOut(floors.at(-1)!, before, believed, slope, (difference * span) / 2) ? slope : null
}

function leadsOut(newest: Floor, before: readonly Floor[], believed: number, slope: number, by: number): boolean {
  const levelOf = ({ atSample, surplusSamples }: Floor): number => surplusSamples - believed * atSample
  const levels = before.map(levelOf)
  if (slope < believed) return levelOf(newest) < Math.min(...levels) - by
  return levelOf(newest) > Math.max(...levels) + by
}

export function medianOf(values: readonly number[]): number {
  const ordered = [...values].sort((a, b) => a - b)
  const middle = ordered.length >> 1
  return ordered.length % 2 === 1 ? ordered[middle]! : (ordered[middle - 1]! + ordered[middle]!) / 2
}
