import { SAMPLE_RATE } from '../../media/timeline.ts'
import type { Pcm } from './pcm.ts'

export type ToneItem = {
  frequency: number
  startSample: number
  endSample: number
  /** Equal-power fades within the item's own span. */
  fadeInSamples?: number
  fadeOutSamples?: number
  amplitude?: number
}

/** A tone-coded programme with known edges: what the tests play to the oracle. All channels are alike. */
export function renderTones(items: readonly ToneItem[], lengthSamples: number, channels = 2): Pcm {
  const samples = new Float32Array(lengthSamples)
  for (const { frequency, startSample, endSample, fadeInSamples = 0, fadeOutSamples = 0, amplitude = 0.25 } of items) {
    const omega = (2 * Math.PI * frequency) / SAMPLE_RATE
    for (let at = Math.max(0, startSample); at < Math.min(lengthSamples, endSample); at++) {
      const rise = fadeInSamples > 0 ? Math.min(1, (at - startSample) / fadeInSamples) : 1
      const fall = fadeOutSamples > 0 ? Math.min(1, (endSample - at) / fadeOutSamples) : 1
      const gain = Math.sin((Math.PI / 2) * rise) * Math.sin((Math.PI / 2) * fall)
      samples[at]! += amplitude * gain * Math.sin(omega * at)
    }
  }
  return { sampleRate: SAMPLE_RATE, channels: Array.from({ length: channels }, () => samples) }
}
