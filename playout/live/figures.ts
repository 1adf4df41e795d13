import Type, { type Static } from 'typebox'
import { Handoff, type HandoffFigures } from '../../schemas/live.ts'
import { limits } from '../limits.ts'

/** The changes on air that were measured: the newest ones whole, all of them by number. Kept on disk. */
export const Handoffs = Type.Object({
  /** Oldest first. */
  newest: Type.Array(Handoff),
  counts: Type.Record(Type.String(), Type.Integer()),
})
export type Handoffs = Static<typeof Handoffs>

export const noHandoffs = (): Handoffs => ({ newest: [], counts: {} })

export function withHandoff({ newest, counts }: Handoffs, handoff: Handoff): Handoffs {
  return {
    newest: [...newest, handoff].slice(-limits.handoffsKept),
    counts: { ...counts, [handoff.kind]: (counts[handoff.kind] ?? 0) + 1 },
  }
}

/** Over the newest ones, but for the count. Click-to-air is the way in, by a click: an end drains as long as there is something to say. */
export function figuresOf({ newest, counts }: Handoffs): HandoffFigures {
  const clicked = newest.filter(({ kind, clickToAirMs }) => kind !== 'out-of-live' && clickToAirMs !== null)
  return {
    count: Object.values(counts).reduce((sum, count) => sum + count, 0),
    gapMs: quantilesOf(newest.map(({ gapMs }) => gapMs)),
    overlapMs: quantilesOf(newest.map(({ overlapMs }) => overlapMs)),
    clickToAirMs: quantilesOf(clicked.map(({ clickToAirMs }) => clickToAirMs!)),
  }
}

function quantilesOf(values: readonly number[]): { p50: number; p99: number; worst: number } {
  const sorted = [...values].sort((a, b) => a - b)
  // Nearest rank: the smallest value that at least so much of all does not exceed.
  const at = (quantile: number): number => sorted[Math.max(0, Math.ceil(sorted.length * quantile) - 1)] ?? 0
  return { p50: at(0.5), p99: at(0.99), worst: at(1) }
}
