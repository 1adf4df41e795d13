import { FRAME_SAMPLES } from '../../media/timeline.ts'
import type { LiveSettings } from '../../schemas/live.ts'
import { Ducking } from '../mixer/ducking.ts'
import type { Voice } from './voice.ts'

/** The programme under voices that talk over it: turned down while one does, and up again. */
export class ProgrammeUnderneath {
  private readonly settings: () => LiveSettings
  private readonly ducking = new Ducking()
  /** Until here it stays down though nobody talks over it any more: it is going out. */
  private downUntilSample = 0

  constructor(settings: () => LiveSettings) {
    this.settings = settings
  }

  /** Whether it stands as it is. */
  get isOpen(): boolean {
    return this.ducking.isOpen
  }

  /** Down at once: nothing of it sounds that could be heard to jump. */
  jumpDown(): void {
    this.ducking.jumpTo(this.settings().duckDb)
  }

  /** It goes out under a voice that takes the air alone, as quiet as it is. */
  stayDownUntil(sample: number): void {
    this.downUntilSample = sample
  }

  /** Turns the block that begins at a sample to where it should be. */
  apply(mix: Float32Array, fromSample: number, voices: readonly Voice[]): void {
    const { duckDb, duckDownMs, duckUpMs } = this.settings()
    const isOver = ({ talkOver, span }: Voice): boolean =>
      talkOver && span.startSample < fromSample + FRAME_SAMPLES && fromSample < span.endSample - span.fadeOutSamples
    const isDown = voices.some(isOver) || fromSample < this.downUntilSample
    if (this.downUntilSample > 0 && fromSample >= this.downUntilSample) {
      this.downUntilSample = 0
      if (!isDown) this.ducking.jumpTo(0)
    }
    this.ducking.apply(mix, isDown ? duckDb : 0, duckDb, isDown ? duckDownMs : duckUpMs)
  }
}
