import { type Clock, systemClock } from '../../../platform/clock.ts'

/** A clock whose timers fire when the test says so; the wall clock is the real one, since files have real dates. */
export class ManualClock implements Clock {
  private nowMs = 0
  private timers: { atMs: number; everyMs: number | null; callback: () => void }[] = []
  wallOffsetMs = 0

  wallMs(): number {
    return systemClock.wallMs() + this.wallOffsetMs
  }
  monotonicMs(): number {
    return this.nowMs
  }
  after(delayMs: number, callback: () => void): () => void {
    return this.add(delayMs, null, callback)
  }
  every(intervalMs: number, callback: () => void): () => void {
    return this.add(intervalMs, intervalMs, callback)
  }

  /** Lets time pass, timers firing in their order. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms
    for (;;) {
      const next = this.timers.filter((timer) => timer.atMs <= untilMs).sort((one, two) => one.atMs - two.atMs)[0]
      if (!next) break
      this.nowMs = next.atMs
      if (next.everyMs === null) this.timers.splice(this.timers.indexOf(next), 1)
      else next.atMs += next.everyMs
      next.callback()
    }
    this.nowMs = untilMs
  }

  private add(delayMs: number, everyMs: number | null, callback: () => void): () => void {
    const timer = { atMs: this.nowMs + delayMs, everyMs, callback }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((other) => other !== timer)
    }
  }
}
