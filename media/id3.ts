import type { Title } from '../schemas/markers.ts'
import { u32, u64 } from './bytes.ts'
import { printable, truncateUtf8 } from './utf8.ts'

/**
 * ID3v2.4 tags (id3.org, ID3v2.4.0 structure, 3.1 and 4): the form in which HLS carries titles and timestamps
 * (RFC 8216, 3.4; Apple's "Timed Metadata for HTTP Live Streaming").
 */
const UTF8 = 3
const HEADER_BYTES = 10
const FRAME_HEADER_BYTES = 10
const TEXT_FRAME_OVERHEAD_BYTES = FRAME_HEADER_BYTES + 1
export const TIMESTAMP_OWNER = 'com.apple.streaming.transportStreamTimestamp'

/** A tag with the title (TIT2) and, where there is one, the artist (TPE1), cut to so many bytes on a character boundary. */
export function titleTag(title: Title, bytesMax = 1024): Buffer {
  return tag(titleFrames(title, bytesMax - HEADER_BYTES))
}

/** The tag that opens a packed audio segment: the 33-bit MPEG-2 timestamp of its first sample, and what is on. */
export function timestampTag(timestamp: number, title: Title | undefined): Buffer {
  const owner = Buffer.from(`${TIMESTAMP_OWNER}\0`, 'latin1')
  const frames = [frame('PRIV', Buffer.concat([owner, u64(timestamp)]))]
  return tag(title ? [...frames, ...titleFrames(title, 1024)] : frames)
}

function titleFrames({ title, artist }: Title, bytesMax: number): Buffer[] {
  const texts = [
    { id: 'TIT2', text: printable(title) },
    { id: 'TPE1', text: printable(artist) },
  ].filter(({ text }) => text !== '')
  let left = bytesMax - TEXT_FRAME_OVERHEAD_BYTES * texts.length
  const lengths = texts.map(({ text }) => Buffer.byteLength(text))
  return texts.map(({ id, text }, index) => {
    // Too long for both: the title may have what the artist leaves, but at most half is kept for the artist.
    const reserved = index === 0 ? Math.min(lengths[1] ?? 0, Math.floor(left / 2)) : 0
    const bytes = Buffer.from(truncateUtf8(text, left - reserved), 'utf8')
    left -= bytes.length
    return frame(id, Buffer.concat([Buffer.from([UTF8]), bytes]))
  })
}

function tag(frames: readonly Buffer[]): Buffer {
  const body = Buffer.concat(frames)
  return Buffer.concat([Buffer.from('ID3\x04\0\0', 'latin1'), u32(synchsafe(body.length)), body])
}

function frame(id: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(id, 'latin1'), u32(synchsafe(body.length)), Buffer.from([0, 0]), body])
}

/** 28 bits, seven in each byte. */
function synchsafe(value: number): number {
  return ((value & 0xfe00000) << 3) | ((value & 0x1fc000) << 2) | ((value & 0x3f80) << 1) | (value & 0x7f)
}
