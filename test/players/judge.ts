import { compareWithReference } from '../oracle/continuity.ts'
import { monoOf, type Pcm, secondsOf, sliceOf } from '../oracle/pcm.ts'

export type CellVerdict = { ok: boolean; sentence: string }

/** A player may begin late and be ended early: so much of what was asked for must be there. */
const SECONDS_SHARE_LEAST = 0.6
/** The decoder's first two frames lack what came before them. */
const WARM_UP_SECONDS = 0.05

/** What a player does to its first half second, without a step, is its way to begin. */
const START_SECONDS = 0.5

/** Holds what a player played against what the station sent: no step, no silence of its own, nothing strange, and long enough. */
export function judgeCapture(heard: Pcm, reference: Pcm, secondsWanted: number): CellVerdict {
  const sounding = fromFirstSound(heard)
  const seconds = secondsOf(sounding)
  if (seconds < secondsWanted * SECONDS_SHARE_LEAST)
    return { ok: false, sentence: `only ${seconds.toFixed(1)} s of sound` }
  const { offsetSamples, followedSeconds, steps, strangeSeconds } = compareWithReference(sounding, reference)
  if (offsetSamples === null) return { ok: false, sentence: 'it played something else than the station' }
  const begins = steps.filter(({ atSeconds, stepMs }) => stepMs === 0 && atSeconds < START_SECONDS)
  const faults = steps
    .filter((step) => !begins.includes(step))
    .map(({ atSeconds, stepMs }) =>
      stepMs === 0
        ? `disturbed at ${atSeconds.toFixed(1)} s`
        : `a step of ${stepMs.toFixed(1)} ms at ${atSeconds.toFixed(1)} s`,
    )
  if (strangeSeconds > 0) faults.push(`${strangeSeconds.toFixed(1)} s are not the station's sound`)
  if (followedSeconds < secondsWanted * SECONDS_SHARE_LEAST)
    faults.push(`only ${followedSeconds.toFixed(1)} s could be followed`)
  return faults.length === 0
    ? { ok: true, sentence: `ok ${followedSeconds.toFixed(1)} s${begins.length > 0 ? ', begins unclean' : ''}` }
    : { ok: false, sentence: faults.join(', ') }
}

function fromFirstSound(pcm: Pcm): Pcm {
  const first = monoOf(pcm).findIndex((sample) => Math.abs(sample) > 1e-4)
  const from = Math.max(first, 0) + Math.round(WARM_UP_SECONDS * pcm.sampleRate)
  return sliceOf(pcm, from, Number.MAX_SAFE_INTEGER)
}
