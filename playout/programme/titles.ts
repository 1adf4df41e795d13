import { FRAMES_PER_SEGMENT, firstFrameOfSegment, frameOfSample, sampleOfFrame } from '../../media/timeline.ts'
import type { Title } from '../../schemas/markers.ts'
import { type Placement, titleSampleOf } from './placement.ts'

const TITLES_PER_SEGMENT_MAX = 32
const TITLES_BYTES_MAX = 14_000
const TEXT_UNITS_MAX = 300

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
  return fitting([opening, ...within.map((placement) => titleOf(placement, frameOfSample(titleSampleOf(placement))))])
}

function titleOf(placement: Placement, frame: number): Title {
  return {
    frame,
    title: cut(placement.title),
    artist: cut(placement.artist),
    kind: placement.kind,
    itemId: cut(placement.id),
    startSample: placement.startSample,
    ...(placement.show === undefined ? {} : { show: cut(placement.show) }),
  }
}

/** As much as fits in whole characters: half of a pair of surrogates is no text. */
function cut(text: string): string {
  if (text.length <= TEXT_UNITS_MAX) return text
  const last = text.charCodeAt(TEXT_UNITS_MAX - 1)
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? TEXT_UNITS_MAX - 1 : TEXT_UNITS_MAX)
}

/** A marker has its size: of very many long titles within four seconds the last ones are left out. */
function fitting(titles: readonly Title[]): Title[] {
  let bytes = 0
  return titles.slice(0, TITLES_PER_SEGMENT_MAX).filter((title, index) => {
    bytes += Buffer.byteLength(JSON.stringify(title))
    return index === 0 || bytes <= TITLES_BYTES_MAX
  })
}
