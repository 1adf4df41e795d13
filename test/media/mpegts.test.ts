import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { titleTag } from '../../media/id3.ts'
import { mpegtsSegment } from '../../media/mpegts.ts'
import { type ContinuityCounters, parseMpegts } from '../../media/parse-mpegts.ts'
import type { RenditionInfo } from '../../schemas/markers.ts'
import { encodeUnits, ffmpeg, high, MUSIC, segmentsFrom, withFiles } from './real-frames.ts'

/** Segments of every bit rate, with frames from one byte to the largest that AAC-LC allows, anywhere on the timeline. */
const anySegments = fc.record({
  first: fc.integer({ min: 0, max: 2 ** 40 }),
  rendition: fc.record<RenditionInfo>({
    id: fc.constant('any'),
    bitrateKbps: fc.integer({ min: 8, max: 512 }),
    channels: fc.constantFrom(1, 2),
  }),
  unitBytes: fc.array(fc.integer({ min: 1, max: 1536 }), { minLength: 1, maxLength: 40 }),
})

describe('MPEG-TS', () => {
  it('counts on from segment to segment, whatever the frames are like', () => {
    fc.assert(
      fc.property(anySegments, ({ first, rendition, unitBytes }) => {
        const units = Array.from({ length: 3 * 188 }, (_, index) =>
          Buffer.alloc(unitBytes[(index * index) % unitBytes.length]!, index),
        )
        const counters: ContinuityCounters = new Map()
        for (const segment of segmentsFrom(units, first, 3)) {
          const { units: found, pts } = parseMpegts(mpegtsSegment(segment, rendition), counters)
          expect(Buffer.compare(Buffer.concat(found), Buffer.concat(segment.units))).toBe(0)
          expect(pts[0]).toBe(Number((BigInt(segment.number) * 188n * 1920n) % 2n ** 33n))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('shows its titles to ffmpeg as a stream of timed ID3', () => {
    const segments = segmentsFrom(encodeUnits(MUSIC, 13, high), 447_600_000, 3)
    const bytes = Buffer.concat(segments.map((segment) => mpegtsSegment(segment, high)))
    const tags = withFiles({ 'a.ts': bytes }, (folder) =>
      ffmpeg(['-i', `${folder}/a.ts`, '-map', '0:d', '-c', 'copy', '-f', 'data', '-']),
    )
    // Its demuxer takes each tag's first five bytes for the header of a metadata cell (ISO/IEC 13818-1, 2.12.4), which timed ID3 does not have.
    const expected = segments.flatMap(({ titles }) => titles.map((title) => titleTag(title).subarray(5)))
    expect(expected.length).toBe(5)
    expect(tags.equals(Buffer.concat(expected))).toBe(true)
  })
})
