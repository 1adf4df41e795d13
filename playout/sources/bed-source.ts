import { SAMPLE_RATE } from '../../media/timeline.ts'
import type { Source, SourceState } from './source.ts'

const TAU = 2 * Math.PI
/** A quiet open fifth with its octave, each voice breathing at a pace of its own. */
const VOICES = [
  { hertz: 110, level: 0.09, breathSeconds: 11 },
  { hertz: 165, level: 0.06, breathSeconds: 13 },
  { hertz: 220, level: 0.045, breathSeconds: 17 },
  { hertz: 330, level: 0.03, breathSeconds: 19 },
]

/** The last rung: a soft chord out of arithmetic alone. It can't fail. */
export class BedSource implements Source {
  private position: number

  constructor(fromSample: number) {
    this.position = fromSample
  }

  availableSamples(): number {
    return Number.MAX_SAFE_INTEGER
  }

  state(): SourceState {
    return { state: 'open' }
  }

  read(into: Float32Array, samples: number): void {
    for (let index = 0; index < samples; index++) {
      const seconds = (this.position + index) / SAMPLE_RATE
      let left = 0
      let right = 0
      for (const { hertz, level, breathSeconds } of VOICES) {
        const tone = level * Math.sin(TAU * ((hertz * seconds) % 1))
        const pan = 0.5 + 0.3 * Math.sin((TAU * seconds) / breathSeconds)
        left += tone * (1 - pan) * 2
        right += tone * pan * 2
      }
      into[index * 2] = left
      into[index * 2 + 1] = right
    }
    this.position += samples
  }

  close(): void {}
}
