/** The newest blocks of PCM, by their number on the timeline: what a new encoder is fed when the old one dies. */
export class BlockRing {
  private readonly blocks: (Float32Array | undefined)[]
  private next: number | null = null
  private oldest = 0

  constructor(capacity: number) {
    this.blocks = new Array(capacity)
  }

  /** Blocks come in order, without holes. */
  push(number: number, block: Float32Array): void {
    if (this.next !== null && number !== this.next) throw new Error(`block ${number} came where ${this.next} was due`)
    if (this.next === null) this.oldest = number
    this.blocks[number % this.blocks.length] = block
    this.next = number + 1
    this.oldest = Math.max(this.oldest, this.next - this.blocks.length)
  }

  /** The number of the oldest block that is still there. */
  get oldestNumber(): number {
    return this.oldest
  }

  /** The number that the next block will have; null before the first one. */
  get nextNumber(): number | null {
    return this.next
  }

  at(number: number): Float32Array {
    const block = this.blocks[number % this.blocks.length]
    if (!block || this.next === null || number < this.oldest || number >= this.next)
      throw new Error(`block ${number} is not in the ring`)
    return block
  }
}
