import { FRAMES_PER_SEGMENT, firstFrameOfSegment, frameOfSample, sampleOfFrame } from '../../media/timeline.ts'
import type { Title } from '../../schemas/markers.ts'
import { type Placement, titleSampleOf } from './placement.ts'

const TITLES_PER_SEGMENT_MAX = 32

/** The titles of a segment, a pure function of the placements: what holds at its first frame, then each change within it. */
export function titlesOfSegment(placements: readonly Placement[], segment: number, stationName: string): Title[] {
  const firstFrame = firstFrameOfSegment(segment)
  const firstSample = sampleOfFrame(firstFrame)
  const ordered = [...placements].sort((a, b) => titleSampleOf(a) - titleSampleOf(b))
  const before = ordered.filter((placement) => titleSampleOf(placement) <= firstSample).at(-1)
  const within = ordered.filter((placement) => {
    const sample = titleSampleOf(placement)
    return sample > firstSample && frameOfSample(sample) < firstFrame + FRAMES_PER_SEGMENT
  })
  const opening: Title = before
    ? titleOf(before, firstFrame)
    : { frame: firstFrame, title: stationName, artist: '', kind: 'bed', itemId: 'station', startSample: firstSample }
  return [opening, ...within.map((placement) => titleOf(placement, frameOfSample(titleSampleOf(placement))))].slice(
    0,
    TITLES_PER_SEGMENT_MAX,
  )
}

function titleOf(placement: Placement, frame: number): Title {
  return {
    frame,
    title: placement.title.slice(0, 300),
    artist: placement.artist.slice(0, 300),
    kind: placement.kind,
    itemId: placement.id,
    startSample: placement.startSample,
    ...(placement.show === undefined ? {} : { show: placement.show }),
  }
}
