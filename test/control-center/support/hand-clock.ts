import type { Clock } from '../../../platform/clock.ts'

/** A clock that stands until it is moved; timers fire on the way, in order. The wall clock may be stepped on its own. */
export function handClock(wallMs = Date.UTC(2026, 2, 1)) {
  const timers = new Map<number, { atMs: number; everyMs: number | null; callback: () => void }>()
  const time = { monotonicMs: 1_000, wallMs, nextId: 1 }
  const add = (delayMs: number, everyMs: number | null, callback: () => void): (() => void) => {
    const id = time.nextId++
    timers.set(id, { atMs: time.monotonicMs + delayMs, everyMs, callback })
    return () => void timers.delete(id)
  }
  const clock: Clock = {
    wallMs: () => time.wallMs,
    monotonicMs: () => time.monotonicMs,
    after: (delayMs, callback) => add(delayMs, null, callback),
    every: (intervalMs, callback) => add(intervalMs, intervalMs, callback),
  }
  const moveTo = (atMs: number): void => {
    time.wallMs += atMs - time.monotonicMs
    time.monotonicMs = atMs
  }
  return {
    clock,
    stepWall(byMs: number): void {
      time.wallMs += byMs
    },
    /** Time goes by without a timer firing: the process stood still. */
    sleep: (ms: number): void => moveTo(time.monotonicMs + ms),
    advance(ms: number): void {
      const endMs = time.monotonicMs + ms
      for (;;) {
        const due = [...timers].filter(([, timer]) => timer.atMs <= endMs).sort((a, b) => a[1].atMs - b[1].atMs)[0]
        if (!due) break
        const [id, timer] = due
        moveTo(Math.max(timer.atMs, time.monotonicMs))
        if (timer.everyMs === null) timers.delete(id)
        else
          timer.atMs += Math.max(
            timer.everyMs,
            Math.floor((time.monotonicMs - timer.atMs) / timer.everyMs) * timer.everyMs,
          )
        timer.callback()
      }
      moveTo(endMs)
    },
  }
}
