import type { ShowOccurrence } from './occurrences.ts'

/** A stretch of the day that belongs to one show, or to the rotation (`show` null). */
export type GridSpan = { startMs: number; endMs: number; occurrence: ShowOccurrence | null }

/**
 * Who has the air from `fromMs` to `untilMs`, without holes. Of overlapping shows the one that started later has it until it ends;
 * then the earlier one goes on, if it still runs. Of two that start together: the one in its own time before one shifted by
 * a clock change, then the one further down in the station file.
 */
export function gridSpans(shows: readonly ShowOccurrence[], fromMs: number, untilMs: number): GridSpan[] {
  const edges = new Set([fromMs, untilMs])
  for (const { startMs, endMs } of shows)
    for (const edge of [startMs, endMs]) if (edge > fromMs && edge < untilMs) edges.add(edge)
  const sorted = [...edges].sort((a, b) => a - b)
  const spans: GridSpan[] = []
  for (let index = 0; index + 1 < sorted.length; index++) {
    const startMs = sorted[index]!
    const endMs = sorted[index + 1]!
    const occurrence = shows.filter((show) => show.startMs <= startMs && show.endMs > startMs).reduce(winner, null)
    const previous = spans[spans.length - 1]
    if (previous && previous.occurrence === occurrence) previous.endMs = endMs
    else spans.push({ startMs, endMs, occurrence })
  }
  return spans
}

function winner(one: ShowOccurrence | null, other: ShowOccurrence): ShowOccurrence {
  if (!one) return other
  if (one.startMs !== other.startMs) return one.startMs > other.startMs ? one : other
  if (one.isShifted !== other.isShifted) return one.isShifted ? other : one
  return other
}
