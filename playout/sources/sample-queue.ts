/** Bytes of a pipe in, sample pairs out. Holds the chunks as they came; nothing is copied until it is read. */
export class SampleQueue {
  private chunks: Buffer[] = []
  private headOffset = 0
  private bytes = 0

  static readonly BYTES_PER_PAIR = 8

  push(chunk: Buffer): void {
    this.chunks.push(chunk)
    this.bytes += chunk.length
  }

  get pairs(): number {
    return Math.floor(this.bytes / SampleQueue.BYTES_PER_PAIR)
  }

  /** The caller has checked that so many pairs are there. */
  read(into: Float32Array, pairs: number): void {
    const target = Buffer.from(into.buffer, into.byteOffset, pairs * SampleQueue.BYTES_PER_PAIR)
    let filled = 0
    while (filled < target.length) {
      const head = this.chunks[0]!
      const take = Math.min(head.length - this.headOffset, target.length - filled)
      head.copy(target, filled, this.headOffset, this.headOffset + take)
      filled += take
      this.headOffset += take
      if (this.headOffset === head.length) {
        this.chunks.shift()
        this.headOffset = 0
      }
    }
    this.bytes -= target.length
  }

  /** Forgets the beginning of a pair that never came whole: what follows comes from another pipe. */
  dropPartialPair(): void {
    let surplus = this.bytes % SampleQueue.BYTES_PER_PAIR
    while (surplus > 0) {
      const last = this.chunks.pop()!
      const cut = Math.min(surplus, this.chunks.length === 0 ? last.length - this.headOffset : last.length)
      if (cut < last.length) this.chunks.push(last.subarray(0, last.length - cut))
      this.bytes -= cut
      surplus -= cut
    }
  }

  clear(): void {
    this.chunks = []
    this.headOffset = 0
    this.bytes = 0
  }
}
