import { FRAMES_PER_SEGMENT, firstFrameOfSegment, segmentOfFrame } from '../../../media/timeline.ts'
import type { SegmentSlot } from '../store/segment-slot.ts'

/** Frames [from, to) to be asked for. `whole`: one segment that is all there but has no marker, or not the one it should have. */
export type Gap = { from: number; to: number; whole: boolean }

/**
 * What is missing of a rendition between two frames (the second not included), newest first: listeners need the edge before the
 * past. Neighbouring segments of which nothing is there are asked for together, `framesMax` at a time.
 */
export function findGaps(
  slotOf: (segment: number) => SegmentSlot | undefined,
  from: number,
  to: number,
  framesMax: number,
): Gap[] {
  const gaps: Gap[] = []
  for (let segment = segmentOfFrame(from); firstFrameOfSegment(segment) < to; segment += 1) {
    const first = Math.max(from, firstFrameOfSegment(segment))
    const end = Math.min(to, firstFrameOfSegment(segment + 1))
    for (const gap of gapsWithin(slotOf(segment), first, end, to)) {
      const last = gaps.at(-1)
      if (last && !last.whole && !gap.whole && last.to === gap.from && gap.to - last.from <= framesMax) last.to = gap.to
      else gaps.push(gap)
    }
  }
  return gaps.reverse()
}

function gapsWithin(slot: SegmentSlot | undefined, first: number, end: number, known: number): Gap[] {
  if (slot?.isSealed) return []
  if (!slot || slot.held === 0) return [{ from: first, to: end, whole: false }]
  if (slot.held === FRAMES_PER_SEGMENT) {
    // The marker comes after the last frame: with a later frame it is overdue.
    const next = firstFrameOfSegment(slot.number + 1)
    return known > next ? [{ from: next - FRAMES_PER_SEGMENT, to: next, whole: true }] : []
  }
  const gaps: Gap[] = []
  for (let frame = first; frame < end; frame += 1) {
    if (slot.has(frame % FRAMES_PER_SEGMENT)) continue
    const last = gaps.at(-1)
    if (last?.to === frame) last.to = frame + 1
    else gaps.push({ from: frame, to: frame + 1, whole: false })
  }
  return gaps
}
