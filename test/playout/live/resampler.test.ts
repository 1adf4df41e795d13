import { describe, expect, it } from 'vitest'
import { resample, TAPS_AFTER, TAPS_BEFORE } from '../../../playout/live/resampler.ts'

const SAMPLES = 24_000

const tone = (hertz: number, at: number): number => 0.5 * Math.sin((2 * Math.PI * hertz * at) / 48_000)

/** Signal to all that is not signal, in dB: left carries the tone, right its opposite. */
function signalToNoiseDb(hertz: number, ratio: number, start: number): number {
  const pairs = TAPS_BEFORE + Math.ceil(start + SAMPLES * ratio) + TAPS_AFTER + 1
  const input = new Float32Array(pairs * 2)
  for (let pair = 0; pair < pairs; pair++) {
    input[pair * 2] = tone(hertz, pair - TAPS_BEFORE)
    input[pair * 2 + 1] = -tone(hertz, pair - TAPS_BEFORE)
  }
  const output = new Float32Array(SAMPLES * 2)
  resample(input, TAPS_BEFORE + start, ratio, output, SAMPLES)
  let signal = 0
  let noise = 0
  for (let index = 0; index < SAMPLES; index++) {
    const wanted = tone(hertz, start + index * ratio)
    signal += 2 * wanted ** 2
    noise += (output[index * 2]! - wanted) ** 2 + (output[index * 2 + 1]! + wanted) ** 2
  }
  return 10 * Math.log10(signal / noise)
}

describe('the resampler', () => {
  it.each([
    [1_000, 1.0002],
    [1_000, 0.9998],
    [15_000, 1.0002],
    [15_000, 0.9998],
    [15_000, 1.03],
  ])('keeps a tone of %i Hz at a ratio of %f more than 90 dB above its own noise', (hertz, ratio) => {
    expect(signalToNoiseDb(hertz, ratio, 0.37)).toBeGreaterThan(90)
  })

  it('gives every bit as it came when clocks are equal', () => {
    const input = Float32Array.from({ length: 4_000 }, (_, index) => Math.sin(index * index))
    const output = new Float32Array(2_000)
    resample(input, TAPS_BEFORE, 1, output, 1_000)
    expect(output).toEqual(input.slice(TAPS_BEFORE * 2, TAPS_BEFORE * 2 + 2_000))
  })
})
