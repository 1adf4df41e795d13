import { describe, expect, it } from 'vitest'
import { compareWithReference } from './continuity.ts'
import type { Pcm } from './pcm.ts'

const SECOND = 48_000

/** Twenty seconds of sound that never repeats: a tone that wanders, and noise from a seed. */
function wanderingSound(): Float32Array {
  let seed = 12345
  let phase = 0
  let smooth = 0
  return Float32Array.from({ length: 20 * SECOND }, (_, i) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    smooth += 0.05 * (seed / 0x40000000 - 1 - smooth)
    phase += (2 * Math.PI * (500 + 300 * Math.sin(i / 31_000))) / SECOND
    return 0.2 * Math.sin(phase) + 0.5 * smooth
  })
}

const reference = wanderingSound()
const pcm = (...parts: Float32Array[]): Pcm => {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return { sampleRate: SECOND, channels: [whole] }
}
const truth = pcm(reference)
const part = (fromSeconds: number, toSeconds: number): Float32Array =>
  reference.subarray(Math.round(fromSeconds * SECOND), Math.round(toSeconds * SECOND))

describe('the comparison with a reference', () => {
  it('follows a recording that began in the middle, half as loud', () => {
    const recording = pcm(part(3.21, 15).map((sample) => sample / 2))
    const followed = compareWithReference(recording, truth)
    expect(followed).toMatchObject({ offsetSamples: Math.round(3.21 * SECOND), steps: [], strangeSeconds: 0 })
    expect(followed.followedSeconds).toBeCloseTo(11.7, 5)
  })

  it('measures what was skipped and what was repeated', () => {
    const recording = pcm(part(2, 5), part(5.128, 9), part(8.5, 12))
    const { steps } = compareWithReference(recording, truth)
    expect(steps).toHaveLength(2)
    expect(steps[0]!.stepMs).toBeCloseTo(128, 1)
    expect(Math.abs(steps[0]!.atSeconds - 3)).toBeLessThan(0.11)
    expect(steps[1]!.stepMs).toBeCloseTo(-500, 1)
  })

  it('sees a pause: the sound stands still, then goes on', () => {
    const { steps } = compareWithReference(pcm(part(2, 5), new Float32Array(0.7 * SECOND), part(5, 8)), truth)
    expect(steps).toHaveLength(1)
    expect(steps[0]!.stepMs).toBeCloseTo(-700, 1)
  })

  it('sees sound that is not the station', () => {
    const foreign = Float32Array.from({ length: SECOND }, (_, i) => 0.3 * Math.sin(i / 9))
    const { steps, strangeSeconds } = compareWithReference(pcm(part(2, 5), foreign, part(6, 8)), truth)
    expect(steps).toEqual([{ atSeconds: 3, stepMs: 0 }])
    expect(strangeSeconds).toBeGreaterThan(0.9)
  })

  it('finds nothing of another programme', () => {
    const foreign = Float32Array.from({ length: SECOND }, (_, i) => 0.3 * Math.sin(i / 9))
    expect(compareWithReference(pcm(foreign), truth)).toMatchObject({ offsetSamples: null, followedSeconds: 0 })
  })
})
