import { firstFrameOfSegment } from '../../media/timeline.ts'
import type { SegmentMarker } from '../../schemas/markers.ts'

/** What is wrong with a marker in itself, in a sentence; null when nothing is. Schema and hash are checked elsewhere. */
export function markerFault(marker: SegmentMarker): string | null {
  const first = firstFrameOfSegment(marker.segment)
  const end = firstFrameOfSegment(marker.segment + 1)
  if (marker.firstFrame !== first)
    return `segment ${marker.segment} begins at frame ${first}, its marker says ${marker.firstFrame}`
  let previous = first - 1
  for (const [index, { frame }] of marker.titles.entries()) {
    if (index === 0 ? frame !== first : frame <= previous || frame >= end)
      return `segment ${marker.segment} has a title at frame ${frame}, after ${previous}`
    previous = frame
  }
  return null
}
