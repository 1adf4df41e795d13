import { decodeTitleText } from './title-text.ts'

const CAPTURE = Buffer.from('OggS', 'latin1')
const HEADER_BYTES = 27
const BEGINNING = 0x02
const END = 0x04
/** Of a comment packet's beginning: pictures may come after the texts. */
const COMMENT_BYTES_MAX = 16_384

/**
 * Looks over the pages of an Ogg stream as they pass (RFC 3533 section 6), for two things that a decoder doesn't tell in time: its titles
 * (the comment packets of Vorbis, Opus and FLAC), and whether it has come to its declared end. Keeps 16 KiB at most.
 */
export class OggPages {
  readonly #onTitle: (title: string) => void
  /** What is left over of a header that was cut in two. */
  #rest: Buffer = Buffer.alloc(0)
  #bodyLeftBytes = 0
  #ended = false
  /** The first packets since a stream began, in which its comments are; null when they have passed. */
  #beginning: Buffer | null = null

  constructor(onTitle: (title: string) => void) {
    this.#onTitle = onTitle
  }

  push(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length) {
      if (this.#bodyLeftBytes > 0) {
        const body = bytes.subarray(at, at + this.#bodyLeftBytes)
        at += body.length
        this.#bodyLeftBytes -= body.length
        this.#collect(body)
        continue
      }
      const unread = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes.subarray(at)]) : bytes.subarray(at)
      const start = unread.indexOf(CAPTURE)
      const header = start < 0 ? null : headerAt(unread, start)
      if (!header) {
        this.#rest = Buffer.from(start < 0 ? unread.subarray(-(CAPTURE.length - 1)) : unread.subarray(start))
        return
      }
      at += start + header.lengthBytes - this.#rest.length
      this.#rest = Buffer.alloc(0)
      this.#bodyLeftBytes = header.bodyBytes
      this.#ended = (header.flags & END) !== 0
      if (header.flags & BEGINNING) this.#beginning = Buffer.alloc(0)
    }
  }

  /** The newest page was the last one of its stream, and is whole. */
  isEnded(): boolean {
    return this.#ended && this.#bodyLeftBytes === 0
  }

  #collect(body: Buffer): void {
    if (this.#beginning === null) return
    this.#beginning = Buffer.concat([this.#beginning, body]).subarray(0, COMMENT_BYTES_MAX)
    const comments = commentsIn(this.#beginning)
    if (comments === null) {
      if (this.#beginning.length === COMMENT_BYTES_MAX) this.#beginning = null
      return
    }
    this.#beginning = null
    const title = titleOf(comments)
    if (title !== '') this.#onTitle(title)
  }
}

function headerAt(bytes: Buffer, start: number): { flags: number; lengthBytes: number; bodyBytes: number } | null {
  if (bytes.length < start + HEADER_BYTES) return null
  const segments = bytes[start + 26]!
  const table = bytes.subarray(start + HEADER_BYTES, start + HEADER_BYTES + segments)
  if (table.length < segments) return null
  const bodyBytes = table.reduce((sum, length) => sum + length, 0)
  return { flags: bytes[start + 5]!, lengthBytes: HEADER_BYTES + segments, bodyBytes }
}

/** `NAME=text` of the comment packet in a stream's first bytes (page headers taken out); null while it is not all there. */
function commentsIn(beginning: Buffer): Map<string, Buffer> | null {
  const vorbis = beginning.indexOf('\x03vorbis', 0, 'latin1')
  const opus = beginning.indexOf('OpusTags', 0, 'latin1')
  const flac = flacCommentAt(beginning)
  const at = vorbis >= 0 ? vorbis + 7 : opus >= 0 ? opus + 8 : flac
  return at === null ? null : readComments(beginning, at)
}

/** Ogg FLAC: a 51-byte first packet, then the comment block after its 4-byte header (the FLAC to Ogg mapping, 1.0). */
function flacCommentAt(beginning: Buffer): number | null {
  const isFlac = beginning.indexOf('\x7fFLAC', 0, 'latin1') === 0
  return isFlac && beginning.length > 55 && (beginning[51]! & 0x7f) === 4 ? 55 : null
}

function readComments(bytes: Buffer, start: number): Map<string, Buffer> | null {
  const comments = new Map<string, Buffer>()
  let at = start
  const text = (): Buffer | null => {
    if (at + 4 > bytes.length) return null
    const length = bytes.readUInt32LE(at)
    if (at + 4 + length > bytes.length) return null
    at += 4 + length
    return bytes.subarray(at - length, at)
  }
  if (text() === null || at + 4 > bytes.length) return null
  const count = bytes.readUInt32LE(at)
  at += 4
  for (let index = 0; index < count; index += 1) {
    const comment = text()
    // A picture may be longer than what is kept: the texts before it are enough.
    if (comment === null) return bytes.length === COMMENT_BYTES_MAX ? comments : null
    const equals = comment.indexOf(0x3d)
    if (equals > 0) comments.set(comment.toString('latin1', 0, equals).toUpperCase(), comment.subarray(equals + 1))
  }
  return comments
}

function titleOf(comments: Map<string, Buffer>): string {
  return ['ARTIST', 'TITLE']
    .map((name) => decodeTitleText(comments.get(name) ?? Buffer.alloc(0)))
    .filter((text) => text !== '')
    .join(' - ')
}
