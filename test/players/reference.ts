import { sleep, systemClock } from '../../platform/clock.ts'
import { systemProcesses } from '../../platform/processes.ts'
import { decodeSegments } from '../oracle/decode.ts'
import type { HeardSegment } from '../oracle/heard-segment.ts'
import { createHttpRecorder } from '../oracle/http-recorder.ts'
import { listenToPlaylist } from '../oracle/listener.ts'
import type { Pcm } from '../oracle/pcm.ts'

/** What the station sends while the players are tried: a listener of our own, from the oldest segment in the window on. */
export type Reference = {
  /** Resolves when there are segments. */
  begun: Promise<void>
  /** The sound that a player which began at `fromMs` (monotonic) may have met, and two segments from now on. */
  soundSince(fromMs: number): Promise<Pcm>
  /** Rejects when the listener itself has failed. */
  stop(): Promise<void>
}

/** A player may begin so long before the moment at which it was started: the window. */
const SECONDS_BEFORE = 75
const SEGMENTS_KEPT = 120
const NEXT_SEGMENTS_MS_MOST = 30_000

export function startReference(playlistUrl: string, signal: AbortSignal): Reference {
  const over = new AbortController()
  const arrived: HeardSegment[] = []
  let seen = 0
  let onBegun = (): void => {}
  const begun = new Promise<void>((resolve) => {
    onBegun = resolve
  })
  const listening = listenToPlaylist(playlistUrl, {
    seconds: 24 * 3600,
    clock: systemClock,
    http: createHttpRecorder(systemClock),
    signal: AbortSignal.any([signal, over.signal]),
    segmentsBehind: Number.MAX_SAFE_INTEGER,
    onSegment(segment) {
      arrived.push(segment)
      seen += 1
      if (arrived.length > SEGMENTS_KEPT) arrived.shift()
      onBegun()
    },
  })
  const failed = listening.then(
    () => {
      throw new Error('the reference has ended')
    },
    (reason: unknown) => {
      throw reason
    },
  )
  failed.catch(() => {})
  return {
    begun: Promise.race([begun, failed]),
    async soundSince(fromMs) {
      const until = seen + 2
      const giveUpMs = systemClock.monotonicMs() + NEXT_SEGMENTS_MS_MOST
      while (seen < until) {
        if (systemClock.monotonicMs() > giveUpMs) throw new Error('the station sends nothing new to compare with')
        await Promise.race([sleep(systemClock, 250, signal), failed])
      }
      const segments = arrived.filter(({ arrivedMs }) => arrivedMs >= fromMs - SECONDS_BEFORE * 1000)
      return (await decodeSegments(segments, null, systemProcesses, signal)).pcm
    },
    async stop() {
      over.abort(new Error('no longer needed'))
      await failed.catch(() => {})
    },
  }
}
