/** Time, handed in everywhere: real in production, made in tests. Nothing outside `platform/` reads the clock itself. */
export type Clock = {
  /** Milliseconds since the epoch by the wall clock; may jump. For log lines and file names only. */
  wallMs(): number
  /** Milliseconds that never jump or go back; the zero is the machine's boot. For leases, delays and ages. */
  monotonicMs(): number
  /** Calls back once after a delay of monotonic time; the answer cancels it. */
  after(delayMs: number, callback: () => void): () => void
  /** Calls back again and again, the first time after one interval; the answer stops it. */
  every(intervalMs: number, callback: () => void): () => void
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.max(0, delayMs))
    return () => clearTimeout(timer)
  },
  every(intervalMs, callback) {
    const timer = setInterval(callback, intervalMs)
    return () => clearInterval(timer)
  },
}

/** Resolves after a delay; rejects with the signal's reason as soon as it is aborted. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    const onAbort = (): void => {
      cancel()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
