const CALLERS_MAX = 1_000

/**
 * Counts attempts per caller within a window. For failed registrations it keeps a wrongly configured node from filling the log; it is no
 * guard against guessing, which a random token of 16 characters and more needs none for. So a right token passes at any time: a neighbour's
 * mistake behind the same address locks nobody out.
 */
export function createAttemptLimit(attemptsMax: number, windowMs: number) {
  const callers = new Map<string, { attempts: number; sinceMs: number }>()
  return {
    /** Counts an attempt; answers how many seconds to wait, 0 while the caller is within the limit. */
    count(caller: string, nowMs: number): number {
      let entry = callers.get(caller)
      if (!entry || nowMs - entry.sinceMs >= windowMs) {
        callers.delete(caller)
        if (callers.size >= CALLERS_MAX) callers.delete(callers.keys().next().value!)
        entry = { attempts: 0, sinceMs: nowMs }
        callers.set(caller, entry)
      }
      entry.attempts += 1
      return entry.attempts <= attemptsMax ? 0 : Math.ceil((entry.sinceMs + windowMs - nowMs) / 1000)
    },
    size: () => callers.size,
  }
}
