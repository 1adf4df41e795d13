import { DEFAULT_CHUNK_SIZE, EXTENDED_TIMESTAMP } from './message.ts'

type LastHeader = { type: number; streamId: number; length: number; timestampMs: number; delta: number }

/**
 * Cuts messages into chunks (RTMP 1.0, 5.3) with the shortest header that says enough. The extended timestamp is repeated on each
 * type 3 chunk of a message whose header has one.
 */
export class ChunkWriter {
  /** Bytes of payload in a chunk. Whoever changes it has told the peer before. */
  chunkSize = DEFAULT_CHUNK_SIZE
  readonly #last = new Map<number, LastHeader>()

  /** One message in one piece of memory. Timestamps are plain rising milliseconds; the wire has them modulo 2^32. */
  encode(chunkStream: number, type: number, streamId: number, timestampMs: number, body: Uint8Array): Buffer {
    const last = this.#last.get(chunkStream)
    const delta = last ? timestampMs - last.timestampMs : -1
    let format: 0 | 1 | 2 | 3 = 0
    if (last && delta >= 0 && delta < EXTENDED_TIMESTAMP && last.streamId === streamId) {
      format = 1
      if (last.type === type && last.length === body.length) format = last.delta === delta ? 3 : 2
    }
    const time = format === 0 ? timestampMs % 0x1_0000_0000 : delta
    const extended = format === 0 && time >= EXTENDED_TIMESTAMP
    // A type 3 header right after a type 0 header means different things to different readers: see ChunkReader. -1 avoids it.
    const remembered = format === 0 ? -1 : delta
    if (last) {
      last.type = type
      last.streamId = streamId
      last.length = body.length
      last.timestampMs = timestampMs
      last.delta = remembered
    } else this.#last.set(chunkStream, { type, streamId, length: body.length, timestampMs, delta: remembered })

    const basicBytes = chunkStream < 64 ? 1 : chunkStream < 320 ? 2 : 3
    const headerBytes = format === 0 ? 11 : format === 1 ? 7 : format === 2 ? 3 : 0
    const extendedBytes = extended ? 4 : 0
    const chunks = Math.max(1, Math.ceil(body.length / this.chunkSize))
    const bytes = Buffer.allocUnsafe(chunks * (basicBytes + extendedBytes) + headerBytes + body.length)
    let at = writeBasicHeader(bytes, 0, format, chunkStream)
    if (format < 3) at = bytes.writeUIntBE(extended ? EXTENDED_TIMESTAMP : time, at, 3)
    if (format < 2) {
      at = bytes.writeUIntBE(body.length, at, 3)
      at = bytes.writeUInt8(type, at)
    }
    if (format === 0) at = bytes.writeUInt32LE(streamId, at)
    if (extended) at = bytes.writeUInt32BE(time, at)
    for (let from = 0; ; ) {
      const to = Math.min(from + this.chunkSize, body.length)
      bytes.set(from === 0 && to === body.length ? body : body.subarray(from, to), at)
      at += to - from
      if (to >= body.length) return bytes
      from = to
      at = writeBasicHeader(bytes, at, 3, chunkStream)
      if (extended) at = bytes.writeUInt32BE(time, at)
    }
  }
}

function writeBasicHeader(bytes: Buffer, at: number, format: number, chunkStream: number): number {
  const first = format << 6
  if (chunkStream < 64) return bytes.writeUInt8(first | chunkStream, at)
  if (chunkStream < 320) {
    bytes[at] = first
    return bytes.writeUInt8(chunkStream - 64, at + 1)
  }
  bytes[at] = first | 1
  return bytes.writeUInt16LE(chunkStream - 64, at + 1)
}
