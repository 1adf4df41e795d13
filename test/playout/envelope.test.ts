import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addWithEnvelope, gainAt } from '../../playout/mixer/envelope.ts'

describe('equal-power fades', () => {
  it('of two neighbours add up to the same power at every sample of the crossfade', () => {
    const fade = 144_000
    const before = { startSample: 0, endSample: 500_000, fadeInSamples: 0, fadeOutSamples: fade }
    const after = { startSample: 500_000 - fade, endSample: 900_000, fadeInSamples: fade, fadeOutSamples: 0 }
    for (let sample = after.startSample; sample < before.endSample; sample += 97)
      expect(gainAt(before, sample) ** 2 + gainAt(after, sample) ** 2).toBeCloseTo(1, 9)
  })

  it('sound nothing outside the span, and a hard edge is full from its first sample', () => {
    const span = { startSample: 10, endSample: 20, fadeInSamples: 0, fadeOutSamples: 0 }
    expect([9, 10, 19, 20].map((sample) => gainAt(span, sample))).toEqual([0, 1, 1, 0])
  })

  it('are the same however the item is cut into blocks', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 0, max: 300 }),
        (cut, fadeIn, fadeOut) => {
          const span = { startSample: 1_000, endSample: 1_800, fadeInSamples: fadeIn, fadeOutSamples: fadeOut }
          const item = new Float32Array(1_600).fill(1)
          const whole = new Float32Array(1_600)
          addWithEnvelope(whole, 0, item, 800, span, 1_000, 0.5)
          const pieces = new Float32Array(1_600)
          addWithEnvelope(pieces, 0, item, cut, span, 1_000, 0.5)
          addWithEnvelope(pieces, cut, item.subarray(cut * 2), 800 - cut, span, 1_000 + cut, 0.5)
          expect(pieces).toEqual(whole)
        },
      ),
    )
  })
})
