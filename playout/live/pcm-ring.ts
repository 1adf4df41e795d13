const BYTES_PER_PAIR = 8

/**
 * A feed's newest sample pairs (interleaved 32-bit floats), found by their offsets. Bytes come in as they arrive, in pieces of any size.
 * Not a queue: a resampler looks back and ahead.
 */
export class PcmRing {
  private readonly floats: Float32Array
  private readonly bytes: Buffer
  private readonly pairsMax: number
  /** First offset held, and the first one not yet here. */
  private startOffset = 0
  private endBytes = 0

  constructor(pairsMax: number) {
    this.pairsMax = pairsMax
    this.floats = new Float32Array(pairsMax * 2)
    this.bytes = Buffer.from(this.floats.buffer)
  }

  /** Empty, and the next byte belongs to this offset. */
  reset(offset: number): void {
    this.startOffset = offset
    this.endBytes = offset * BYTES_PER_PAIR
  }

  get oldest(): number {
    return this.startOffset
  }

  get newest(): number {
    return Math.floor(this.endBytes / BYTES_PER_PAIR)
  }

  get roomPairs(): number {
    return this.pairsMax - Math.ceil(this.endBytes / BYTES_PER_PAIR) + this.startOffset
  }

  /** What is beyond the room is an error: the one who fills must stop in time. */
  push(chunk: Buffer): void {
    if (chunk.length > this.pairsMax * BYTES_PER_PAIR - (this.endBytes - this.startOffset * BYTES_PER_PAIR))
      throw new Error('more samples than there is room for')
    const at = this.endBytes % this.bytes.length
    const copied = chunk.copy(this.bytes, at)
    chunk.copy(this.bytes, 0, copied)
    this.endBytes += chunk.length
  }

  /** The beginning of a pair that never came whole is forgotten: it comes again on another connection. */
  dropPartialPair(): void {
    this.endBytes -= this.endBytes % BYTES_PER_PAIR
  }

  /** Lets go of what lies before an offset. */
  discardBefore(offset: number): void {
    this.startOffset = Math.max(this.startOffset, Math.min(offset, this.newest))
  }

  /** Copies pairs from an offset on; where nothing is held there is silence. */
  copyTo(target: Float32Array, offset: number, pairs: number): void {
    const from = Math.max(offset, this.startOffset)
    const until = Math.min(offset + pairs, this.newest)
    if (until <= from) {
      target.fill(0, 0, pairs * 2)
      return
    }
    target.fill(0, 0, (from - offset) * 2)
    target.fill(0, (until - offset) * 2, pairs * 2)
    for (let at = from; at < until; ) {
      const slot = at % this.pairsMax
      const count = Math.min(until - at, this.pairsMax - slot)
      target.set(this.floats.subarray(slot * 2, (slot + count) * 2), (at - offset) * 2)
      at += count
    }
  }
}
