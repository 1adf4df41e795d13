import type { RenditionInfo } from '../schemas/markers.ts'
import { adtsOfUnits } from './adts.ts'
import { timestampTag } from './id3.ts'
import { ptsOfFrame } from './mpegts.ts'
import { assertWhole, type Segment } from './segment.ts'
import { firstFrameOfSegment } from './timeline.ts'

/**
 * A packed audio segment (RFC 8216, 3.4): an ID3 tag with the timestamp of the first sample and the title that holds there, then ADTS.
 * A title that changes within is told by the next segment: tags between frames are not something that every player expects.
 */
export function packedAudioSegment(segment: Segment, { channels }: Pick<RenditionInfo, 'channels'>): Buffer {
  assertWhole(segment)
  const tag = timestampTag(ptsOfFrame(firstFrameOfSegment(segment.number)), segment.titles[0])
  return Buffer.concat([tag, adtsOfUnits(segment.units, channels)])
}
