import { SAMPLE_RATE } from '../../../media/timeline.ts'

/** 10 ms. */
export const WINDOW_SAMPLES = 480
/** Below this nothing is heard (tests speak at 0.3). */
const AUDIBLE = 0.05

/**
 * What is heard in each 10 ms of the left side: the letter of the tone that is loudest there, or a dot for silence. Tones must be whole multiples of
 * 100 Hz, so that they don't leak into each other.
 */
export function heard(pcm: Float32Array, tones: Readonly<Record<string, number>>): string {
  const windows = Math.floor(pcm.length / 2 / WINDOW_SAMPLES)
  return Array.from({ length: windows }, (_, window) => {
    const [loudest] = Object.entries(tones)
      .map(([letter, frequency]) => ({ letter, amplitude: amplitudeOf(pcm, window * WINDOW_SAMPLES, frequency) }))
      .sort((one, other) => other.amplitude - one.amplitude)
    return loudest && loudest.amplitude > AUDIBLE ? loudest.letter : '.'
  }).join('')
}

function amplitudeOf(pcm: Float32Array, from: number, frequency: number): number {
  let real = 0
  let imaginary = 0
  for (let index = 0; index < WINDOW_SAMPLES; index++) {
    const angle = (2 * Math.PI * frequency * index) / SAMPLE_RATE
    real += pcm[2 * (from + index)]! * Math.cos(angle)
    imaginary += pcm[2 * (from + index)]! * Math.sin(angle)
  }
  return (2 * Math.hypot(real, imaginary)) / WINDOW_SAMPLES
}
