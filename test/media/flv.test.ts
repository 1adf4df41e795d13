import { beforeAll, describe, expect, it } from 'vitest'
import { adtsOfUnits } from '../../media/adts.ts'
import { flvFrame, flvStart, flvTitle } from '../../media/flv.ts'
import { decode, encodeUnits, ffmpeg, high, low, MUSIC, probe, titleAt, withFiles } from './real-frames.ts'

const BASE = 84_149_000_000

describe.each([high, low])('HTTP-FLV of $id', (rendition) => {
  let units: Buffer[]
  beforeAll(() => {
    units = encodeUnits(MUSIC, 5, rendition)
  })
  const stream = (from: number): Buffer =>
    Buffer.concat([
      flvStart(rendition),
      flvTitle(titleAt(BASE - 100, 'Morning'), BASE),
      ...units.map((unit, index) => flvFrame(unit, BASE + from + index, BASE)),
    ])

  it('decodes to the same samples as ADTS', () => {
    const reference = decode(adtsOfUnits(units, rendition.channels), 'aac')
    expect(decode(stream(0), 'flv').equals(reference)).toBe(true)
  })

  it('has timestamps within half a millisecond of the truth, also beyond 24 bits', () => {
    const from = Math.floor(2 ** 24 / (64 / 3)) - 100
    const dts = withFiles({ 'a.flv': stream(from) }, (folder) =>
      ffmpeg(['-copyts', '-i', `${folder}/a.flv`, '-c', 'copy', '-f', 'framecrc', '-']),
    )
    const times = [...dts.toString().matchAll(/^0, +(\d+),/gm)].map(([, time]) => Number(time))
    expect(times.length).toBe(units.length)
    for (const [index, time] of times.entries())
      expect(Math.abs(time - ((from + index) * 64) / 3)).toBeLessThanOrEqual(0.5)
    expect(times.at(-1)).toBeGreaterThan(2 ** 24)
  })

  it('goes round at 2^32 milliseconds, 49.7 days on', () => {
    const timestamp = (tag: Buffer): number => tag.readUIntBE(4, 3) + tag[7]! * 2 ** 24
    const wrap = 2 ** 32 / (64 / 3)
    expect(timestamp(flvFrame(units[0]!, BASE + wrap - 1, BASE))).toBe(2 ** 32 - 21)
    expect(timestamp(flvFrame(units[0]!, BASE + wrap, BASE))).toBe(0)
    const reference = decode(adtsOfUnits(units, rendition.channels), 'aac')
    expect(decode(stream(wrap - 100), 'flv').equals(reference)).toBe(true)
  })

  it('tells the title and the bit rate', () => {
    const facts = withFiles({ 'a.flv': stream(0) }, (folder) =>
      probe(`${folder}/a.flv`, 'format_tags=title:stream=channels,bit_rate'),
    )
    expect(facts).toEqual({
      channels: String(rendition.channels),
      // ffmpeg takes 1,024 for a thousand here.
      bit_rate: String(rendition.bitrateKbps * 1024),
      'TAG:title': 'Morning',
    })
  })
})
