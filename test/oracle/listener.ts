import { FRAME_MS, FRAME_SAMPLES, sampleAtMs } from '../../media/timeline.ts'
import { type Clock, sleep } from '../../platform/clock.ts'
import type { HeardSegment } from './heard-segment.ts'
import type { HttpRecorder } from './http-recorder.ts'
import { createPlayOut, type Stall } from './play-out.ts'
import {
  createPlaylistHistory,
  type ListedSegment,
  type PlaylistReport,
  type PlaylistView,
} from './playlist-history.ts'
import { readMediaPlaylist } from './read-playlist.ts'
import { readSegment } from './read-segment.ts'
import { fetchWithRetries, playlistRetries, type RetryPolicy, segmentRetries } from './retries.ts'

export type ListenerOptions = {
  seconds: number
  clock: Clock
  http: HttpRecorder
  signal?: AbortSignal | undefined
  /** Where to begin, counted back from the newest segment. */
  segmentsBehind?: number | undefined
  segmentPolicy?: RetryPolicy | undefined
  playlistPolicy?: RetryPolicy | undefined
  /** Ends the listening before its time, with what was heard until then. */
  enough?: AbortSignal | undefined
  /** Called with each segment as soon as it is there. */
  onSegment?: ((segment: HeardSegment) => void) | undefined
}

export type Listening = {
  segments: HeardSegment[]
  init: Buffer | null
  startedAfterMs: number | null
  stalls: Stall[]
  stallMs: number
  leastBufferMs: number | null
  /** Every time that a player of flesh would have shown an error or skipped, in a sentence. */
  gaveUp: string[]
  playlist: PlaylistReport
}

/**
 * Listens to a media playlist for a time, counted from the first segment's arrival: one loop polls the playlist (RFC 8216, 6.3.4), another
 * fetches segment after segment; what arrived plays in real time. Rejects when aborted, and when nothing can be played at all.
 */
export async function listenToPlaylist(playlistUrl: string, options: ListenerOptions): Promise<Listening> {
  const { clock, http } = options
  const over = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, over.signal]) : over.signal
  const history = createPlaylistHistory()
  const playOut = createPlayOut()
  const segments: HeardSegment[] = []
  const gaveUp: string[] = []
  const beganMs = clock.monotonicMs()
  let init: Buffer | null = null
  let initUrl: string | null = null
  let view: PlaylistView | null = null
  let wake = (): void => {}
  let cancelEnd = (): void => {}

  signal.addEventListener('abort', () => wake(), { once: true })
  options.enough?.addEventListener('abort', () => over.abort(OVER), { once: true })

  const poll = async (): Promise<never> => {
    let before = ''
    for (;;) {
      const startedMs = clock.monotonicMs()
      const fetched = await fetchWithRetries(
        http,
        playlistUrl,
        options.playlistPolicy ?? playlistRetries,
        clock,
        signal,
      )
      if (!fetched.ok) {
        gaveUp.push(`the playlist could not be loaded: ${fetched.record.error}`)
        continue
      }
      const text = fetched.bytes.toString('utf8')
      const read = readMediaPlaylist(text, fetched.url)
      if (read.ok) {
        view = read.view
        history.add(read.view, { monotonicMs: fetched.atMs, wallMs: clock.wallMs() })
        wake()
      } else history.unreadable(read.sentence, fetched.atMs)
      const targetMs = view?.targetDurationMs ?? 2000
      const waitMs = text === before ? targetMs / 2 : targetMs
      before = text
      await sleep(clock, startedMs + waitMs - clock.monotonicMs(), signal)
    }
  }

  const listed = async (wanted: number | null): Promise<ListedSegment> => {
    for (;;) {
      const found = view && choose(view, wanted, options.segmentsBehind ?? 3)
      if (found) return found
      if (segments.length > 0) playOut.settle(clock.monotonicMs())
      await new Promise<void>((resolve) => {
        wake = resolve
        if (signal.aborted) resolve()
      })
      signal.throwIfAborted()
    }
  }

  const whereItShouldBe = (segment: ListedSegment): number => {
    const last = segments.at(-1)
    if (segment.programDateTimeMs !== null) return sampleAtMs(segment.programDateTimeMs)
    return last?.startSample === undefined || last.startSample === null
      ? sampleAtMs(clock.wallMs())
      : last.startSample + last.units.length * FRAME_SAMPLES
  }

  const load = async (): Promise<never> => {
    const policy = options.segmentPolicy ?? segmentRetries
    let wanted: number | null = null
    for (;;) {
      const segment = await listed(wanted)
      if (wanted !== null && segment.sequence > wanted)
        gaveUp.push(`segments ${wanted} to ${segment.sequence - 1} had left the playlist before they were fetched`)
      wanted = segment.sequence + 1
      if (segment.initUrl !== initUrl) {
        const fetched = await fetchWithRetries(http, segment.initUrl!, policy, clock, signal)
        if (fetched.ok) {
          init = fetched.bytes
          initUrl = segment.initUrl
        } else gaveUp.push(`the init section could not be loaded: ${fetched.record.error}`)
      }
      const fetched = await fetchWithRetries(http, segment.url, policy, clock, signal)
      if (!fetched.ok) {
        gaveUp.push(`segment ${segment.sequence} could not be loaded: ${fetched.record.error}`)
        continue
      }
      const read = readSegment(segment, fetched.bytes, init, whereItShouldBe(segment), fetched.atMs)
      if (!read.ok) {
        gaveUp.push(`segment ${segment.sequence} is unreadable: ${read.sentence}`)
        continue
      }
      if (segments.length === 0) cancelEnd = clock.after(options.seconds * 1000, () => over.abort(OVER))
      segments.push(read.segment)
      options.onSegment?.(read.segment)
      playOut.feed(fetched.atMs, read.segment.units.length * FRAME_MS)
    }
  }

  const cancelStart = clock.after(START_MOST_MS, () => {
    if (segments.length === 0)
      over.abort(
        new Error(
          `nothing to play within ${START_MOST_MS / 1000} s: ${gaveUp.at(-1) ?? http.log.at(-1)?.error ?? 'no segments listed'}`,
        ),
      )
  })
  try {
    await Promise.all([poll(), load()])
  } catch (reason) {
    over.abort(reason)
    if (reason !== OVER) throw reason
  } finally {
    cancelStart()
    cancelEnd()
  }
  const { startedAtMs, leastBufferMs, stalls, stallMs } = playOut.result(clock.monotonicMs())
  const startedAfterMs = startedAtMs === null ? null : startedAtMs - beganMs
  return { segments, init, startedAfterMs, stalls, stallMs, leastBufferMs, gaveUp, playlist: history.report() }
}

const OVER = new Error('the time is over')
const START_MOST_MS = 60_000

/** The next segment to load; null when it is not listed yet. One that has left the window is given up for the oldest that is left. */
function choose(view: PlaylistView, wanted: number | null, segmentsBehind: number): ListedSegment | null {
  if (wanted === null) return view.segments[Math.max(0, view.segments.length - segmentsBehind)] ?? null
  return view.segments.find(({ sequence }) => sequence >= wanted) ?? null
}
