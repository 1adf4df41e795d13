import { decodeTitleText } from './title-text.ts'

/**
 * `Artist - Title` by the comments in the first packets of a Vorbis, Opus or FLAC stream: the bodies of an Ogg stream's header pages, one
 * after the other. Empty when they say nothing of it.
 */
export function titleOfOggHeader(header: Buffer): string {
  const start = commentsStart(header)
  const comments = start === null ? new Map<string, Buffer>() : readComments(header, start)
  return ['ARTIST', 'TITLE']
    .map((name) => decodeTitleText(comments.get(name) ?? Buffer.alloc(0)))
    .filter((text) => text !== '')
    .join(' - ')
}

/** Vorbis I, section 5; RFC 7845, section 5.2; the FLAC to Ogg mapping 1.0: a first packet of 51 bytes, then blocks with 4-byte headers. */
function commentsStart(header: Buffer): number | null {
  const vorbis = header.indexOf('\x03vorbis', 0, 'latin1')
  if (vorbis >= 0) return vorbis + 7
  const opus = header.indexOf('OpusTags', 0, 'latin1')
  if (opus >= 0) return opus + 8
  const isFlac = header.indexOf('\x7fFLAC', 0, 'latin1') === 0
  return isFlac && header.length > 55 && (header[51]! & 0x7f) === 4 ? 55 : null
}

/** `NAME=text`, each after its length; as many as are there. */
function readComments(bytes: Buffer, start: number): Map<string, Buffer> {
  const comments = new Map<string, Buffer>()
  let at = start
  const next = (): Buffer | null => {
    if (at + 4 > bytes.length) return null
    const from = at + 4
    const until = from + bytes.readUInt32LE(at)
    if (until > bytes.length) return null
    at = until
    return bytes.subarray(from, until)
  }
  next()
  if (at + 4 > bytes.length) return comments
  const count = bytes.readUInt32LE(at)
  at += 4
  for (let index = 0; index < count; index += 1) {
    const comment = next()
    if (comment === null) break
    const equals = comment.indexOf(0x3d)
    if (equals > 0) comments.set(comment.toString('latin1', 0, equals).toUpperCase(), comment.subarray(equals + 1))
  }
  return comments
}
