import { FRAME_MS, FRAME_SAMPLES, msOfSample } from '../../media/timeline.ts'
import type { HeardSegment } from '../oracle/heard-segment.ts'
import { createPlayOut } from '../oracle/play-out.ts'

/** A player begins three segments behind: from the fourth on its buffer is what the station makes of it. */
const STARTING_SEGMENTS = 3

/** What a listener met with so far, while the report is still to come. */
export class Tally {
  gapMs = 0
  repeatMs = 0
  private readonly playOut = createPlayOut()
  private segments = 0
  private expectedSample: number | null = null
  private leastBufferMs: number | null = null

  add({ arrivedMs, startSample, units }: Pick<HeardSegment, 'arrivedMs' | 'startSample' | 'units'>): void {
    if (this.segments >= STARTING_SEGMENTS) this.note(arrivedMs)
    this.segments += 1
    this.playOut.feed(arrivedMs, units.length * FRAME_MS)
    if (startSample === null) return
    const step = msOfSample(startSample - (this.expectedSample ?? startSample))
    this.gapMs += Math.max(0, step)
    this.repeatMs += Math.max(0, -step)
    this.expectedSample = startSample + units.length * FRAME_SAMPLES
  }

  /** A stall that still lasts counts so far. */
  stallMs(nowMs: number): number {
    return this.playOut.result(nowMs).stallMs
  }

  /** The least that was left to play since this was last asked; null when the listener has only just begun. */
  takeLeastBufferMs(nowMs: number): number | null {
    if (this.segments > STARTING_SEGMENTS) this.note(nowMs)
    const least = this.leastBufferMs
    this.leastBufferMs = null
    return least
  }

  private note(nowMs: number): void {
    this.leastBufferMs = Math.min(this.leastBufferMs ?? Number.POSITIVE_INFINITY, this.playOut.bufferedMs(nowMs))
  }
}
