import type { SegmentMarker, Title } from '../schemas/markers.ts'
import { FRAMES_PER_SEGMENT, firstFrameOfSegment } from './timeline.ts'

/** All that a segment's bytes depend on, in any packaging. */
export type Segment = {
  /** k: the segment's place on the timeline and its media sequence number. */
  number: number
  /** Raw access units of the frames [188·k, 188·(k+1)). */
  units: readonly Uint8Array[]
  /** The first holds at the segment's first frame; then each change within it, in rising order. */
  titles: readonly Title[]
  cue: SegmentMarker['cue']
}

/** Throws an Error on a segment that must not be packaged: a wrong number of units, or a title of another place. */
export function assertWhole(segment: Segment): void {
  const { number, units, titles } = segment
  if (units.length !== FRAMES_PER_SEGMENT) throw new Error(`segment ${number} has ${units.length} units instead of 188`)
  let previous = firstFrameOfSegment(number) - 1
  for (const { frame } of titles) {
    if (frame <= previous || frame >= firstFrameOfSegment(number + 1))
      throw new Error(`segment ${number} has a title at frame ${frame}, after ${previous}`)
    previous = frame
  }
}
