import { FormatError } from './format-error.ts'
import { TIMESTAMP_OWNER } from './id3.ts'

/** What one ID3v2.4 tag says; null where it says nothing. */
export type Id3Tag = {
  /** The whole tag, its header included. */
  bytes: number
  title: string | null
  artist: string | null
  /** The 33-bit MPEG-2 timestamp of a packed audio segment. */
  timestamp: number | null
}

/** Reads the tag at an offset. Throws a {@link FormatError} when it is none, or cut off. Frames of other kinds are passed over. */
export function parseId3(bytes: Buffer, at = 0): Id3Tag {
  if (!startsWithId3(bytes, at) || bytes.length < at + 10) throw new FormatError(`no ID3v2.4 tag at byte ${at}`)
  const end = at + 10 + synchsafe(bytes, at + 6)
  if (end > bytes.length) throw new FormatError(`the ID3 tag at byte ${at} is cut off`)
  const tag: Id3Tag = { bytes: end - at, title: null, artist: null, timestamp: null }
  for (let frameAt = at + 10; frameAt < end && bytes[frameAt] !== 0; ) {
    const bodyAt = frameAt + 10
    const bodyEnd = bodyAt > end ? end + 1 : bodyAt + synchsafe(bytes, frameAt + 4)
    if (bodyEnd > end) throw new FormatError(`the ID3 frame at byte ${frameAt} is cut off`)
    readFrame(tag, bytes.toString('latin1', frameAt, frameAt + 4), bytes.subarray(bodyAt, bodyEnd))
    frameAt = bodyEnd
  }
  return tag
}

export function startsWithId3(bytes: Buffer, at: number): boolean {
  return bytes.toString('latin1', at, at + 3) === 'ID3' && bytes[at + 3] === 4
}

function readFrame(tag: Id3Tag, id: string, body: Buffer): void {
  if (id === 'TIT2') tag.title = text(body)
  if (id === 'TPE1') tag.artist = text(body)
  if (id === 'PRIV' && body.toString('latin1', 0, TIMESTAMP_OWNER.length + 1) === `${TIMESTAMP_OWNER}\0`) {
    if (body.length !== TIMESTAMP_OWNER.length + 9) throw new FormatError('the ID3 timestamp has not eight bytes')
    tag.timestamp = Number(body.readBigUInt64BE(TIMESTAMP_OWNER.length + 1))
  }
}

/** UTF-8 and Latin-1: what is met in HLS. */
function text(body: Buffer): string {
  const encoding = body[0]
  if (encoding !== 3 && encoding !== 0) throw new FormatError(`ID3 text in encoding ${encoding}`)
  return body.toString(encoding === 3 ? 'utf8' : 'latin1', 1).replace(/\0+$/, '')
}

function synchsafe(bytes: Buffer, at: number): number {
  const [a, b, c, d] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!]
  if ((a | b | c | d) & 0x80) throw new FormatError(`no ID3 size at byte ${at}`)
  return (a << 21) | (b << 14) | (c << 7) | d
}
