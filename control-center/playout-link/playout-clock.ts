import type { Clock } from '../../platform/clock.ts'

const GOOD_ROUND_TRIP_MS = 250
const OLD_MS = 10_000

/**
 * The station's time as playout keeps it, carried on by our monotonic clock between its answers. Until playout was heard once
 * it is the wall clock as it stood at the start: a later step of this host's wall clock changes nothing.
 */
export type PlayoutClock = {
  nowMs(): number
  /** True once playout has been heard. */
  known(): boolean
  /** Takes in what playout's status said; the instants are of our monotonic clock, before the question and after the answer. */
  heard(playoutNowMs: number, askedAtMs: number, answeredAtMs: number): void
}

export function createPlayoutClock(clock: Clock): PlayoutClock {
  let anchor = { playoutMs: clock.wallMs(), monotonicMs: clock.monotonicMs() }
  let known = false
  return {
    nowMs: () => anchor.playoutMs + (clock.monotonicMs() - anchor.monotonicMs),
    known: () => known,
    heard(playoutNowMs, askedAtMs, answeredAtMs) {
      const slow = answeredAtMs - askedAtMs > GOOD_ROUND_TRIP_MS
      // A slow answer is off by up to half its round trip: it serves only when nothing better is at hand.
      if (known && slow && answeredAtMs - anchor.monotonicMs < OLD_MS) return
      anchor = { playoutMs: playoutNowMs, monotonicMs: (askedAtMs + answeredAtMs) / 2 }
      known = true
    },
  }
}
