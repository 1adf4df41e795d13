import { frameAtMs, msOfFrame } from '../../media/timeline.ts'
import type { Clock } from '../../platform/clock.ts'
import type { AnchoredClock } from '../clock/anchored-clock.ts'
import type { Encoder } from '../encoder/encoder.ts'
import { limits } from '../limits.ts'
import type { Mixer } from '../mixer/mixer.ts'

export type EngineOptions = {
  clock: Clock
  anchored: AnchoredClock
  mixer: Mixer
  encoder: Encoder
}

/**
 * The pace: block n is mixed when the clock reaches its end, by absolute deadlines. After a restart, or when a source or the encoder was
 * late, blocks follow as fast as they can be made until the clock is met: it catches up, it never skips.
 */
export class Engine {
  private readonly options: EngineOptions
  private cancelTurn: (() => void) | null = null
  private waitingSinceMs: number | null = null
  private stopped = false
  /** Milliseconds between a block's deadline and the turn that mixed it: newest 1,024. */
  readonly latenessMs: number[] = []

  constructor(options: EngineOptions) {
    this.options = options
  }

  start(): void {
    this.schedule(0)
  }

  stop(): void {
    this.stopped = true
    this.cancelTurn?.()
  }

  /** Audio has arrived, or the encoder has taken some: look again at once, if it is late. */
  wake(): void {
    if (!this.stopped && this.lateMs() > 0) this.schedule(0)
  }

  /** How far the mixer is behind the clock; negative while the next block is not yet due. */
  lateMs(): number {
    return this.options.anchored.nowMs() - msOfFrame(this.options.mixer.nextFrame + 1)
  }

  private schedule(delayMs: number): void {
    this.cancelTurn?.()
    this.cancelTurn = this.options.clock.after(delayMs, () => this.turn())
  }

  private turn(): void {
    const { anchored, mixer, encoder } = this.options
    const dueFrame = frameAtMs(anchored.nowMs()) - 1
    let blocks = 0
    while (mixer.nextFrame <= dueFrame && blocks < limits.blocksPerTurnMax) {
      if (encoder.backlogBlocks >= limits.encoderBacklogBlocksMax || this.mustWait()) break
      this.noteLateness()
      const { frame, block } = mixer.render()
      encoder.push(frame, block)
      blocks += 1
    }
    this.schedule(this.delayAfter(blocks))
  }

  private delayAfter(blocks: number): number {
    if (blocks === limits.blocksPerTurnMax) return 0
    const lateMs = this.lateMs()
    return lateMs >= 0 ? 20 : Math.ceil(-lateMs)
  }

  /** True while the next block lacks audio. An item or a voice that is too late for too long is given up. */
  private mustWait(): boolean {
    const { clock, mixer } = this.options
    const { waitingFor } = mixer.prepare()
    if (!waitingFor) {
      this.waitingSinceMs = null
      return false
    }
    const now = clock.monotonicMs()
    this.waitingSinceMs ??= now
    const patienceMs = 'patienceMs' in waitingFor ? waitingFor.patienceMs : limits.sourceLateMs
    if (now - this.waitingSinceMs < patienceMs) return true
    this.waitingSinceMs = null
    mixer.giveUp(waitingFor, `its audio was ${patienceMs / 1000} s late`)
    return mixer.prepare().waitingFor !== null
  }

  private noteLateness(): void {
    if (this.latenessMs.length >= 1_024) this.latenessMs.shift()
    this.latenessMs.push(this.lateMs())
  }
}
