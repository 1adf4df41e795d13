import { msOfSample } from '../../media/timeline.ts'
import type { HeardSegment } from './heard-segment.ts'

export type DateTimeReport = {
  /** Segments that carry both a date-time and a media time. */
  compared: number
  /** The date-time less the media time, the furthest from zero. Null when nothing could be compared. */
  worstErrorMs: number | null
  worstSequence: number | null
}

/** Media time counts from the epoch at this station: so each date-time can be checked against the sound that it stands for. */
export function analyseDateTimes(segments: readonly HeardSegment[]): DateTimeReport {
  const report: DateTimeReport = { compared: 0, worstErrorMs: null, worstSequence: null }
  for (const { sequence, startSample, programDateTimeMs } of segments) {
    if (startSample === null || programDateTimeMs === null) continue
    const errorMs = programDateTimeMs - msOfSample(startSample)
    report.compared += 1
    if (report.worstErrorMs !== null && Math.abs(errorMs) <= Math.abs(report.worstErrorMs)) continue
    report.worstErrorMs = errorMs
    report.worstSequence = sequence
  }
  return report
}
