import { describe, expect, it } from 'vitest'
import { createPlayoutClock } from '../../../control-center/playout-link/playout-clock.ts'
import { handClock } from '../support/hand-clock.ts'

const HOUR_MS = 3_600_000
const START_MS = Date.UTC(2026, 2, 1)

describe("the station's time as the control center knows it", () => {
  it('is the wall clock of the start until playout is heard, whatever the wall does then', () => {
    const hand = handClock(START_MS)
    const clock = createPlayoutClock(hand.clock)
    hand.stepWall(HOUR_MS)
    hand.advance(5_000)
    expect(clock.nowMs()).toBe(START_MS + 5_000)
    expect(clock.known()).toBe(false)
  })

  it("is playout's from then on, carried by monotonic time", () => {
    const hand = handClock(START_MS)
    const clock = createPlayoutClock(hand.clock)
    const askedAtMs = hand.clock.monotonicMs()
    hand.advance(20)
    clock.heard(START_MS + 40_000, askedAtMs, hand.clock.monotonicMs())
    expect(clock.nowMs()).toBe(START_MS + 40_010)
    hand.stepWall(-HOUR_MS)
    hand.advance(1_000)
    expect(clock.nowMs()).toBe(START_MS + 41_010)
  })

  it('does not believe a slow answer while a good one is fresh', () => {
    const hand = handClock(START_MS)
    const clock = createPlayoutClock(hand.clock)
    const at = hand.clock.monotonicMs()
    clock.heard(START_MS, at, at)
    hand.advance(1_000)
    clock.heard(START_MS + 300, at, at + 1_000)
    expect(clock.nowMs()).toBe(START_MS + 1_000)
    hand.advance(10_000)
    clock.heard(START_MS + 10_300, at + 10_000, at + 11_000)
    expect(clock.nowMs()).toBe(START_MS + 10_800)
  })
})
