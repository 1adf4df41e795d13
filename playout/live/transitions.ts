import { FRAME_SAMPLES } from '../../media/timeline.ts'
import type { Transition } from './live-air.ts'

/** Measures changes of who is heard in what is really mixed: samples in which nothing gave audio, and in which more than one side did. */
export class Transitions {
  private running: Transition[] = []
  private readonly onMeasured: (transition: Transition) => void

  constructor(onMeasured: (transition: Transition) => void) {
    this.onMeasured = onMeasured
  }

  get isIdle(): boolean {
    return this.running.length === 0
  }

  /** One that has not begun is replaced by another one of its session. */
  expect(sessionId: string, atSample: number, untilSample: number, mixedUntilSample: number): void {
    this.running = this.running.filter((other) => other.sessionId !== sessionId || other.atSample < mixedUntilSample)
    this.running.push({ sessionId, atSample, untilSample, gapSamples: 0, overlapSamples: 0 })
  }

  /** `heard` says for each sample of the block how many sides gave audio. */
  measure(fromSample: number, heard: Uint8Array): void {
    const done: Transition[] = []
    for (const transition of this.running) {
      // A hard edge is looked at for a block.
      const until = Math.max(transition.untilSample, transition.atSample + FRAME_SAMPLES)
      const last = Math.min(heard.length, until - fromSample)
      for (let index = Math.max(0, transition.atSample - fromSample); index < last; index++) {
        if (heard[index] === 0) transition.gapSamples += 1
        else if (heard[index]! > 1) transition.overlapSamples += 1
      }
      if (until <= fromSample + heard.length) done.push(transition)
    }
    if (done.length === 0) return
    this.running = this.running.filter((transition) => !done.includes(transition))
    for (const transition of done) this.onMeasured(transition)
  }
}
