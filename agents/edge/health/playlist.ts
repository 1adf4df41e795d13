export type PlaylistHead = { mediaSequence: number; newestSegment: number }

/** What a media playlist lists (RFC 8216, 4.3.3.2 and 4.1); null for anything that is not one with at least one segment. */
export function readPlaylist(text: string): PlaylistHead | null {
  const lines = text.split(/\r?\n/)
  if (lines[0] !== '#EXTM3U') return null
  const sequence = lines.find((line) => line.startsWith('#EXT-X-MEDIA-SEQUENCE:'))
  const mediaSequence = sequence === undefined ? 0 : Number(sequence.slice(sequence.indexOf(':') + 1))
  const segments = lines.filter((line) => line !== '' && !line.startsWith('#')).length
  if (!Number.isSafeInteger(mediaSequence) || segments === 0) return null
  return { mediaSequence, newestSegment: mediaSequence + segments - 1 }
}
