import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  adtsHeader,
  adtsOfUnits,
  audioSpecificConfig,
  type Channels,
  readAdtsHeader,
  SILENT_UNIT,
} from '../../media/adts.ts'
import { createAdtsSplitter } from '../../media/adts-splitter.ts'
import { parseAdts } from '../../media/parse-adts.ts'
import { decode } from './real-frames.ts'

const anyUnit = fc.uint8Array({ minLength: 1, maxLength: 700 })

describe('AAC-LC at 48 kHz', () => {
  it('is described in two bytes', () => {
    expect(audioSpecificConfig(2).toString('hex')).toBe('1190')
    expect(audioSpecificConfig(1).toString('hex')).toBe('1188')
  })

  it('has a header that tells its length and channels', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8184 }), fc.constantFrom<Channels>(1, 2), (unitBytes, channels) => {
        const header = readAdtsHeader(adtsHeader(unitBytes, channels), 0)
        expect(header).toEqual({ headerBytes: 7, frameBytes: unitBytes + 7, channels })
      }),
    )
    expect(() => adtsHeader(8185, 2)).toThrow(RangeError)
  })

  it.each([1, 2] as const)(
    'has a silent unit for %i channel(s) that decodes to zeros, without a word from the decoder',
    (channels) => {
      const silence = decode(adtsOfUnits(Array(50).fill(SILENT_UNIT[channels]), channels), 'aac')
      expect(silence.length).toBe(50 * 1024 * 2 * channels)
      expect(silence.every((byte) => byte === 0)).toBe(true)
    },
  )
})

describe('the ADTS splitter', () => {
  /** Feeds the bytes in pieces cut at the given places. */
  function split(bytes: Buffer, cuts: readonly number[] = []): { units: Buffer[]; errors: number } {
    const units: Buffer[] = []
    const splitter = createAdtsSplitter((unit) => units.push(unit))
    const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
    for (let index = 1; index < places.length; index += 1)
      splitter.push(bytes.subarray(places[index - 1], places[index]))
    return { units, errors: splitter.errors }
  }

  it('hands on every unit, however the bytes come in', () => {
    fc.assert(
      fc.property(fc.array(anyUnit, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 30 }), (units, cuts) => {
        const { units: found, errors } = split(adtsOfUnits(units, 2), cuts)
        expect(found).toEqual(units.map((unit) => Buffer.from(unit)))
        expect(errors).toBe(0)
      }),
    )
  })

  it('hands a unit on with its last byte, not with the next frame', () => {
    const units: Buffer[] = []
    const splitter = createAdtsSplitter((unit) => units.push(unit))
    splitter.push(adtsOfUnits([Buffer.from('first')], 2))
    expect(units.map(String)).toEqual(['first'])
  })

  it('loses nothing but the garbage, and counts it once', () => {
    const before = [Buffer.from('one'), Buffer.from('two')]
    const after = [Buffer.from('three'), Buffer.from('four')]
    const garbage = Buffer.from('ffff00fff1ff00ffff12345678', 'hex')
    const bytes = Buffer.concat([adtsOfUnits(before, 2), garbage, adtsOfUnits(after, 2)])
    for (let cut = 0; cut < bytes.length; cut += 1) {
      const { units, errors } = split(bytes, [cut])
      expect(units.map(String)).toEqual(['one', 'two', 'three', 'four'])
      expect(errors).toBe(1)
    }
  })

  it('comes back into step behind any garbage, and holds little of an endless one', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 20_000 }),
        fc.array(fc.nat(), { maxLength: 9 }),
        (garbage, cuts) => {
          const units = Array.from({ length: 30 }, (_, index) => Buffer.alloc(340, index))
          const { units: found } = split(Buffer.concat([garbage, adtsOfUnits(units, 2)]), cuts)
          expect(found.at(-1)).toEqual(units.at(-1))
        },
      ),
      { numRuns: 50 },
    )
  })

  it('refuses other than whole frames when read at once', () => {
    const bytes = adtsOfUnits([Buffer.from('one'), Buffer.from('two')], 1)
    expect(parseAdts(bytes)).toMatchObject({ channels: 1, units: [Buffer.from('one'), Buffer.from('two')] })
    expect(() => parseAdts(bytes.subarray(0, -1))).toThrow('the ADTS frame at byte 10 is cut off')
    expect(() => parseAdts(Buffer.concat([bytes, Buffer.from('rubbish')]))).toThrow('no ADTS header')
  })
})
