import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChunkReader } from '../../../media/rtmp/chunk-reader.ts'
import { ChunkWriter } from '../../../media/rtmp/chunk-writer.ts'
import { RTMP_LIMITS } from '../../../media/rtmp/limits.ts'
import { MESSAGE } from '../../../media/rtmp/message.ts'
import { TimestampUnwrapper } from '../../../media/rtmp/timestamp-unwrapper.ts'
import { framesOfRtmpMs, rtmpMsOfFrames } from '../../../media/timeline.ts'
import { cutIntoChunks } from './chunk-tools.ts'

function timestamps(bytes: readonly Buffer[]): number[] {
  const reader = new ChunkReader(RTMP_LIMITS)
  const read: number[] = []
  for (const piece of bytes) {
    reader.append(piece)
    for (let message = reader.next(); message; message = reader.next()) read.push(message.timestamp)
  }
  return read
}

const audioHeader = (format: number, field: number): Buffer => {
  const header = Buffer.from([(format << 6) | 4, 0, 0, 0, 0, 0, 2, MESSAGE.audio, 1, 0, 0, 0])
  header.writeUIntBE(field, 1, 3)
  return Buffer.concat([header.subarray(0, [12, 8, 4, 1][format]), Buffer.from([0xaf, 1])])
}

describe('timestamps', () => {
  it('need four more bytes from 0xFFFFFF on, and not one millisecond sooner', () => {
    const lengthAt = (timestampMs: number): number =>
      new ChunkWriter().encode(4, MESSAGE.audio, 1, timestampMs, Buffer.alloc(2)).length
    expect([0xfffffe, 0xffffff, 0x1000000].map(lengthAt)).toEqual([14, 18, 18])
    for (const timestampMs of [0xfffffe, 0xffffff, 0x1000000, 0xffffffff]) {
      const bytes = new ChunkWriter().encode(4, MESSAGE.audio, 1, timestampMs, Buffer.alloc(2))
      expect(timestamps([bytes])).toEqual([timestampMs])
    }
  })

  it('are repeated on each further chunk when we write, and may be missing there when we read', () => {
    const body = Buffer.alloc(400, 0x55)
    const bytes = new ChunkWriter().encode(4, MESSAGE.audio, 1, 0x1234567, body)
    expect(bytes.length).toBe(12 + 4 + 400 + 3 * (1 + 4))
    for (const repeats of [true, false]) {
      const reader = new ChunkReader(RTMP_LIMITS)
      reader.append(Buffer.concat(cutIntoChunks(bytes, 128, repeats)))
      expect(reader.next()).toEqual({ type: MESSAGE.audio, streamId: 1, timestamp: 0x1234567, body })
    }
  })

  it('need no waiting for bytes that never come, when the payload shows that none is repeated', () => {
    const body = Buffer.alloc(130, 0x55)
    const chunks = cutIntoChunks(new ChunkWriter().encode(4, MESSAGE.audio, 1, 0x1234567, body), 128, false)
    expect(chunks[1]).toHaveLength(3)
    expect(timestamps(chunks)).toEqual([0x1234567])
  })

  it('of a type 3 header after a type 0 header: the same step again, or the same instant when that is hours', () => {
    expect(timestamps([audioHeader(0, 23), audioHeader(3, 0), audioHeader(3, 0)])).toEqual([23, 46, 69])
    expect(timestamps([audioHeader(0, 7_200_000), audioHeader(3, 0)])).toEqual([7_200_000, 7_200_000])
    expect(timestamps([audioHeader(0, 7_200_000), audioHeader(2, 21), audioHeader(3, 0)])).toEqual([
      7_200_000, 7_200_021, 7_200_042,
    ])
  })

  it('rise on through 2^24 and 2^32 ms, frame for frame, for a publication of half a year', () => {
    const writer = new ChunkWriter()
    const unwrapper = new TimestampUnwrapper()
    const reader = new ChunkReader(RTMP_LIMITS)
    const edges = [0, 0xffffff, 0x8000_0000, 0x1_0000_0000, 0x2_0000_0000, 0x3_0000_0000]
    const wrong: object[] = []
    let frame = 0
    const lastFrame = framesOfRtmpMs(0x3_0000_0000) + 100
    while (frame < lastFrame) {
      const sentMs = rtmpMsOfFrames(frame)
      reader.append(writer.encode(4, MESSAGE.audio, 1, sentMs, Buffer.alloc(3)))
      const heardMs = unwrapper.advance(reader.next()!.timestamp)
      if (heardMs !== sentMs || framesOfRtmpMs(heardMs) !== frame) wrong.push({ frame, sentMs, heardMs })
      frame += stepAt(edges, sentMs)
    }
    expect(wrong).toEqual([])
  })

  it('keep small steps back as they are, whatever lies between', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 40 }),
        fc.integer({ min: -1_000, max: 1_000_000 }),
        (startMs, step) => {
          fc.pre(startMs + step >= 0)
          const unwrapper = new TimestampUnwrapper()
          const first = unwrapper.advance(startMs % 2 ** 32)
          expect(unwrapper.advance((startMs + step) % 2 ** 32) - first).toBe(step)
        },
      ),
      { seed: 5, numRuns: 500 },
    )
  })

  it('of metadata that restarts at 0 do not move those of the audio', () => {
    const unwrapper = new TimestampUnwrapper()
    unwrapper.advance(0xffff_fff0)
    expect(unwrapper.advance(5)).toBe(0x1_0000_0005)
    expect(unwrapper.near(0)).toBe(0x1_0000_0000)
    expect(unwrapper.advance(26)).toBe(0x1_0000_001a)
  })

  it('of a sender that counts with 31 bits rise on too', () => {
    const unwrapper = new TimestampUnwrapper()
    const heard: number[] = []
    for (let ms = 0x7fff_ff00; ms < 0x1_8000_0200; ms += ms % 0x8000_0000 < 100_000 ? 21 : 50_000)
      heard.push(unwrapper.advance(ms % 0x8000_0000))
    const steps = heard.slice(1).map((ms, index) => ms - heard[index]!)
    expect(Math.min(...new Set(steps))).toBeGreaterThan(0)
    expect(Math.max(...new Set(steps))).toBeLessThanOrEqual(50_000)
  })
})

/** Every frame around each boundary, elsewhere a jump of about a second, or far away of about an hour. */
function stepAt(edges: readonly number[], ms: number): number {
  const distanceMs = Math.min(...edges.map((edge) => Math.abs(edge - ms)))
  return distanceMs < 2_000 ? 1 : distanceMs < 4_000_000 ? 50 : 150_000
}
