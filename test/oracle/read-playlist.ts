import { FormatError } from '../../media/format-error.ts'
import { parseMasterPlaylist, parseMediaPlaylist } from '../../media/parse-playlist.ts'
import type { PlaylistView } from './playlist-history.ts'

export type ReadPlaylist = { ok: true; view: PlaylistView } | { ok: false; sentence: string }

/** A live media playlist as the listener needs it: URIs absolute, times in milliseconds. Never throws. */
export function readMediaPlaylist(text: string, baseUrl: string): ReadPlaylist {
  try {
    const parsed = parseMediaPlaylist(text)
    const segments = parsed.segments.map(
      ({ sequence, uri, durationSeconds, programDateTimeMs, discontinuity, gap, map }) => ({
        sequence,
        url: new URL(uri, baseUrl).href,
        durationMs: durationSeconds * 1000,
        programDateTimeMs,
        discontinuity,
        gap,
        initUrl: map === null ? null : new URL(map, baseUrl).href,
      }),
    )
    const { targetDurationSeconds, mediaSequence, ended } = parsed
    return { ok: true, view: { targetDurationMs: targetDurationSeconds * 1000, mediaSequence, segments, ended } }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    return { ok: false, sentence: `unreadable playlist: ${error.message}` }
  }
}

/** The variants of a master playlist in its order; null when it is a media playlist. Throws a FormatError when it is neither. */
export function readMasterPlaylist(text: string, baseUrl: string): { url: string; bandwidth: number }[] | null {
  if (readMediaPlaylist(text, baseUrl).ok) return null
  return parseMasterPlaylist(text).map(({ uri, bandwidth }) => ({ url: new URL(uri, baseUrl).href, bandwidth }))
}
