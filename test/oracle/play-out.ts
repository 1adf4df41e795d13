export type Stall = { atMs: number; durationMs: number }

/**
 * A player's buffer in real time, without sound: audio is fed with the moment it arrived, and plays from the first
 * arrival on. Pure arithmetic of monotonic milliseconds.
 */
export type PlayOut = {
  /** Audio arrived. */
  feed(atMs: number, durationMs: number): void
  /** The start-up is over: from now on the least buffer counts. Later calls change nothing. */
  settle(atMs: number): void
  /** What is left to play. */
  bufferedMs(atMs: number): number
  /** All that happened until now; a stall that still lasts is counted so far. */
  result(atMs: number): { stalls: Stall[]; stallMs: number; leastBufferMs: number | null; startedAtMs: number | null }
}

export function createPlayOut(): PlayOut {
  const stalls: Stall[] = []
  let startedAtMs: number | null = null
  let endsAtMs = 0
  let settled = false
  let leastBufferMs: number | null = null
  const noteBuffer = (atMs: number): void => {
    if (settled) leastBufferMs = Math.min(leastBufferMs ?? Infinity, Math.max(0, endsAtMs - atMs))
  }
  return {
    feed(atMs, durationMs) {
      if (startedAtMs === null) {
        startedAtMs = atMs
        endsAtMs = atMs
      }
      noteBuffer(atMs)
      if (atMs > endsAtMs) {
        stalls.push({ atMs: endsAtMs, durationMs: atMs - endsAtMs })
        endsAtMs = atMs
      }
      endsAtMs += durationMs
    },
    settle(atMs) {
      settled = true
      noteBuffer(atMs)
    },
    bufferedMs: (atMs) => (startedAtMs === null ? 0 : Math.max(0, endsAtMs - atMs)),
    result(atMs) {
      const all = [...stalls]
      if (startedAtMs !== null && atMs > endsAtMs) all.push({ atMs: endsAtMs, durationMs: atMs - endsAtMs })
      noteBuffer(atMs)
      return { stalls: all, stallMs: all.reduce((sum, stall) => sum + stall.durationMs, 0), leastBufferMs, startedAtMs }
    },
  }
}
