import { describe, expect, it } from 'vitest'
import type { Clock } from '../../platform/clock.ts'
import { AnchoredClock, anchorAtStart } from '../../playout/clock/anchored-clock.ts'

/** A machine whose two clocks can be moved apart. */
function machine() {
  const at = { wallMs: 1_800_000_000_000, monotonicMs: 5_000 }
  const clock: Clock = {
    wallMs: () => at.wallMs,
    monotonicMs: () => at.monotonicMs,
    after: () => () => {},
    every: () => () => {},
  }
  const pass = (ms: number, wallPpm = 0): void => {
    at.monotonicMs += ms
    at.wallMs += ms * (1 + wallPpm / 1e6)
  }
  return { at, clock, pass }
}

describe('the anchored clock', () => {
  it('follows a wall that runs 200 ppm fast for a day, and is never more than a millisecond off', () => {
    const { at, clock, pass } = machine()
    const anchored = new AnchoredClock(clock, at.wallMs - at.monotonicMs)
    for (let second = 0; second < 86_400; second++) {
      pass(1_000, 200)
      anchored.steer()
      expect(Math.abs(anchored.nowMs() - at.wallMs)).toBeLessThan(1)
    }
  })

  it('slews at most 500 ppm towards a wall that is 800 ms away', () => {
    const { at, clock, pass } = machine()
    const anchored = new AnchoredClock(clock, at.wallMs - at.monotonicMs)
    at.wallMs += 800
    pass(1_000)
    const before = anchored.nowMs()
    anchored.steer()
    expect(anchored.nowMs() - before).toBeCloseTo(0.5, 6)
    for (let second = 0; second < 1_700; second++) {
      pass(1_000)
      anchored.steer()
    }
    expect(Math.abs(anchored.nowMs() - at.wallMs)).toBeLessThan(0.01)
  })

  it.each([3_600_000, -3_600_000])('does not follow a step of %i ms: it raises an alarm', (stepMs) => {
    const { at, clock, pass } = machine()
    const anchored = new AnchoredClock(clock, at.wallMs - at.monotonicMs)
    const before = anchored.nowMs()
    at.wallMs += stepMs
    pass(10_000)
    anchored.steer()
    expect(anchored.nowMs() - before).toBe(10_000)
    expect(anchored.alarm).toContain(`${(stepMs / 1000).toFixed(1)} s`)
  })

  it('keeps its anchor over a restart within the same boot, whatever the wall has done', () => {
    const saved = { bootId: 'a', offsetMs: 1_000_000 }
    expect(anchorAtStart(saved, 'a', 9_999_999_999, 500, 0)).toBe(1_000_000)
  })

  it('after a new boot takes the wall, unless that would make numbers come again', () => {
    const saved = { bootId: 'a', offsetMs: 1_000_000 }
    expect(anchorAtStart(saved, 'b', 2_000_000, 500, 0)).toBe(1_999_500)
    expect(anchorAtStart(saved, 'b', 2_000_000, 500, 5_000_000)).toBe(4_999_500)
  })

  it('jumps forward when an operator says so, and never back', () => {
    const { at, clock } = machine()
    const anchored = new AnchoredClock(clock, at.wallMs - at.monotonicMs)
    at.wallMs += 60_000
    expect(anchored.reAnchor().movedMs).toBeCloseTo(60_000)
    expect(anchored.alarm).toBeNull()
    at.wallMs -= 120_000
    expect(anchored.reAnchor().movedMs).toBe(0)
  })
})
