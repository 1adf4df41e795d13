import type { Title } from '../schemas/markers.ts'
import { u32, u64 } from './bytes.ts'
import { titleTag } from './id3.ts'
import { box, fullBox } from './mp4-box.ts'
import { assertWhole, type Segment } from './segment.ts'
import { firstFrameOfSegment, SAMPLE_RATE, sampleOfFrame } from './timeline.ts'

/** The scheme of ID3 in event messages (AOM, "Carriage of ID3 Timed Metadata in CMAF"). */
export const EMSG_ID3_SCHEME = 'https://aomedia.org/emsg/ID3'
const DURATION_UNKNOWN = 0xffffffff
const DEFAULT_BASE_IS_MOOF = 0x020000
const DATA_OFFSET_AND_SAMPLE_SIZES = 0x000201

/**
 * A CMAF segment (ISO/IEC 23000-19; ISO/IEC 14496-12, 8.8): an `emsg` for each title, one `moof`, one `mdat`. The decode time is absolute,
 * n·1024 in timescale 48000, in 64 bits: in 32 it would wrap each 24.9 hours, and there players lose audio.
 * What remains is four bytes a frame (its size) and 96 a segment.
 */
export function cmafSegment(segment: Segment): Buffer {
  assertWhole(segment)
  const { number, units, titles } = segment
  return cmafPart({ number, firstFrame: firstFrameOfSegment(number), units, titles })
}

/** Some of a segment's frames, beginning at any of them: what a recording begins or ends with. */
export type SegmentPart = Pick<Segment, 'number' | 'units' | 'titles'> & { firstFrame: number }

/** As {@link cmafSegment}, for a part of a segment; its titles must lie within it. */
export function cmafPart(part: SegmentPart): Buffer {
  const dataOffset = fragmentHeader(part, 0).length + 8
  return Buffer.concat([...part.titles.map(eventMessage), fragmentHeader(part, dataOffset), box('mdat', ...part.units)])
}

function fragmentHeader({ number, firstFrame, units }: SegmentPart, dataOffset: number): Buffer {
  const sizes = Buffer.concat(units.map((unit) => u32(unit.length)))
  return box(
    'moof',
    fullBox('mfhd', 0, 0, u32(number % 2 ** 32)),
    box(
      'traf',
      fullBox('tfhd', 0, DEFAULT_BASE_IS_MOOF, u32(1)),
      fullBox('tfdt', 1, 0, u64(sampleOfFrame(firstFrame))),
      fullBox('trun', 0, DATA_OFFSET_AND_SAMPLE_SIZES, u32(units.length), u32(dataOffset), sizes),
    ),
  )
}

/**
 * ISO/IEC 23009-1, 5.10.3.3, version 1: a time on the track's own axis. The id is made from the frame, so that the same title said again in the
 * next segment is a new event there: who joins in the middle learns it too.
 */
function eventMessage(title: Title): Buffer {
  const scheme = Buffer.from(`${EMSG_ID3_SCHEME}\0\0`, 'latin1')
  const time = u64(sampleOfFrame(title.frame))
  const id = u32(title.frame % 2 ** 32)
  return fullBox('emsg', 1, 0, u32(SAMPLE_RATE), time, u32(DURATION_UNKNOWN), id, scheme, titleTag(title))
}
