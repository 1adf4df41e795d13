import type { Clock } from '../../platform/clock.ts'

/** How often time moves on, and how far at the most: what a busy machine takes from us slows this time down, it never makes it jump. */
const TICK_REAL_MS = 4

/**
 * Time that runs up to so many times faster than the real one, from a given wall time on. Listener and test station share it and one event
 * loop, so a minute of listening over real HTTP takes seconds, and comes out alike on a loaded machine. It stands while nobody waits for it.
 */
export function acceleratedClock(factor: number, wallStartMs: number): Clock {
  const waiting = new Map<number, { dueMs: number; callback: () => void }>()
  let nowMs = 0
  let nextId = 0
  let isTicking = false

  const tick = (): void => {
    const untilMs = nowMs + TICK_REAL_MS * factor
    for (;;) {
      const [due] = [...waiting].filter(([, { dueMs }]) => dueMs <= untilMs).sort(([, a], [, b]) => a.dueMs - b.dueMs)
      if (!due) break
      waiting.delete(due[0])
      nowMs = Math.max(nowMs, due[1].dueMs)
      due[1].callback()
    }
    nowMs = untilMs
    isTicking = waiting.size > 0
    if (isTicking) setTimeout(tick, TICK_REAL_MS)
  }
  const after = (delayMs: number, callback: () => void): (() => void) => {
    const id = nextId++
    waiting.set(id, { dueMs: nowMs + Math.max(0, delayMs), callback })
    if (!isTicking) setTimeout(tick, TICK_REAL_MS)
    isTicking = true
    return () => void waiting.delete(id)
  }
  return {
    wallMs: () => wallStartMs + nowMs,
    monotonicMs: () => nowMs,
    after,
    every(intervalMs, callback) {
      let cancel = (): void => {}
      const again = (): void => {
        cancel = after(intervalMs, again)
        callback()
      }
      cancel = after(intervalMs, again)
      return () => cancel()
    },
  }
}
