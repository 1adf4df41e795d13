import { FRAMES_PER_SEGMENT, firstFrameOfSegment, frameOfSample, sampleOfFrame } from '../../media/timeline.ts'
import type { Title } from '../../schemas/markers.ts'
import { type Placement, titleSampleOf } from './placement.ts'

const TITLES_PER_SEGMENT_MAX = 32
const TITLES_BYTES_MAX = 14_000
const TEXT_UNITS_MAX = 300

/**
 * The titles of a segment, a pure function of the placements: what holds at its first frame, then each change within it. A frame bears one
 * title: of several that begin in it the last. A slicer refuses a segment in which the numbers don't rise.
 */
export function titlesOfSegment(placements: readonly Placement[], segment: number, stationName: string): Title[] {
  const firstFrame = firstFrameOfSegment(segment)
  const firstSample = sampleOfFrame(firstFrame)
  const ordered = [...placements]
    .sort((a, b) => titleSampleOf(a) - titleSampleOf(b))
    .map((placement) => ({ placement, frame: frameOfSample(titleSampleOf(placement)) }))
  const before = ordered.filter(({ frame }) => frame <= firstFrame).at(-1)
  const within = ordered.filter(
    ({ frame }, index) =>
      frame > firstFrame && frame < firstFrame + FRAMES_PER_SEGMENT && ordered[index + 1]?.frame !== frame,
  )
  const opening: Title = before
    ? titleOf(before.placement, firstFrame)
    : { frame: firstFrame, title: stationName, artist: '', kind: 'bed', itemId: 'station', startSample: firstSample }
  return fitting([opening, ...within.map(({ placement, frame }) => titleOf(placement, frame))])
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
