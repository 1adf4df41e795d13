import { type Clock, sleep } from '../../platform/clock.ts'
import type { Fetched, HttpRecorder, Timeouts } from './http-recorder.ts'

/** How a player deals with a request that fails. */
export type RetryPolicy = {
  timeouts: Timeouts
  /** A request that timed out is sent again at once, so often. */
  timeoutRetries: number
  /** One that was refused or answered with an error is sent again after a delay, so often. */
  errorRetries: number
  errorDelayMs: number
  /** The delay doubles up to this. */
  errorDelayMostMs: number
}

/** hls.js as the station's own page sets it: quick to give up a dead connection, slow to give up the stream. */
export const segmentRetries: RetryPolicy = {
  timeouts: { firstByteMs: 3000, totalMs: 4000 },
  timeoutRetries: 10,
  errorRetries: 10,
  errorDelayMs: 1000,
  errorDelayMostMs: 4000,
}
export const playlistRetries: RetryPolicy = {
  timeouts: { firstByteMs: 3000, totalMs: 4000 },
  timeoutRetries: 15,
  errorRetries: 60,
  errorDelayMs: 1000,
  errorDelayMostMs: 1000,
}

/** Fetches until it works or the policy is used up; then the last failure is the answer. Rejects only when aborted. */
export async function fetchWithRetries(
  http: HttpRecorder,
  url: string,
  policy: RetryPolicy,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Fetched> {
  let timeoutsLeft = policy.timeoutRetries
  let errorsLeft = policy.errorRetries
  let delayMs = policy.errorDelayMs
  for (;;) {
    const fetched = await http.fetchOnce(url, policy.timeouts, signal)
    if (fetched.ok) return fetched
    if (fetched.record.timedOut) {
      if (timeoutsLeft-- === 0) return fetched
      continue
    }
    if (errorsLeft-- === 0) return fetched
    await sleep(clock, delayMs, signal)
    delayMs = Math.min(delayMs * 2, policy.errorDelayMostMs)
  }
}
