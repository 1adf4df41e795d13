import { SAMPLE_RATE } from '../../media/timeline.ts'
import { type Canvas, seededRandom } from './synthesizer.ts'

const sound = (seconds: number, sampleAt: (t: number) => number): Float32Array =>
  Float32Array.from({ length: Math.round(seconds * SAMPLE_RATE) }, (_, n) => sampleAt(n / SAMPLE_RATE))

const noise = seededRandom(1)
/** By the letter that stands for them in a piece's `drums`. */
const sounds: Readonly<Record<string, Float32Array>> = {
  k: sound(0.22, (t) => 0.5 * Math.sin(2 * Math.PI * (48 * t + 2.2 * (1 - Math.exp(-t * 40)))) * Math.exp(-t * 16)),
  h: sound(0.08, (t) => 0.06 * (noise() * 2 - 1) * Math.exp(-t * 60)),
  s: sound(0.16, (t) => 0.14 * ((noise() * 2 - 1) * 0.8 + Math.sin(2 * Math.PI * 190 * t)) * Math.exp(-t * 24)),
}

/** Adds one bar of a pattern of sixteenths. */
export function addDrums(canvas: Canvas, pattern: string, startSeconds: number, barSeconds: number): void {
  ;[...pattern].forEach((letter, step) => {
    const samples = sounds[letter]
    if (!samples) return
    const first = Math.round((startSeconds + (step * barSeconds) / 16) * SAMPLE_RATE)
    const count = Math.min(samples.length, canvas.left.length - first)
    for (let n = 0; n < count; n++) {
      canvas.left[first + n]! += samples[n]!
      canvas.right[first + n]! += samples[n]!
    }
  })
}
