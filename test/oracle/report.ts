import type { Packaging } from '../../media/playlists.ts'
import type { DateTimeReport } from './date-times.ts'
import type { HeardSegment, HeardTitle } from './heard-segment.ts'
import type { RequestRecord } from './http-recorder.ts'
import type { OriginComparison } from './origins.ts'
import type { Pcm } from './pcm.ts'
import type { Stall } from './play-out.ts'
import type { PlaylistReport } from './playlist-history.ts'
import type { TimelineReport } from './timeline-analysis.ts'

export type HttpReport = {
  requests: number
  /** `503`, `timeout`, or the error's name → how often. */
  errors: Record<string, number>
  slowestMs: number
}

export type SoundReport = {
  seconds: number
  /** Times are seconds from the first sample heard. */
  silences: { fromSeconds: number; toSeconds: number; ms: number }[]
  integratedLufs: number | null
  truePeakDbtp: number | null
  decodeErrors: string[]
  missingSamples: number
}

export type Measured = {
  url: string
  playlistUrl: string
  seconds: number
  packaging: Packaging | null
  playback: {
    startedAfterMs: number | null
    stalls: Stall[]
    stallMs: number
    leastBufferSeconds: number | null
    gaveUp: string[]
  }
  timeline: TimelineReport
  playlist: PlaylistReport
  dateTimes: DateTimeReport
  http: HttpReport
  /** Null when there was nothing to compare with. */
  origins: OriginComparison | null
  /** Null when nothing was decoded. */
  sound: SoundReport | null
  titles: HeardTitle[]
  /** For those who want to look closer. Sample 0 of the PCM is `firstSample` of the timeline. */
  recording: {
    firstSample: number | null
    segments: HeardSegment[]
    init: Buffer | null
    pcm: Pcm | null
    requests: RequestRecord[]
  }
}

export type ListenReport = Measured & {
  /** What must be zero and is not, in sentences. */
  failures: string[]
}

export function summariseHttp(log: readonly RequestRecord[]): HttpReport {
  const errors: Record<string, number> = {}
  for (const record of log) {
    if (record.error === null) continue
    const name = record.timedOut
      ? 'timeout'
      : record.status !== null && record.status >= 300
        ? `${record.status}`
        : record.error
    errors[name] = (errors[name] ?? 0) + 1
  }
  const slowestMs = log.reduce((most, { startedMs, endedMs }) => Math.max(most, endedMs - startedMs), 0)
  return { requests: log.length, errors, slowestMs }
}
