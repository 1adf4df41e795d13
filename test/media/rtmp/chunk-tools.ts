import type { ChunkWriter } from '../../../media/rtmp/chunk-writer.ts'
import { MESSAGE } from '../../../media/rtmp/message.ts'

/** The message that tells the peer a new chunk size; the writer uses it from then on. */
export function setChunkSize(writer: ChunkWriter, size: number): Buffer {
  const body = Buffer.alloc(4)
  body.writeUInt32BE(size)
  const bytes = writer.encode(2, MESSAGE.setChunkSize, 0, 0, body)
  writer.chunkSize = size
  return bytes
}

/**
 * The chunks of one encoded message, by a reading of the format that is independent of the reader's. Without `repeats` the
 * extended timestamp is taken out of the type 3 chunks, as rtmpdump sends them.
 */
export function cutIntoChunks(message: Buffer, chunkSize: number, repeats: boolean): Buffer[] {
  const format = message[0]! >> 6
  const short = message[0]! & 63
  const basicBytes = short === 0 ? 2 : short === 1 ? 3 : 1
  const extendedBytes = format < 3 && message.readUIntBE(basicBytes, 3) === 0xffffff ? 4 : 0
  let at = basicBytes + [11, 7, 3, 0][format]! + extendedBytes + chunkSize
  const chunks = [message.subarray(0, at)]
  while (at < message.length) {
    const payloadAt = at + basicBytes + extendedBytes
    const end = Math.min(payloadAt + chunkSize, message.length)
    chunks.push(
      repeats
        ? message.subarray(at, end)
        : Buffer.concat([message.subarray(at, at + basicBytes), message.subarray(payloadAt, end)]),
    )
    at = end
  }
  return chunks
}
