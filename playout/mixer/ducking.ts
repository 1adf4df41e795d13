import { SAMPLE_RATE } from '../../media/timeline.ts'
import { gainOfDb } from './envelope.ts'

/** Turns the programme down under a voice and up again, by straight lines in dB. Costs nothing while it stands at 0. */
export class Ducking {
  private levelDb = 0

  /** Whether the programme stands as it is. */
  get isOpen(): boolean {
    return this.levelDb === 0
  }

  /** At once: when nothing of the programme sounds that could be heard to jump. */
  jumpTo(levelDb: number): void {
    this.levelDb = levelDb
  }

  /** Moves towards a level over the pairs of a block; `fullRangeMs` is what the way from 0 to `rangeDb` takes. */
  apply(block: Float32Array, targetDb: number, rangeDb: number, fullRangeMs: number): void {
    if (this.levelDb === 0 && targetDb === 0) return
    const pairs = block.length / 2
    const step = Math.abs(rangeDb) / Math.max(1, (fullRangeMs * SAMPLE_RATE) / 1000)
    const factor = gainOfDb(targetDb < this.levelDb ? -step : step)
    const moving = Math.min(pairs, Math.floor(Math.abs(targetDb - this.levelDb) / step))
    let gain = gainOfDb(this.levelDb)
    for (let index = 0; index < pairs; index++) {
      if (index < moving) gain *= factor
      else if (index === moving) gain = gainOfDb(targetDb)
      block[index * 2] = block[index * 2]! * gain
      block[index * 2 + 1] = block[index * 2 + 1]! * gain
    }
    this.levelDb = moving < pairs ? targetDb : this.levelDb + Math.sign(targetDb - this.levelDb) * step * moving
  }
}
