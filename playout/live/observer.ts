import type { Clock } from '../../platform/clock.ts'
import type { LivePlan } from '../../schemas/live.ts'
import { limits } from '../limits.ts'
import type { LiveLinks } from './ingest-links.ts'
import type { LiveAir } from './live-air.ts'
import { type Seen, type SeenVoice, samplesOfMs } from './seen.ts'

/** So far behind the clock the mixer is not in an ordinary turn. */
const LATE_MS = 250
const SETTLE_MS = 1_000

export type ObserverOptions = {
  clock: Clock
  nowMs: () => number
  links: LiveLinks
  newId: () => string
}

/** Looks at the world for the machine. It remembers when each voice's audio last grew. */
export class Observer {
  private readonly options: ObserverOptions
  private readonly startedMs: number
  private lateAtMs: number
  private readonly grown = new Map<string, { newestOffset: number; atMs: number }>()

  constructor(options: ObserverOptions) {
    this.options = options
    this.startedMs = options.clock.monotonicMs()
    this.lateAtMs = this.startedMs
  }

  see(air: LiveAir, plan: LivePlan): Seen {
    const { clock, links, newId } = this.options
    const nowMs = this.options.nowMs()
    const mixedUntilSample = air.mixedUntilSample()
    return {
      nowMs,
      mixedUntilSample,
      isCatchingUp: this.isCatchingUp(nowMs - mixedUntilSample / 48),
      itemEndSample: air.itemEndSample(samplesOfMs(plan.settings.crossfadeMs)),
      plan,
      feeds: links.feeds(),
      ingestsHeard: links.heard(),
      isSettled: clock.monotonicMs() - this.startedMs > limits.liveSettleMs,
      voiceOf: (sessionId) => this.voiceOf(air, sessionId),
      newId,
    }
  }

  forget(sessionId: string): void {
    this.grown.delete(sessionId)
  }

  /** The buffer needs a moment to be full again when the clock is met. */
  private isCatchingUp(lateMs: number): boolean {
    const nowMs = this.options.clock.monotonicMs()
    if (lateMs > LATE_MS) this.lateAtMs = nowMs
    return nowMs - this.lateAtMs < SETTLE_MS
  }

  private voiceOf(air: LiveAir, sessionId: string): SeenVoice | null {
    const audio = air.audioOf(sessionId)
    if (!audio) return null
    const nowMs = this.options.clock.monotonicMs()
    const before = this.grown.get(sessionId)
    const grown =
      before?.newestOffset === audio.newestOffset ? before : { newestOffset: audio.newestOffset, atMs: nowMs }
    this.grown.set(sessionId, grown)
    return {
      bufferedSamples: audio.bufferedSamples,
      offsetNow: Math.floor(audio.offsetNow),
      newestOffset: audio.newestOffset,
      quietMs: nowMs - grown.atMs,
      failed: audio.failed,
    }
  }
}
