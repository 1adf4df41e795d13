/** The text, or as many whole characters of its beginning as fit into so many bytes of UTF-8; then also without what dangles (joiners, spaces). */
export function truncateUtf8(text: string, bytesMax: number): string {
  if (Buffer.byteLength(text) <= bytesMax) return text
  let kept = ''
  let bytes = 0
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) {
    bytes += Buffer.byteLength(segment)
    if (bytes > bytesMax) break
    kept += segment
  }
  return kept.trimEnd()
}

/** Without control characters and lone surrogates, neither of which has a place in a title. */
export function printable(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('utf8')
    .replace(/\p{Cc}+/gu, ' ')
}
