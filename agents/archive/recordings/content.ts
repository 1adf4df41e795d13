import { adtsOfUnits, type Channels, silentUnit } from '../../../media/adts.ts'
import { cmafPart } from '../../../media/cmaf.ts'
import { FRAMES_PER_SEGMENT, firstFrameOfSegment, segmentOfFrame } from '../../../media/timeline.ts'
import { type VodPart, vodPlaylist } from '../../../media/vod-playlist.ts'
import type { Title } from '../../../schemas/markers.ts'
import type { SealedSegment } from '../air/segment-file.ts'

/** The frames [from, until). */
export type Frames = { from: number; until: number }
type Read = (segment: number) => SealedSegment | null

/** The segments that hold some of the frames, first and last included. */
export const segmentsOf = ({ from, until }: Frames): { first: number; last: number } => ({
  first: segmentOfFrame(from),
  last: segmentOfFrame(until - 1),
})

/** A segment's units within the frames; silence where there is a hole. */
export function unitsWithin(frames: Frames, segment: number, read: Read, channels: Channels): readonly Uint8Array[] {
  const { begin, end } = cutOf(frames, segment)
  const sealed = read(segment)
  const units = sealed?.units ?? Array.from({ length: FRAMES_PER_SEGMENT }, () => silentUnit(channels))
  return units.slice(begin, end)
}

/** The frames as ADTS, a segment at a time. */
export function* adtsOf(frames: Frames, read: Read, channels: Channels): Generator<Buffer> {
  const { first, last } = segmentsOf(frames)
  for (let segment = first; segment <= last; segment += 1)
    yield adtsOfUnits(unitsWithin(frames, segment, read, channels), channels)
}

/** A segment in CMAF, cut to the frames. Uncut, and no hole, it has the very bytes that it had live. */
export function cmafWithin(frames: Frames, segment: number, read: Read, channels: Channels): Buffer {
  const { begin } = cutOf(frames, segment)
  const firstFrame = firstFrameOfSegment(segment) + begin
  const units = unitsWithin(frames, segment, read, channels)
  const titles = titlesWithin(read(segment)?.marker.titles ?? [], firstFrame, firstFrame + units.length)
  return cmafPart({ number: segment, firstFrame, units, titles })
}

/** The playlist of the frames; `uriOf` names a segment's file. */
export function playlistOf(frames: Frames, initUri: string, uriOf: (segment: number) => string): string {
  const { first, last } = segmentsOf(frames)
  const parts: VodPart[] = []
  for (let segment = first; segment <= last; segment += 1) {
    const { begin, end } = cutOf(frames, segment)
    parts.push({ uri: uriOf(segment), firstFrame: firstFrameOfSegment(segment) + begin, frames: end - begin })
  }
  return vodPlaylist(initUri, first, parts)
}

function cutOf({ from, until }: Frames, segment: number): { begin: number; end: number } {
  const first = firstFrameOfSegment(segment)
  return { begin: Math.max(0, from - first), end: Math.min(FRAMES_PER_SEGMENT, until - first) }
}

/** The title that holds at the beginning is said there. */
function titlesWithin(titles: readonly Title[], from: number, until: number): Title[] {
  const holding = titles.findLast(({ frame }) => frame <= from)
  const later = titles.filter(({ frame }) => frame > from && frame < until)
  return [...(holding ? [{ ...holding, frame: from }] : []), ...later]
}
