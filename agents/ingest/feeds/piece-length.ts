/** So much time is looked at, in so many arrivals at most. */
const LOOKED_AT_MS = 8_000
const ARRIVALS_MAX = 500

/**
 * In how long pieces audio comes: half of the time lies between arrivals that are at least so far apart. A stall or two do not count; a
 * sender that fills pages of a second before it sends them (Ogg) is known by its second page.
 */
export class PieceLength {
  #lastMs: number | null = null
  readonly #gaps: { atMs: number; lengthMs: number }[] = []

  /** Audio has arrived. Instants are of a monotonic clock. */
  take(nowMs: number): void {
    if (this.#lastMs !== null) this.#gaps.push({ atMs: nowMs, lengthMs: nowMs - this.#lastMs })
    this.#lastMs = nowMs
    while (this.#gaps.length > ARRIVALS_MAX || nowMs - (this.#gaps[0]?.atMs ?? nowMs) > LOOKED_AT_MS) this.#gaps.shift()
  }

  /** Another connection: its sender may be another one. */
  reset(): void {
    this.#lastMs = null
    this.#gaps.length = 0
  }

  /** 0 as long as too little has come to tell. */
  get ms(): number {
    const longestFirst = this.#gaps.map(({ lengthMs }) => lengthMs).sort((a, b) => b - a)
    const half = longestFirst.reduce((sum, length) => sum + length, 0) / 2
    let covered = 0
    for (const length of longestFirst) {
      covered += length
      if (covered >= half) return Math.round(length)
    }
    return 0
  }
}
