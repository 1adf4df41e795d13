/** So much at once, and so much a second in the long run. Amounts are the caller's: samples, messages. */
export class Allowance {
  readonly #most: number
  readonly #perSecond: number
  #left: number
  #atMs: number

  constructor(most: number, perSecond: number, nowMs: number) {
    this.#most = most
    this.#perSecond = perSecond
    this.#left = most
    this.#atMs = nowMs
  }

  /** Whether so much is left; if so it is taken. */
  take(amount: number, nowMs: number): boolean {
    this.#left = Math.min(this.#most, this.#left + ((nowMs - this.#atMs) / 1000) * this.#perSecond)
    this.#atMs = nowMs
    if (this.#left < amount) return false
    this.#left -= amount
    return true
  }
}
