/** So much time is looked at, in so many arrivals at most. */
const LOOKED_AT_MS = 8_000
const ARRIVALS_MAX = 500
/** Until more comes, the first audio tells, when it is long and came at once; and at first shorter pauses say little. */
const AT_ONCE_MS = 50
const FIRST_LOOK_MS = 2_000
const FIRST_PIECE_MS_MIN = 400

/**
 * In how long pieces audio comes: half of the time lies between arrivals that are at least so far apart. A stall or two do not count; a
 * sender that fills pages of a second before it sends them (Ogg) is known by its first page.
 */
export class PieceLength {
  #firstMs = 0
  #firstAudioMs = 0
  #lastMs: number | null = null
  readonly #gaps: { atMs: number; lengthMs: number }[] = []

  /** So much audio has arrived. Instants are of a monotonic clock. */
  take(nowMs: number, audioMs: number): void {
    if (this.#lastMs === null) {
      this.#firstMs = nowMs
      this.#firstAudioMs = 0
    } else this.#gaps.push({ atMs: nowMs, lengthMs: nowMs - this.#lastMs })
    this.#lastMs = nowMs
    if (nowMs - this.#firstMs <= AT_ONCE_MS) this.#firstAudioMs += audioMs
    while (this.#gaps.length > ARRIVALS_MAX || nowMs - (this.#gaps[0]?.atMs ?? nowMs) > LOOKED_AT_MS) this.#gaps.shift()
  }

  /** Another connection: its sender may be another one. */
  reset(): void {
    this.#lastMs = null
    this.#gaps.length = 0
  }

  /** 0 as long as too little has come to tell. */
  get ms(): number {
    if (this.#lastMs === null) return 0
    const lookedAtMs = this.#lastMs - this.#firstMs
    const ms = lookedAtMs <= AT_ONCE_MS ? this.#firstAudioMs : this.#usualGapMs()
    return lookedAtMs < FIRST_LOOK_MS && ms < FIRST_PIECE_MS_MIN ? 0 : Math.round(ms)
  }

  #usualGapMs(): number {
    const longestFirst = this.#gaps.map(({ lengthMs }) => lengthMs).sort((a, b) => b - a)
    const half = longestFirst.reduce((sum, length) => sum + length, 0) / 2
    let covered = 0
    for (const [index, length] of longestFirst.entries()) {
      covered += length
      if (covered < half) continue
      // One long pause in the first moments is a stall, unless the sound before it had come in one long piece too.
      return index === 0 && this.#firstAudioMs < FIRST_PIECE_MS_MIN ? 0 : length
    }
    return 0
  }
}
