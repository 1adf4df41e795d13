import { beforeAll, describe, expect, it } from 'vitest'
import { SILENT_UNIT } from '../../media/adts.ts'
import { cmafSegment } from '../../media/cmaf.ts'
import { cmafInit } from '../../media/cmaf-init.ts'
import { etagOf } from '../../media/etag.ts'
import { mpegtsSegment } from '../../media/mpegts.ts'
import { packageSegment } from '../../media/packaging.ts'
import { packedAudioSegment } from '../../media/packed-audio.ts'
import { parseCmaf } from '../../media/parse-cmaf.ts'
import { type ContinuityCounters, parseMpegts } from '../../media/parse-mpegts.ts'
import { parsePackedAudio } from '../../media/parse-packed-audio.ts'
import { FRAMES_PER_SEGMENT, firstFrameOfSegment } from '../../media/timeline.ts'
import { encodeUnits, high, low, MUSIC, probe, segmentsFrom, titleAt, withFiles } from './real-frames.ts'

const K = 447_601_234
/** As deep equality says, but in no time. */
const same = (some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean =>
  some.length === others.length && some.every((unit, index) => Buffer.compare(unit, others[index]!) === 0)
const names = ({ tag }: { tag: { title: string | null; artist: string | null } }): unknown => [tag.title, tag.artist]

describe.each([high, low])('a segment of $id', (rendition) => {
  let units: Buffer[]
  beforeAll(() => {
    const some = encodeUnits(MUSIC, 29, rendition).slice(0, 7 * FRAMES_PER_SEGMENT)
    units = [...some, ...some, ...some]
  })

  it('in CMAF has its frames, its absolute time, and the titles at their frames', () => {
    const [, , segment] = segmentsFrom(units, K, 3)
    const fragment = parseCmaf(cmafSegment(segment!))
    expect(same(fragment.units, segment!.units)).toBe(true)
    expect(fragment).toMatchObject({ sequence: K + 2, decodeTime: (K + 2) * 188 * 1024, decodeTimeBytes: 8 })
    expect(fragment.titles.map((one) => one.presentationTime / 1024 - firstFrameOfSegment(K + 2))).toEqual([0, 77, 150])
    expect(fragment.titles.map(names)).toEqual([
      ['Morning', 'The Larks'],
      ['Утро 早晨 🎵', 'Жаворонки'],
      ['Noon', null],
    ])
    expect(new Set(fragment.titles.map(({ id }) => id)).size).toBe(3)
  })

  it('in packed ADTS has its frames, its time, and the title that holds at its beginning', () => {
    const [, , segment] = segmentsFrom(units, K, 3)
    const packed = parsePackedAudio(packedAudioSegment(segment!, rendition))
    expect(same(packed.units, segment!.units)).toBe(true)
    expect(packed.channels).toBe(rendition.channels)
    expect(packed.timestamp).toBe(((K + 2) * 188 * 1920) % 2 ** 33)
    expect(packed.tags.map((tag) => names({ tag }))).toEqual([['Morning', 'The Larks']])
  })

  it('in MPEG-TS has its frames, the time of each PES, and the titles at their frames; counters run on for 20 segments, silence among them', () => {
    const counters: ContinuityCounters = new Map()
    for (const segment of segmentsFrom(units, K, 20)) {
      if (segment.number === K + 7) segment.units = Array(FRAMES_PER_SEGMENT).fill(SILENT_UNIT[rendition.channels])
      const parsed = parseMpegts(mpegtsSegment(segment, rendition), counters)
      expect(same(parsed.units, segment.units)).toBe(true)
      expect(parsed.channels).toBe(rendition.channels)
      const frame = firstFrameOfSegment(segment.number)
      expect(parsed.pts).toEqual([0, 47, 94, 141].map((after) => ((frame + after) * 1920) % 2 ** 33))
      expect(parsed.titles.map(({ pts }) => pts)).toEqual(segment.titles.map((title) => (title.frame * 1920) % 2 ** 33))
      if (segment.number === K + 2) expect(names(parsed.titles[1]!)).toEqual(['Утро 早晨 🎵', 'Жаворонки'])
    }
  })

  it('in MPEG-TS comes apart where a neighbour is left out: the counters do tell', () => {
    const [first, , third] = segmentsFrom(units, K, 3).map((segment) => mpegtsSegment(segment, rendition))
    const counters: ContinuityCounters = new Map()
    parseMpegts(first!, counters)
    expect(() => parseMpegts(third!, counters)).toThrow('PID 0 counts')
  })

  it('in MPEG-TS holds up to 31 changes of title', () => {
    const [segment] = segmentsFrom(units, K, 1)
    const frame = firstFrameOfSegment(K)
    for (const changes of [15, 16, 17, 31]) {
      const titles = Array.from({ length: changes + 1 }, (_, index) => titleAt(frame + index, `Title ${index}`))
      const counters: ContinuityCounters = new Map()
      const parsed = parseMpegts(mpegtsSegment({ ...segment!, titles }, rendition), counters)
      expect(parsed.titles.map(({ tag }) => tag.title)).toEqual(titles.map(({ title }) => title))
      expect(() => parseMpegts(mpegtsSegment(segmentsFrom(units, K + 1, 1)[0]!, rendition), counters)).not.toThrow()
    }
  })

  it.each(['cmaf', 'ts', 'adts'] as const)('in %s is the same wherever it is made', (packaging) => {
    const [here] = segmentsFrom(units, K, 1)
    const there = { ...segmentsFrom(units, K, 3)[0]!, units: here!.units.map((unit) => Uint8Array.from(unit)) }
    const [one, other] = [here!, there].map((segment) => packageSegment(packaging, segment, rendition))
    expect(one!.equals(other!)).toBe(true)
    expect(etagOf(one!)).toBe(etagOf(other!))
    expect(etagOf(one!)).toMatch(/^"[\w-]{43}"$/)
  })

  it('costs no more than the station promises its listeners', () => {
    const segments = segmentsFrom(units, K, 20).filter(({ titles }) => titles.length === 1)
    const raw = segments.flatMap((segment) => segment.units).reduce((sum, unit) => sum + unit.length, 0)
    const overhead = (packaging: 'cmaf' | 'ts' | 'adts'): number =>
      segments.reduce((sum, segment) => sum + packageSegment(packaging, segment, rendition).length, 0) / raw - 1
    expect(overhead('cmaf')).toBeLessThanOrEqual(rendition === high ? 0.015 : 0.04)
    expect(overhead('ts')).toBeLessThanOrEqual(rendition === high ? 0.075 : 0.14)
    expect(overhead('adts')).toBeLessThanOrEqual(rendition === high ? 0.0235 : 0.062)
  })

  it('has a CMAF header in which ffprobe finds the codec, the channels and the bit rate', () => {
    const facts = withFiles({ 'init.mp4': cmafInit(rendition) }, (folder) =>
      probe(`${folder}/init.mp4`, 'stream=codec_name,sample_rate,channels,bit_rate'),
    )
    const bitRate = (rendition.bitrateKbps * 1000).toString()
    const channels = rendition.channels.toString()
    expect(facts).toEqual({ codec_name: 'aac', sample_rate: '48000', channels, bit_rate: bitRate })
  })

  it('that is not whole is not packaged', () => {
    const [segment] = segmentsFrom(units, K, 1)
    expect(() => cmafSegment({ ...segment!, units: units.slice(0, 187) })).toThrow('has 187 units instead of 188')
    expect(() => cmafSegment({ ...segment!, titles: [titleAt(firstFrameOfSegment(K + 1), 'Later')] })).toThrow(
      'has a title at frame',
    )
  })
})
