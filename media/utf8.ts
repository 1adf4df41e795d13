/**
 * The text, or as many code points of its beginning as fit into so many bytes of UTF-8, less what then dangles (joiners, spaces). Not by graphemes:
 * where those end depends on the Unicode version, and two nodes of different age must cut alike.
 */
export function truncateUtf8(text: string, bytesMax: number): string {
  if (Buffer.byteLength(text) <= bytesMax) return text
  let kept = ''
  let bytes = 0
  for (const point of text) {
    bytes += Buffer.byteLength(point)
    if (bytes > bytesMax) break
    kept += point
  }
  return kept.replace(/[\u200d\s]+$/u, '')
}

/** Without control characters and lone surrogates, neither of which has a place in a title. */
export function printable(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('utf8')
    .replace(/\p{Cc}+/gu, ' ')
}
