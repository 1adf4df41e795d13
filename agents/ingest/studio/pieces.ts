import { FormatError } from '../../../media/format-error.ts'

const SEQUENCE_BYTES = 4

/** A binary message of a studio page: a 4-byte big-endian number that rises by one, then interleaved 16-bit little-endian PCM. */
export function readPiece(message: Buffer, channels: 1 | 2): { sequence: number; pcm: Buffer } {
  const pcm = message.subarray(SEQUENCE_BYTES)
  if (message.length <= SEQUENCE_BYTES || pcm.length % (2 * channels) !== 0)
    throw new FormatError(`${message.length} bytes are no piece of ${channels}-channel sound`)
  return { sequence: message.readUInt32BE(0), pcm }
}

/** As interleaved f32le stereo; one channel is heard on both sides. */
export function floatsOfPcm(pcm: Buffer, channels: 1 | 2): Buffer {
  const pairs = pcm.length / (2 * channels)
  const floats = new Float32Array(pairs * 2)
  for (let pair = 0; pair < pairs; pair += 1) {
    const at = pair * 2 * channels
    floats[pair * 2] = pcm.readInt16LE(at) / 32_768
    floats[pair * 2 + 1] = pcm.readInt16LE(channels === 2 ? at + 2 : at) / 32_768
  }
  return Buffer.from(floats.buffer)
}

/** Which pieces came: what the page had to throw away leaves a hole in the numbers. */
export class PieceCount {
  newest = -1
  missing = 0

  /** False: it has been here before. */
  take(sequence: number): boolean {
    if (sequence <= this.newest) return false
    // A page that comes back goes on counting where it was.
    if (this.newest >= 0) this.missing += sequence - this.newest - 1
    this.newest = sequence
    return true
  }
}
