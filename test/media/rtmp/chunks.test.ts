import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChunkReader } from '../../../media/rtmp/chunk-reader.ts'
import { ChunkWriter } from '../../../media/rtmp/chunk-writer.ts'
import { RTMP_LIMITS } from '../../../media/rtmp/limits.ts'
import { MESSAGE, type RtmpMessage } from '../../../media/rtmp/message.ts'
import { cutIntoChunks, setChunkSize } from './chunk-tools.ts'

type Sent = { chunkStream: number; type: number; streamId: number; timestampMs: number; body: Buffer }

function readAll(reader: ChunkReader, pieces: readonly Buffer[]): RtmpMessage[] {
  const messages: RtmpMessage[] = []
  for (const piece of pieces) {
    reader.append(piece)
    for (let message = reader.next(); message; message = reader.next()) messages.push(message)
  }
  return messages
}

/** Pieces of the lengths given, round and round, as a network would cut. */
function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const length = lengths[index % lengths.length]!
    pieces.push(bytes.subarray(at, at + length))
    at += length
  }
  return pieces
}

/** Short enough to compare hundreds of thousands of them. */
const summary = ({ type, streamId, timestamp, body }: RtmpMessage): string =>
  `${type} on ${streamId} at ${timestamp}: ${body.toString('latin1')}`
const summaryOfSent = ({ timestampMs, ...rest }: Sent): string =>
  summary({ ...rest, timestamp: timestampMs % 0x1_0000_0000 })

/** One, two and three bytes of basic header, at their edges. */
const chunkStreams = fc.constantFrom(3, 63, 64, 319, 320, 65_599)
const steps = fc.oneof(fc.constantFrom(0, 21, 22), fc.nat(0x1_00_00_00), fc.constantFrom(0xffffff, 0x1000000, -5))
const lengths = fc.oneof(fc.nat(700), fc.constantFrom(0, 1, 127, 128, 129, 340))

const rows = fc
  .record({
    startMs: fc.constantFrom(0, 0xffffff - 50, 0x1_0000_0000 - 60, 0x3_0000_0000 - 60),
    parts: fc.array(
      fc.record({
        chunkStream: chunkStreams,
        type: fc.constantFrom(MESSAGE.audio, MESSAGE.dataAmf0),
        streamId: fc.constantFrom(1, 1, 1, 2),
        step: steps,
        length: lengths,
      }),
      { minLength: 1, maxLength: 25 },
    ),
  })
  .map(({ startMs, parts }) => {
    const clocks = new Map<number, number>()
    return parts.map((part, index): Sent => {
      const timestampMs = Math.max(0, (clocks.get(part.chunkStream) ?? startMs) + part.step)
      clocks.set(part.chunkStream, timestampMs)
      const body = Buffer.alloc(part.length, index + 1)
      return { chunkStream: part.chunkStream, type: part.type, streamId: part.streamId, timestampMs, body }
    })
  })

