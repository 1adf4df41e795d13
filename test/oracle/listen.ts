import { FRAME_SAMPLES } from '../../media/timeline.ts'
import { type Clock, systemClock } from '../../platform/clock.ts'
import { type Processes, systemProcesses } from '../../platform/processes.ts'
import { analyseDateTimes } from './date-times.ts'
import { decodeSegments } from './decode.ts'
import type { HeardSegment, HeardTitle } from './heard-segment.ts'
import { createHttpRecorder } from './http-recorder.ts'
import { listenToPlaylist } from './listener.ts'
import { measureLoudness } from './loudness.ts'
import { compareOrigins } from './origins.ts'
import { lengthOf, sliceOf } from './pcm.ts'
import { type ListenReport, summariseHttp } from './report.ts'
import { resolveVariant } from './resolve-variant.ts'
import type { RetryPolicy } from './retries.ts'
import { findSilences, type SilenceOptions } from './silence.ts'
import { analyseTimeline } from './timeline-analysis.ts'
import { judge } from './verdict.ts'

export type ListenOptions = {
  /** How long to listen, from the first segment on. */
  seconds: number
  /** A second origin of the same station, compared byte for byte at the end. */
  also?: string | undefined
  /** Which rendition of a master playlist: part of its path (`low/`). Default the first. */
  rendition?: string | undefined
  signal?: AbortSignal | undefined
  /** Ends the listening before its time, with what was heard until then. */
  enough?: AbortSignal | undefined
  clock?: Clock
  processes?: Processes
  segmentsBehind?: number
  segmentPolicy?: RetryPolicy
  playlistPolicy?: RetryPolicy
  silence?: SilenceOptions
  /** Called with each segment as soon as it is there. */
  onSegment?: ((segment: HeardSegment) => void) | undefined
  /** Silence is part of this programme: do not count it as a failure. */
  silenceAllowed?: boolean
  /** False leaves the sound unheard: the timeline, the playlists and the wire are still judged. */
  decode?: boolean
}

/**
 * Listens to a station as a player does, then decodes and measures what was heard. `report.failures` is empty when all is well; each entry
 * is a sentence. Rejects when there is nothing to play within a minute, when aborted, and when ffmpeg can't be run.
 */
export async function listen(url: string, options: ListenOptions): Promise<ListenReport> {
  const clock = options.clock ?? systemClock
  const processes = options.processes ?? systemProcesses
  const http = createHttpRecorder(clock)
  const playlistUrl = await resolveVariant(url, options.rendition, http, clock, options.signal)
  const { seconds, signal, enough, segmentsBehind, segmentPolicy, playlistPolicy } = options
  const heard = await listenToPlaylist(playlistUrl, {
    seconds,
    clock,
    http,
    signal,
    enough,
    segmentsBehind,
    segmentPolicy,
    playlistPolicy,
    onSegment: options.onSegment,
  })
  const httpReport = summariseHttp(http.log)
  const origins = options.also ? await compareOrigins(url, options.also, { clock, signal }) : null
  const { segments, init } = heard
  const decoded = options.decode === false ? null : await decodeSegments(segments, init, processes, signal)
  const firstSample = segments[0]?.startSample ?? null
  // The first frame lacks its overlap: what it decodes to is not what the station sent.
  const judged = decoded && sliceOf(decoded.pcm, FRAME_SAMPLES, lengthOf(decoded.pcm))
  const loudness = judged && lengthOf(judged) > 0 ? await measureLoudness(judged, processes, signal) : null
  const silences = judged ? findSilences(judged, options.silence) : []
  const measured = {
    url,
    playlistUrl,
    seconds,
    packaging: segments[0]?.packaging ?? null,
    playback: {
      startedAfterMs: heard.startedAfterMs,
      stalls: heard.stalls,
      stallMs: heard.stallMs,
      leastBufferSeconds: heard.leastBufferMs === null ? null : heard.leastBufferMs / 1000,
      gaveUp: heard.gaveUp,
    },
    timeline: analyseTimeline(segments),
    playlist: heard.playlist,
    dateTimes: analyseDateTimes(segments),
    http: httpReport,
    origins,
    sound: decoded && {
      seconds: lengthOf(decoded.pcm) / decoded.pcm.sampleRate,
      silences: silences.map(({ fromSample, toSample }) => ({
        fromSeconds: (fromSample + FRAME_SAMPLES) / decoded.pcm.sampleRate,
        toSeconds: (toSample + FRAME_SAMPLES) / decoded.pcm.sampleRate,
        ms: ((toSample - fromSample) * 1000) / decoded.pcm.sampleRate,
      })),
      integratedLufs: loudness?.integratedLufs ?? null,
      truePeakDbtp: loudness?.truePeakDbtp ?? null,
      decodeErrors: decoded.errors,
      missingSamples: decoded.missingSamples,
    },
    titles: titlesOf(segments),
    recording: { firstSample, segments, init, pcm: decoded?.pcm ?? null, requests: http.log },
  }
  return { ...measured, failures: judge(measured, { silenceAllowed: options.silenceAllowed ?? false }) }
}

/** Each segment says again what holds: only the changes are told. */
function titlesOf(segments: readonly HeardSegment[]): HeardTitle[] {
  const titles: HeardTitle[] = []
  for (const heard of segments.flatMap((segment) => segment.titles)) {
    const last = titles.at(-1)
    if (last?.title !== heard.title || last.artist !== heard.artist) titles.push(heard)
  }
  return titles
}
