import type { Packaging } from '../../media/playlists.ts'

export type HeardTitle = { sample: number; title: string; artist: string }

/** One segment as it was listed, fetched and taken apart. Samples are at 48 kHz, since the Unix epoch. */
export type HeardSegment = {
  packaging: Packaging
  sequence: number
  url: string
  /** When it was whole, monotonic milliseconds. */
  arrivedMs: number
  bytes: Buffer
  /** EXTINF. */
  durationMs: number
  /** EXT-X-PROGRAM-DATE-TIME, milliseconds since the epoch; null when there is none. */
  programDateTimeMs: number | null
  /** EXT-X-DISCONTINUITY stands before it. */
  discontinuity: boolean
  /** The media time of its first sample (tfdt, or PTS unwrapped near the date-time); null when it carries none. */
  startSample: number | null
  channels: number
  /** Raw access units. */
  units: Buffer[]
  titles: HeardTitle[]
}
