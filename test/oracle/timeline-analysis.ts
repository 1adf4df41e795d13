import { hashOfUnits } from '../../media/frame-bundle.ts'
import { FRAME_MS, FRAME_SAMPLES, msOfSample } from '../../media/timeline.ts'
import type { HeardSegment } from './heard-segment.ts'

export type Joint = {
  /** The segment that begins at a wrong place. */
  sequence: number
  /** Where the row should have gone on, milliseconds since the epoch. */
  atMs: number
  /** Above 0: this much is missing before it. Below 0: this much is there twice. */
  gapMs: number
}

export type TimelineReport = {
  segments: number
  frames: number
  gapMs: number
  repeatMs: number
  missingFrames: number
  repeatedFrames: number
  joints: Joint[]
  /** The same audio under two numbers, though the times of the segments say otherwise. */
  repeatedContent: { sequence: number; earlierSequence: number; frames: number }[]
}

/** Half a sample of tolerance: times of 1/90,000 s round. */
const TOLERANCE_SAMPLES = 1

/**
 * Follows the row of frames through the segments in the order in which they were played. What a segment holds (its access
 * units of 1,024 samples) must reach exactly to where the next one says that it begins. Segments without times are taken
 * to follow on, unless a number is skipped or said again.
 */
export function analyseTimeline(segments: readonly HeardSegment[]): TimelineReport {
  const joints: Joint[] = []
  let expected: number | null = null
  let previous: HeardSegment | null = null
  for (const segment of segments) {
    const start: number = segment.startSample ?? startBySequence(previous, segment, expected)
    if (expected !== null && Math.abs(start - expected) > TOLERANCE_SAMPLES)
      joints.push({ sequence: segment.sequence, atMs: msOfSample(expected), gapMs: msOfSample(start - expected) })
    expected = start + segment.units.length * FRAME_SAMPLES
    previous = segment
  }
  const gapMs = joints.reduce((sum, joint) => sum + Math.max(0, joint.gapMs), 0)
  const repeatMs = joints.reduce((sum, joint) => sum + Math.max(0, -joint.gapMs), 0)
  return {
    segments: segments.length,
    frames: segments.reduce((sum, segment) => sum + segment.units.length, 0),
    gapMs,
    repeatMs,
    missingFrames: Math.ceil(gapMs / FRAME_MS - 0.1),
    repeatedFrames: Math.ceil(repeatMs / FRAME_MS - 0.1),
    joints,
    repeatedContent: findRepeatedContent(segments),
  }
}

function startBySequence(previous: HeardSegment | null, segment: HeardSegment, expected: number | null): number {
  if (!previous || expected === null) return 0
  const skipped = segment.sequence - previous.sequence - 1
  return expected + Math.round(skipped * previous.durationMs * 48)
}

/**
 * The same frames under two numbers. Only whole segments are compared, and only those with at least half of their frames different from
 * each other: an encoder says silence and steady tones again and again by right.
 */
function findRepeatedContent(segments: readonly HeardSegment[]): TimelineReport['repeatedContent'] {
  const seen = new Map<string, number>()
  const found: TimelineReport['repeatedContent'] = []
  for (const { sequence, units } of segments) {
    const frames = units.length
    if (new Set(units.map((unit) => unit.toString('latin1'))).size * 2 < frames) continue
    const hash = hashOfUnits(units)
    const earlierSequence = seen.get(hash)
    if (earlierSequence === undefined) seen.set(hash, sequence)
    else found.push({ sequence, earlierSequence, frames })
  }
  return found
}
