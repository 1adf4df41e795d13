/**
 * Bytes of a pipe in, sample pairs out. The bytes are copied into memory of the queue's own: the pipe's chunks die young and are soon
 * collected, where chunks that wait for seconds would lie about as garbage for minutes.
 */
export class SampleQueue {
  static readonly BYTES_PER_PAIR = 8
  private readonly ring: Buffer
  private start = 0
  private bytes = 0

  constructor(pairsMax: number) {
    this.ring =
      ringsAtHand.find(({ length }) => length === pairsMax * SampleQueue.BYTES_PER_PAIR) ??
      Buffer.alloc(pairsMax * SampleQueue.BYTES_PER_PAIR)
    const index = ringsAtHand.indexOf(this.ring)
    if (index >= 0) ringsAtHand.splice(index, 1)
  }

  /** Throws when there is no room: the one who fills must stop in time. */
  push(chunk: Buffer): void {
    if (this.bytes + chunk.length > this.ring.length) throw new Error('more samples than there is room for')
    const at = (this.start + this.bytes) % this.ring.length
    const copied = chunk.copy(this.ring, at)
    chunk.copy(this.ring, 0, copied)
    this.bytes += chunk.length
  }

  get pairs(): number {
    return Math.floor(this.bytes / SampleQueue.BYTES_PER_PAIR)
  }

  /** The caller has checked that so many pairs are there. */
  read(into: Float32Array, pairs: number): void {
    const target = Buffer.from(into.buffer, into.byteOffset, pairs * SampleQueue.BYTES_PER_PAIR)
    const copied = this.ring.copy(target, 0, this.start)
    if (copied < target.length) this.ring.copy(target, copied, 0, target.length - copied)
    this.start = (this.start + target.length) % this.ring.length
    this.bytes -= target.length
  }

  /** Forgets the beginning of a pair that never came whole: what follows comes from another pipe. */
  dropPartialPair(): void {
    this.bytes -= this.bytes % SampleQueue.BYTES_PER_PAIR
  }

  /** Gives the memory back for the next queue. The queue is not used afterwards. */
  close(): void {
    if (ringsAtHand.length < RINGS_AT_HAND_MAX && !ringsAtHand.includes(this.ring)) ringsAtHand.push(this.ring)
    this.bytes = 0
  }
}

/** Two items sound in a crossfade, and a third may be opened. */
const RINGS_AT_HAND_MAX = 3
const ringsAtHand: Buffer[] = []
