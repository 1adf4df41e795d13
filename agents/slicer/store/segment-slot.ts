import { createHash } from 'node:crypto'
import { FRAMES_PER_SEGMENT } from '../../../media/timeline.ts'
import type { SegmentMarker } from '../../../schemas/markers.ts'

/**
 * One segment as it gathers: its access units lie one after the other in a single buffer, in the order in which they came.
 * With the last unit and the marker it is sealed: put in order, checked against the marker's hash, and never changed again.
 */
export class SegmentSlot {
  readonly number: number
  marker: SegmentMarker | null = null
  /** `disputed`: all units are there, and their hash is not the marker's. */
  state: 'gathering' | 'disputed' | 'sealed' = 'gathering'
  held = 0
  private data: Buffer
  private used = 0
  private readonly offsets = new Uint32Array(FRAMES_PER_SEGMENT)
  /** 0: not there. An access unit is never empty. */
  private readonly lengths = new Uint16Array(FRAMES_PER_SEGMENT)

  /** The memory is the slot's own until it is {@link release}d; when it is too small, larger memory takes its place. */
  constructor(number: number, memory: Buffer) {
    this.number = number
    this.data = memory
  }

  /** Gives the memory back, for the next segment: every view of it becomes void. */
  release(): Buffer {
    this.lengths.fill(0)
    return this.data
  }

  get isSealed(): boolean {
    return this.state === 'sealed'
  }

  has(index: number): boolean {
    return this.lengths[index] !== 0
  }

  /** A view of the unit, to be copied at once: the memory is used again. The unit must be there. */
  unit(index: number): Buffer {
    const offset = this.offsets[index]!
    return this.data.subarray(offset, offset + this.lengths[index]!)
  }

  /** Copies a unit in. One that is there already stays: who is right is for the marker to say. */
  put(index: number, unit: Uint8Array): 'taken' | 'same' | 'differs' {
    if (this.has(index)) return this.unit(index).equals(unit) ? 'same' : 'differs'
    if (this.used + unit.length > this.data.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.data.length * 2, this.used + unit.length))
      this.data.copy(larger, 0, 0, this.used)
      this.data = larger
    }
    this.data.set(unit, this.used)
    this.offsets[index] = this.used
    this.lengths[index] = unit.length
    this.used += unit.length
    this.held += 1
    return 'taken'
  }

  /** Seals the segment when it is whole and true to its marker; one that is whole and not true to it becomes disputed. */
  settle(): void {
    if (this.isSealed || this.held < FRAMES_PER_SEGMENT || this.marker === null) return
    if (!this.isInOrder()) this.adopt(Buffer.concat(this.units(), this.used))
    const sha256 = createHash('sha256').update(this.data.subarray(0, this.used)).digest('hex')
    this.state = sha256 === this.marker.sha256 ? 'sealed' : 'disputed'
  }

  /** Replaces the units of an unsealed segment, if these (all 188, in order) are what the marker says. */
  replaceIfTrue(units: readonly Uint8Array[], marker: SegmentMarker): boolean {
    if (this.isSealed || units.length !== FRAMES_PER_SEGMENT) return false
    const ordered = Buffer.concat(units)
    if (createHash('sha256').update(ordered).digest('hex') !== marker.sha256) return false
    units.forEach((unit, index) => {
      this.lengths[index] = unit.length
    })
    this.adopt(ordered)
    this.marker = marker
    this.state = 'sealed'
    return true
  }

  /** Views, in order, as those of {@link unit}; all must be there. */
  units(): Buffer[] {
    return Array.from({ length: FRAMES_PER_SEGMENT }, (_, index) => this.unit(index))
  }

  /** As from a push without a hole: then nothing has to be moved. */
  private isInOrder(): boolean {
    return this.offsets.every((offset, index) => index === 0 || offset > this.offsets[index - 1]!)
  }

  private adopt(ordered: Buffer): void {
    let offset = 0
    for (let index = 0; index < FRAMES_PER_SEGMENT; index += 1) {
      this.offsets[index] = offset
      offset += this.lengths[index]!
    }
    this.data = ordered
    this.used = ordered.length
    this.held = FRAMES_PER_SEGMENT
  }
}
