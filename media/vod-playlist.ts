import { FRAME_SAMPLES, msOfFrame, SAMPLE_RATE, TARGET_DURATION_SECONDS } from './timeline.ts'

/** One file of a playlist that has an end. */
export type VodPart = { uri: string; firstFrame: number; frames: number }

/**
 * A media playlist of something that is over (RFC 8216, 4.3.3.5): a past hour, a recording. Numbers, durations and program date-times are
 * those of the live playlist. Throws a RangeError when there are no parts.
 *
 * @param firstSegment k of the first part
 */
export function vodPlaylist(initUri: string, firstSegment: number, parts: readonly VodPart[]): string {
  if (parts.length === 0) throw new RangeError('no playlist without parts')
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${TARGET_DURATION_SECONDS}`,
    `#EXT-X-MEDIA-SEQUENCE:${firstSegment}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-MAP:URI="${initUri}"`,
  ]
  for (const { uri, firstFrame, frames } of parts) {
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(msOfFrame(firstFrame))).toISOString()}`)
    lines.push(`#EXTINF:${((frames * FRAME_SAMPLES) / SAMPLE_RATE).toFixed(6)},`, uri)
  }
  return `${[...lines, '#EXT-X-ENDLIST'].join('\n')}\n`
}
