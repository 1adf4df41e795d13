import { describe, expect, it } from 'vitest'
import { SoundMeter } from '../../../control-center/library/sound-meter.ts'

/** Both channels alike. */
function pcm(samples: readonly number[]): Buffer {
  const floats = new Float32Array(samples.length * 2)
  samples.forEach((sample, n) => {
    floats[2 * n] = sample
    floats[2 * n + 1] = sample
  })
  return Buffer.from(floats.buffer)
}
const spell = (length: number, sample: number): number[] => Array.from({ length }, () => sample)
const metered = (bytes: Buffer, pieceBytes = bytes.length): SoundMeter => {
  const meter = new SoundMeter()
  for (let from = 0; from < bytes.length; from += pieceBytes) meter.add(bytes.subarray(from, from + pieceBytes))
  return meter
}
const dbfs = (level: number): number => 10 ** (level / 20)

describe('the sound meter', () => {
  const item = pcm([...spell(4800, 0), ...spell(9600, dbfs(-6)), ...spell(7200, dbfs(-70))])

  it('finds where sound begins and ends', () => {
    const meter = metered(item)
    expect([meter.length, meter.peakDbfs]).toEqual([21_600, expect.closeTo(-6, 3)])
    // One millisecond before the first loud sample, twenty after the last.
    expect(meter.audible()).toEqual({ cueInSample: 4752, lengthSamples: 48 + 9600 + 960 })
  })

  it('finds the same whatever pieces the bytes come in', () => {
    for (const pieceBytes of [1, 3, 7, 8, 4096, 65_536, 100_000]) {
      const meter = metered(item, pieceBytes)
      expect([meter.length, meter.audible(), meter.plainLoudnessLufs]).toEqual([
        21_600,
        { cueInSample: 4752, lengthSamples: 10_608 },
        metered(item).plainLoudnessLufs,
      ])
    }
  })

  it('measures silence in a quiet item by the item’s own level', () => {
    // At −45 dBFS, what lies at −65 is part of it; at −6 it would not be.
    const quiet = metered(pcm([...spell(4800, dbfs(-65)), ...spell(4800, dbfs(-45)), ...spell(4800, 0)]))
    expect(quiet.audible()).toEqual({ cueInSample: 0, lengthSamples: 9600 + 960 })
    const loud = metered(pcm([...spell(4800, dbfs(-65)), ...spell(4800, dbfs(-6)), ...spell(4800, 0)]))
    expect(loud.audible()).toEqual({ cueInSample: 4752, lengthSamples: 48 + 4800 + 960 })
  })

  it('never hears one thing as nothing, and nothing as one thing', () => {
    expect(metered(pcm(spell(100, dbfs(-79)))).audible()).toEqual({ cueInSample: 0, lengthSamples: 100 })
    expect(metered(pcm(spell(100, dbfs(-81)))).audible()).toBeNull()
    expect(new SoundMeter().audible()).toBeNull()
  })

  it('counts samples that are not numbers, and is not spoilt by them', () => {
    const meter = metered(pcm([0.5, Number.NaN, Number.POSITIVE_INFINITY, 1e30, -0.5]))
    expect([meter.absurd, meter.peak, meter.length]).toEqual([3, 0.5, 5])
  })

  it('tells the power of a tone on both channels', () => {
    // Two channels at −20 dBFS each: −0.691 + 10·log10(2 · 0.01).
    expect(metered(pcm(spell(48_000, 0.1))).plainLoudnessLufs).toBeCloseTo(-17.68, 2)
  })
})
