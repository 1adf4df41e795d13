/** How far a timestamp may be from where the ones before lead to. */
const JUMP_MS = 1_000
/** So much audio under one timestamp (in messages): then the sender's clock stands still. */
const STILL_MESSAGES = 50
/** After so many messages without anything odd, nothing is said any more: about half a minute. */
const CALM_MESSAGES = 1_500

/**
 * Says when a sender's timestamps are odd. Nothing depends on them here, but a person may want to know why other programs have trouble with this
 * encoder.
 */
export class TimestampWatch {
  #last: number | null = null
  #still = 0
  #calm = 0
  #sentence: string | null = null

  /** What is odd, in a sentence; null when all is well. */
  take(timestampMs: number): string | null {
    const step = this.#last === null ? 0 : timestampMs - this.#last
    this.#still = this.#last !== null && step === 0 ? this.#still + 1 : 0
    this.#last = timestampMs
    const odd =
      step < 0
        ? 'Its timestamps go back'
        : step > JUMP_MS
          ? `Its timestamps jump by ${(step / 1000).toFixed(1)} s`
          : this.#still > STILL_MESSAGES
            ? 'Its timestamps stand still'
            : null
    if (odd) {
      this.#sentence = `${odd}: the sound is taken in the order in which it arrives.`
      this.#calm = 0
    } else if (++this.#calm > CALM_MESSAGES) this.#sentence = null
    return this.#sentence
  }
}