describe('chunks', () => {
  it('come back as the messages they were, whatever the chunk size and however the network cuts', () => {
    fc.assert(
      fc.property(
        rows,
        fc.integer({ min: 1, max: 800 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
        (row, size, pieces) => {
          const writer = new ChunkWriter()
          const bytes = [setChunkSize(writer, size)]
          for (const { chunkStream, type, streamId, timestampMs, body } of row)
            bytes.push(writer.encode(chunkStream, type, streamId, timestampMs, body))
          const reader = new ChunkReader(RTMP_LIMITS)
          expect(readAll(reader, cut(Buffer.concat(bytes), pieces)).map(summary)).toEqual(row.map(summaryOfSent))
          expect(reader.bufferedBytes).toBe(0)
        },
      ),
      { seed: 3, numRuns: 400 },
    )
  })

  it('come back when their chunk streams are interleaved in any way', () => {
    fc.assert(
      fc.property(rows, fc.array(fc.nat(5), { minLength: 1 }), fc.boolean(), (row, order, repeats) => {
        const writer = new ChunkWriter()
        const queues = new Map<number, { message: Sent; chunks: Buffer[] }[]>()
        for (const message of row) {
          const { chunkStream, type, streamId, timestampMs, body } = message
          const chunks = cutIntoChunks(writer.encode(chunkStream, type, streamId, timestampMs, body), 128, repeats)
          queues.set(chunkStream, [...(queues.get(chunkStream) ?? []), { message, chunks }])
        }
        const finished: Sent[] = []
        const bytes: Buffer[] = []
        for (let turn = 0; queues.size > 0; turn++) {
          const ids = [...queues.keys()]
          const id = ids[order[turn % order.length]! % ids.length]!
          const queue = queues.get(id)!
          bytes.push(queue[0]!.chunks.shift()!)
          if (queue[0]!.chunks.length === 0) finished.push(queue.shift()!.message)
          if (queue.length === 0) queues.delete(id)
        }
        // A last chunk whose payload begins like the missing timestamp is recognised by what follows it: here an empty order.
        bytes.push(writer.encode(2, MESSAGE.abort, 0, 0, Buffer.from([0, 0, 0, 99])))
        expect(readAll(new ChunkReader(RTMP_LIMITS), bytes).map(summary)).toEqual(finished.map(summaryOfSent))
      }),
      { seed: 4, numRuns: 400 },
    )
  })

  it('use each of the four header types, and few bytes for a steady stream', () => {
    const writer = new ChunkWriter()
    const formats = [0, 20, 40, 60, 81].map((timestampMs, index) => {
      const body = Buffer.alloc(index === 1 ? 90 : 100)
      return writer.encode(4, MESSAGE.audio, 1, timestampMs, body)[0]! >> 6
    })
    expect(formats).toEqual([0, 1, 1, 3, 2])
  })

  it('change their size in the middle of a stream', () => {
    const writer = new ChunkWriter()
    const body = Buffer.alloc(1_000, 7)
    const bytes = [
      writer.encode(4, MESSAGE.audio, 1, 0, body),
      setChunkSize(writer, 3),
      writer.encode(4, MESSAGE.audio, 1, 21, body),
      setChunkSize(writer, 60_000),
      writer.encode(4, MESSAGE.audio, 1, 43, body),
    ]
    const messages = readAll(new ChunkReader(RTMP_LIMITS), [Buffer.concat(bytes)])
    expect(messages.map(({ timestamp }) => timestamp)).toEqual([0, 21, 43])
    for (const message of messages) expect(message.body.equals(body)).toBe(true)
  })

  it('are forgotten when the sender aborts their message, and their memory is given back', () => {
    const writer = new ChunkWriter()
    const reader = new ChunkReader(RTMP_LIMITS)
    const [begun] = cutIntoChunks(writer.encode(4, MESSAGE.audio, 1, 0, Buffer.alloc(500, 1)), 128, true)
    expect(readAll(reader, [begun!])).toEqual([])
    expect(reader.bufferedBytes).toBe(500)
    expect(readAll(reader, [writer.encode(2, MESSAGE.abort, 0, 0, Buffer.from([0, 0, 0, 4]))])).toEqual([])
    expect(reader.bufferedBytes).toBe(0)
    const next = Buffer.alloc(300, 2)
    expect(readAll(reader, [writer.encode(4, MESSAGE.audio, 1, 21, next)])).toMatchObject([
      { timestamp: 21, body: next },
    ])
  })

  it('skip messages of types that nobody wants, of any length, without memory', () => {
    const writer = new ChunkWriter()
    const reader = new ChunkReader(RTMP_LIMITS, (type) => type === MESSAGE.video)
    const video = writer.encode(6, MESSAGE.video, 1, 0, Buffer.alloc(3_000_000))
    const audio = writer.encode(4, MESSAGE.audio, 1, 21, Buffer.from([0xaf, 1]))
    reader.append(video.subarray(0, 2_000_000))
    expect(reader.next()).toBeNull()
    expect(reader.bufferedBytes).toBe(0)
    expect(readAll(reader, [video.subarray(2_000_000), audio])).toMatchObject([{ type: MESSAGE.audio, timestamp: 21 }])
  })

  it('that break a limit are refused by its name', () => {
    const header = (chunkStream: number, length: number): Buffer => {
      const bytes = Buffer.from([chunkStream, 0, 0, 0, 0, 0, 0, MESSAGE.audio, 1, 0, 0, 0])
      bytes.writeUIntBE(length, 4, 3)
      return bytes
    }
    const announce = (count: number, length: number): (() => void) => {
      const payload = Buffer.alloc(Math.min(128, length))
      const headers = Array.from({ length: count }, (_, index) => Buffer.concat([header(index + 3, length), payload]))
      return () => readAll(new ChunkReader(RTMP_LIMITS), headers)
    }
    expect(announce(1, 0xffffff)).toThrow('message of type 8 announces 16777215 bytes, limit 131072')
    expect(announce(3, 131_072)).toThrow('unfinished messages of more than 262144 bytes')
    expect(announce(33, 10)).toThrow('more than 32 chunk streams')
    expect(() => readAll(new ChunkReader(RTMP_LIMITS), [Buffer.from([0xc3, 0])])).toThrow(
      'begins with a header of type 3',
    )
    const sizeZero = new ChunkWriter().encode(2, MESSAGE.setChunkSize, 0, 0, Buffer.alloc(4))
    expect(() => readAll(new ChunkReader(RTMP_LIMITS), [sizeZero])).toThrow('chunk size 0')
  })
})
