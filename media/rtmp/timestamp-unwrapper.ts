/** A step back of all but at most this from 2^31 is the wrap of a sender that counts with 31 bits, as ffmpeg's FLV muxer does. */
const NARROW_WRAP_SLACK_MS = 60_000

/**
 * Turns timestamps modulo 2^32 ms (they wrap after 49.7 days) into plain rising numbers. A step of less than 2^31 in either
 * direction is taken as what it seems: forward across the wrap goes on rising, a small step back stays a small step back.
 */
export class TimestampUnwrapper {
  #last: number | null = null

  /** The timestamp of the stream that leads (audio): later ones are seen from here. */
  advance(timestamp: number): number {
    this.#last = this.near(timestamp)
    return this.#last
  }

  /** The same instant for a message that does not lead, as metadata with a timestamp of its own making. */
  near(timestamp: number): number {
    if (this.#last === null) return timestamp
    // `| 0` makes the difference modulo 2^32 signed.
    const step = (timestamp - (this.#last % 0x1_0000_0000)) | 0
    return this.#last + (step < NARROW_WRAP_SLACK_MS - 0x8000_0000 ? step + 0x8000_0000 : step)
  }
}
