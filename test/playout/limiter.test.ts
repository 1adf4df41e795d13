import { describe, expect, it } from 'vitest'
import { LOOKAHEAD_SAMPLES, TruePeakLimiter } from '../../playout/mixer/limiter.ts'

const RATE = 48_000
const BLOCK = 1024

function limited(
  signal: (sample: number) => number,
  blocks: number,
  ceilingDbtp = -1,
): { input: Float64Array; output: Float64Array } {
  const limiter = new TruePeakLimiter(ceilingDbtp, RATE)
  const input = new Float64Array(blocks * BLOCK)
  const output = new Float64Array(blocks * BLOCK)
  for (let block = 0; block < blocks; block++) {
    const pairs = new Float32Array(BLOCK * 2)
    for (let pair = 0; pair < BLOCK; pair++) {
      const value = signal(block * BLOCK + pair)
      input[block * BLOCK + pair] = Math.fround(value)
      pairs[pair * 2] = value
      pairs[pair * 2 + 1] = -value
    }
    limiter.process(pairs)
    for (let pair = 0; pair < BLOCK; pair++) output[block * BLOCK + pair] = pairs[pair * 2]!
  }
  return { input, output }
}

/** An independent judge: 16 times oversampled with long sincs. */
function truePeakOf(signal: Float64Array): number {
  let peak = 0
  for (let at = 32; at < signal.length - 32; at++) {
    for (let step = 0; step < 16; step++) {
      let sum = 0
      for (let tap = -31; tap <= 31; tap++) {
        const distance = tap - step / 16
        const sinc = distance === 0 ? 1 : Math.sin(Math.PI * distance) / (Math.PI * distance)
        sum += signal[at + tap]! * sinc * Math.cos((Math.PI * distance) / 66) ** 2
      }
      peak = Math.max(peak, Math.abs(sum))
    }
  }
  return 20 * Math.log10(peak)
}

const noise = (sample: number): number => Math.sin(sample * 12.9898 + Math.sin(sample * 78.233) * 43_758.5453)
const tone =
  (hertz: number, level: number, phase = 0) =>
  (sample: number) =>
    level * Math.sin((2 * Math.PI * hertz * sample) / RATE + phase)

describe('the true-peak limiter', () => {
  it('leaves what is quiet as it was, 240 samples later, to the last bit', () => {
    const { input, output } = limited(tone(440, 0.3), 12)
    expect(output.subarray(LOOKAHEAD_SAMPLES)).toEqual(input.subarray(0, input.length - LOOKAHEAD_SAMPLES))
  })

  it('leaves what is loud, but below the ceiling, as it was too', () => {
    const { input, output } = limited(tone(440, 0.85), 12)
    expect(output.subarray(LOOKAHEAD_SAMPLES)).toEqual(input.subarray(0, input.length - LOOKAHEAD_SAMPLES))
  })

  it('keeps its place when it goes from quiet to loud and back', () => {
    const signal = (sample: number): number => tone(300, sample > 5_000 && sample < 9_000 ? 0.8 : 0.1)(sample)
    const { input, output } = limited(signal, 30)
    expect(output.subarray(LOOKAHEAD_SAMPLES)).toEqual(input.subarray(0, input.length - LOOKAHEAD_SAMPLES))
  })

  it.each([
    ['a tone 6 dB too loud', tone(997, 1.8)],
    ['peaks that hide between the samples', tone(12_000, 1.2, Math.PI / 4)],
    ['a burst out of silence', (sample: number) => (sample % 9_600 < 480 ? tone(2_000, 2.5)(sample) : 0)],
    [
      'noise, with as little just below half the sampling rate as any recording has',
      (sample: number) => 0.6 * (noise(sample - 1) + 2 * noise(sample) + noise(sample + 1)),
    ],
  ])('holds %s at the ceiling', (_name, signal) => {
    const { output } = limited(signal, 24)
    expect(truePeakOf(output)).toBeLessThan(-1 + 0.25)
    expect(truePeakOf(output)).toBeGreaterThan(-6)
  })

  it('turns a loud passage down without distorting it: a tone stays a tone', () => {
    const { output } = limited(tone(1_000, 1.5), 60)
    const steady = output.subarray(30 * BLOCK)
    const level = Math.max(...steady)
    const phase = Math.asin(steady[0]! / level)
    const rising = steady[1]! > steady[0]!
    for (let sample = 0; sample < 2_000; sample++) {
      const expected = level * Math.sin((2 * Math.PI * 1_000 * sample) / RATE + (rising ? phase : Math.PI - phase))
      expect(Math.abs(steady[sample]! - expected)).toBeLessThan(0.01)
    }
  })
})
