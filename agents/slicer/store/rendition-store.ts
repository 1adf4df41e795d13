import { FRAME_MS, FRAMES_PER_SEGMENT, firstFrameOfSegment, segmentOfFrame } from '../../../media/timeline.ts'
import type { RenditionInfo, SegmentMarker } from '../../../schemas/markers.ts'
import { SegmentSlot } from './segment-slot.ts'

/** Segments held beyond the kept ones: the one that is gathering, and those that renditions may be apart. */
const SLACK_SEGMENTS = 4
/** The encoder's rate varies around its mean. */
const SIZE_HEADROOM = 1.15

/**
 * The newest frames of one rendition, a bounded number of segments of them. Numbers only rise: what is older than the
 * oldest segment held is not taken.
 */
export class RenditionStore {
  readonly rendition: RenditionInfo
  newestFrame: number | null = null
  /** Frames that came again with other bytes; the marker decides which are right. */
  framesDisputed = 0
  private readonly slots = new Map<number, SegmentSlot>()
  private readonly slotsMax: number
  private oldest = 0
  /** Memory of a segment that is gone. Without it, garbage of the size of many segments would lie about at any time. */
  private spare: Buffer | null = null

  constructor(rendition: RenditionInfo, keptSegments: number) {
    this.rendition = rendition
    this.slotsMax = keptSegments + SLACK_SEGMENTS
  }

  /** Answers whether the frame was new. */
  put(frame: number, unit: Uint8Array): boolean {
    if (unit.length === 0 || unit.length > 0xffff) return false
    const slot = this.slotFor(segmentOfFrame(frame))
    if (!slot) return false
    const outcome = slot.put(frame % FRAMES_PER_SEGMENT, unit)
    if (outcome === 'differs') this.framesDisputed += 1
    if (outcome !== 'taken') return false
    if (this.newestFrame === null || frame > this.newestFrame) this.newestFrame = frame
    slot.settle()
    return true
  }

  /** Takes a segment's marker. One of a higher generation replaces that of an unsealed segment; a sealed one is settled for good. */
  mark(marker: SegmentMarker): void {
    const slot = this.slotFor(marker.segment)
    if (!slot || slot.isSealed) return
    if (slot.marker && slot.marker.generation >= marker.generation) return
    slot.marker = marker
    slot.settle()
  }

  /** Settles a segment with units fetched whole, if they are what the marker says. Answers whether they are. */
  replace(marker: SegmentMarker, units: readonly Uint8Array[]): boolean {
    const slot = this.slotFor(marker.segment)
    if (!slot?.replaceIfTrue(units, marker)) return false
    const last = firstFrameOfSegment(marker.segment + 1) - 1
    if (this.newestFrame === null || last > this.newestFrame) this.newestFrame = last
    return true
  }

  slot(segment: number): SegmentSlot | undefined {
    return this.slots.get(segment)
  }

  isSealed(segment: number): boolean {
    return this.slots.get(segment)?.isSealed ?? false
  }

  /** The newest sealed segment below a number; null when there is none. */
  newestSealedBelow(segment: number): number | null {
    let newest: number | null = null
    for (const slot of this.slots.values())
      if (slot.isSealed && slot.number < segment && (newest === null || slot.number > newest)) newest = slot.number
    return newest
  }

  /** A frame that may be handed out; undefined when it is not there, or disputed. */
  unit(frame: number): Buffer | undefined {
    const slot = this.slots.get(segmentOfFrame(frame))
    const index = frame % FRAMES_PER_SEGMENT
    return slot && slot.state !== 'disputed' && slot.has(index) ? slot.unit(index) : undefined
  }

  private slotFor(segment: number): SegmentSlot | undefined {
    const known = this.slots.get(segment)
    if (known || segment < this.oldest) return known
    this.slots.set(segment, new SegmentSlot(segment, this.spare ?? this.newMemory()))
    this.spare = null
    while (this.slots.size > this.slotsMax) {
      const lowest = Math.min(...this.slots.keys())
      this.spare = this.slots.get(lowest)!.release()
      this.slots.delete(lowest)
      this.oldest = lowest + 1
    }
    return this.slots.get(segment)
  }

  private newMemory(): Buffer {
    const bytesPerFrame = (this.rendition.bitrateKbps * FRAME_MS) / 8
    return Buffer.allocUnsafeSlow(Math.ceil(bytesPerFrame * FRAMES_PER_SEGMENT * SIZE_HEADROOM))
  }
}
