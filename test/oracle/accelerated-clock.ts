import type { Clock } from '../../platform/clock.ts'

/**
 * Time that runs so many times faster than the real one, from a given wall time on: listener and test station share it, and a minute of
 * listening over real HTTP takes seconds. What the network takes is stretched alike, so 5 ms of loopback at factor 20 are 100 ms.
 */
export function acceleratedClock(factor: number, wallStartMs: number): Clock {
  const realMs = (): number => performance.now()
  const startMs = realMs()
  const elapsedMs = (): number => (realMs() - startMs) * factor
  return {
    wallMs: () => wallStartMs + elapsedMs(),
    monotonicMs: elapsedMs,
    after(delayMs, callback) {
      const timer = setTimeout(callback, Math.max(0, delayMs / factor))
      return () => clearTimeout(timer)
    },
    every(intervalMs, callback) {
      const timer = setInterval(callback, intervalMs / factor)
      return () => clearInterval(timer)
    },
  }
}
