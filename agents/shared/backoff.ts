/**
 * How long to wait before the next attempt: doubles from `firstMs` to `longestMs`, drawn evenly from the upper half, so that
 * nodes that failed together do not come back together. `attempt` counts from 0; `random` answers in [0, 1).
 */
export function backoffMs(attempt: number, firstMs: number, longestMs: number, random: () => number): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 30))
  return full * (0.5 + random() / 2)
}
