import Type, { type Static } from 'typebox'
import type { Clock } from '../../platform/clock.ts'
import { limits } from '../limits.ts'

/**
 * The clock that the timeline runs by: monotonic time plus an offset, the offset steered to the wall clock by at most
 * 500 ppm. A difference above one second is alarmed and not followed, until an operator re-anchors.
 */
export const SavedAnchor = Type.Object({
  /** Of the machine's boot: monotonic time means nothing after the next one. */
  bootId: Type.String(),
  /** Milliseconds to add to monotonic time to get the epoch's. */
  offsetMs: Type.Number(),
})
export type SavedAnchor = Static<typeof SavedAnchor>

export type Reading = { offsetMs: number; monotonicMs: number }

/** One step of the steering: where the offset goes, given what the wall says. Pure. */
export function steer(
  reading: Reading,
  wallMs: number,
  monotonicMs: number,
): { reading: Reading; wallOffsetMs: number; followed: boolean } {
  const wallOffsetMs = wallMs - (monotonicMs + reading.offsetMs)
  const followed = Math.abs(wallOffsetMs) <= limits.clockStepMs
  const elapsedMs = Math.max(0, monotonicMs - reading.monotonicMs)
  const reachMs = (elapsedMs * limits.clockSlewPpmMax) / 1e6
  const stepMs = followed ? Math.min(reachMs, Math.max(-reachMs, wallOffsetMs)) : 0
  return { reading: { offsetMs: reading.offsetMs + stepMs, monotonicMs }, wallOffsetMs, followed }
}

/** The offset to start with: the saved one within the same boot, else the wall; never so low that a number already out would come again. */
export function anchorAtStart(
  saved: SavedAnchor | null,
  bootId: string,
  wallMs: number,
  monotonicMs: number,
  notBeforeMs: number,
): number {
  const offsetMs = saved?.bootId === bootId ? saved.offsetMs : wallMs - monotonicMs
  return Math.max(offsetMs, notBeforeMs - monotonicMs)
}

export class AnchoredClock {
  private reading: Reading
  wallOffsetMs = 0
  /** A sentence while the wall is more than a second away. */
  alarm: string | null = null
  private readonly clock: Clock

  constructor(clock: Clock, offsetMs: number) {
    this.clock = clock
    this.reading = { offsetMs, monotonicMs: clock.monotonicMs() }
    this.steer()
  }

  nowMs(): number {
    return this.clock.monotonicMs() + this.reading.offsetMs
  }

  get offsetMs(): number {
    return this.reading.offsetMs
  }

  /** Called each second. */
  steer(): void {
    const result = steer(this.reading, this.clock.wallMs(), this.clock.monotonicMs())
    this.reading = result.reading
    this.wallOffsetMs = result.wallOffsetMs
    this.alarm = result.followed
      ? null
      : `The wall clock is ${(result.wallOffsetMs / 1000).toFixed(1)} s away from the timeline; it is not followed. Correct the clock, or re-anchor (POST /re-anchor).`
  }

  /** An operator's decision: the timeline jumps forward to the wall. It never goes back: then it waits for the wall to slew within reach. */
  reAnchor(): { movedMs: number } {
    const movedMs = Math.max(0, this.clock.wallMs() - this.nowMs())
    this.reading = { offsetMs: this.reading.offsetMs + movedMs, monotonicMs: this.clock.monotonicMs() }
    this.steer()
    return { movedMs }
  }
}
