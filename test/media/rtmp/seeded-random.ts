/** Numbers that look random and are the same in each run (a 32-bit xorshift). */
export class SeededRandom {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 1
  }

  /** A whole number from 0 up to, not including, the limit. */
  below(limit: number): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>> 0) % limit
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.alloc(length)
    for (let index = 0; index < length; index++) bytes[index] = this.below(256)
    return bytes
  }
}
