import type { RenditionInfo, StationInfo } from '../schemas/markers.ts'
import { cmafBitrateOf } from './bitrate.ts'
import { msOfSegment, SEGMENT_SECONDS, TARGET_DURATION_SECONDS } from './timeline.ts'

/** How a playlist's segments are packaged: the names of the files that list and hold them follow from it. */
export type Packaging = 'cmaf' | 'ts' | 'adts'

export const playlistNames: Readonly<Record<Packaging, string>> = {
  cmaf: 'index.m3u8',
  ts: 'ts.m3u8',
  adts: 'adts.m3u8',
}
export const segmentExtensions: Readonly<Record<Packaging, string>> = { cmaf: 'm4s', ts: 'ts', adts: 'aac' }
export const INIT_NAME = 'init.mp4'

/** EXT-X-MAP needs version 6 without I-frames, fMP4 7 by custom; fractional durations need 3 (RFC 8216, 7). */
const versions: Readonly<Record<Packaging, number>> = { cmaf: 7, ts: 3, adts: 3 }

/** The multivariant playlist (RFC 8216, 4.3.4): each rendition in CMAF, best first. It never changes. */
export function masterPlaylist(station: StationInfo): string {
  const lines = station.renditions.flatMap((rendition) => [variant(rendition), `${rendition.id}/${playlistNames.cmaf}`])
  return text(['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS', ...lines])
}

function variant(rendition: RenditionInfo): string {
  const { averageBitsPerSecond, peakBitsPerSecond } = cmafBitrateOf(rendition)
  return `#EXT-X-STREAM-INF:BANDWIDTH=${peakBitsPerSecond},AVERAGE-BANDWIDTH=${averageBitsPerSecond},CODECS="mp4a.40.2"`
}

export type PlaylistWindow = { packaging: Packaging; oldest: number; newest: number }

/**
 * The live media playlist (RFC 8216, 4.3.3) of the segments oldest … newest, both included. Nothing but their numbers goes in, so every node
 * answers alike, and there is nothing to be continued after a restart. Throws a RangeError on an empty window.
 */
export function mediaPlaylist({ packaging, oldest, newest }: PlaylistWindow): string {
  if (!(oldest >= 0 && oldest <= newest)) throw new RangeError(`no playlist from segment ${oldest} to ${newest}`)
  const lines = [
    '#EXTM3U',
    `#EXT-X-VERSION:${versions[packaging]}`,
    `#EXT-X-TARGETDURATION:${TARGET_DURATION_SECONDS}`,
    `#EXT-X-MEDIA-SEQUENCE:${oldest}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
  ]
  if (packaging === 'cmaf') lines.push(`#EXT-X-MAP:URI="${INIT_NAME}"`)
  for (let segment = oldest; segment <= newest; segment += 1) {
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${programDateTime(segment)}`)
    lines.push(`#EXTINF:${SEGMENT_SECONDS.toFixed(6)},`)
    lines.push(`${segment}.${segmentExtensions[packaging]}`)
  }
  return text(lines)
}

/** The instant of the segment's first sample, rounded to the nearest millisecond: at most ⅓ ms off, as samples fall on thirds. */
export function programDateTime(segment: number): string {
  return new Date(Math.round(msOfSegment(segment))).toISOString()
}

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`
