import type { Measured } from './report.ts'

export type VerdictOptions = { silenceAllowed: boolean }

/** A date-time is written in whole milliseconds; the edge's own tolerance is on top of the rounding. */
const DATE_TIME_ERROR_MS_MOST = 50
/** Below this the play-out buffer did not really run dry: timers are not exact. */
const STALL_MS_LEAST = 1

/** What must be zero and is not. HTTP errors alone are no failure: a player gets over them, and if it does not, something else tells. */
export function judge(measured: Measured, { silenceAllowed }: VerdictOptions): string[] {
  const { playback, timeline, playlist, dateTimes, origins, sound } = measured
  const failures: string[] = []
  const must = (holds: boolean, sentence: string): void => {
    if (!holds) failures.push(sentence)
  }
  must(timeline.frames > 0, 'nothing was heard')
  must(playback.stallMs < STALL_MS_LEAST, `stalled ${playback.stalls.length} times, ${ms(playback.stallMs)} in all`)
  for (const sentence of playback.gaveUp) must(false, sentence)
  must(
    timeline.gapMs === 0,
    `${ms(timeline.gapMs)} of the timeline are missing (${timeline.missingFrames} frames)${where(measured, 1)}`,
  )
  must(
    timeline.repeatMs === 0,
    `${ms(timeline.repeatMs)} of the timeline came twice (${timeline.repeatedFrames} frames)${where(measured, -1)}`,
  )
  for (const { sequence, earlierSequence, frames } of timeline.repeatedContent)
    must(false, `segment ${sequence} says ${frames} frames of segment ${earlierSequence} again`)
  must(playlist.discontinuities === 0, `${playlist.discontinuities} discontinuities`)
  must(playlist.sequenceRegressions === 0, `the media sequence went back ${playlist.sequenceRegressions} times`)
  for (const { sentence } of playlist.anomalies) must(false, sentence)
  const lead = playlist.latenessMs ? -playlist.latenessMs.least : 0
  must(lead <= DATE_TIME_ERROR_MS_MOST, `a segment was listed ${ms(lead)} before its date-time says that it ends`)
  const error = dateTimes.worstErrorMs ?? 0
  must(
    Math.abs(error) <= DATE_TIME_ERROR_MS_MOST,
    `the date-time of segment ${dateTimes.worstSequence} is ${ms(error)} off its media time`,
  )
  for (const { what, sentence } of origins?.differences ?? []) must(false, `the origins differ: ${what}: ${sentence}`)
  if (!sound) return failures
  must(
    sound.decodeErrors.length === 0,
    `${sound.decodeErrors.length} complaints of the decoder, the first: ${sound.decodeErrors[0]}`,
  )
  must(sound.missingSamples === 0, `the decoder gave ${sound.missingSamples} samples less than the frames hold`)
  if (!silenceAllowed)
    for (const { fromSeconds, ms: length } of sound.silences)
      must(false, `${ms(length)} of silence ${fromSeconds.toFixed(2)} s after the start`)
  return failures
}

const ms = (value: number): string => `${Math.round(value)} ms`

function where({ timeline }: Measured, sign: 1 | -1): string {
  const joint = timeline.joints.find(({ gapMs }) => Math.sign(gapMs) === sign)
  return joint ? `, first before segment ${joint.sequence}` : ''
}
