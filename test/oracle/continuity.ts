import { createLocator } from './locate.ts'
import { lengthOf, monoOf, type Pcm } from './pcm.ts'

export type PositionStep = {
  /** In the recording, exact to a piece (100 ms). */
  atSeconds: number
  /** Above 0 something was skipped, below 0 repeated; 0 when something foreign was put in for a while and it went on where it should. */
  stepMs: number
}

export type Continuity = {
  /** Where the first piece was found in the reference; null when nothing was. */
  offsetSamples: number | null
  /** Seconds of the recording that are the reference's sound in its order. */
  followedSeconds: number
  steps: PositionStep[]
  /** Pieces that are nowhere in the reference: other sound, or heavily damaged. */
  strangeSeconds: number
}

const PIECE_MS = 100
/** A player's resampler, dither and clipping leave more than this; another place in the same music less. */
const SAME = 0.97

/**
 * Lays a recording along a reference of the same programme, 100 ms at a time, and tells where its position jumps. On sound that repeats itself
 * (steady tones) a jump by a multiple of the period is no jump. Pieces before the reference begins or after its end are not judged; silence in
 * the recording is followed only where the reference is silent too.
 */
export function compareWithReference(recording: Pcm, reference: Pcm, slackSamples = 4): Continuity {
  const heard = monoOf(recording)
  const truth = monoOf(reference)
  const pieceLength = Math.round((PIECE_MS / 1000) * recording.sampleRate)
  const locator = createLocator(truth, pieceLength * LOCATING_PIECES)
  const result: Continuity = { offsetSamples: null, followedSeconds: 0, steps: [], strangeSeconds: 0 }
  let offset: number | null = null
  let lostAt: number | null = null
  for (let from = 0; from + pieceLength <= lengthOf(recording); from += pieceLength) {
    const piece = heard.subarray(from, from + pieceLength)
    if (offset !== null) {
      const expected = from + offset
      if (expected + pieceLength + slackSamples > truth.length) break
      const here = locator.at(piece, expected, slackSamples)
      if (here.match >= SAME) {
        if (lostAt !== null) result.steps.push({ atSeconds: lostAt / recording.sampleRate, stepMs: 0 })
        lostAt = null
        offset = here.offset - from
        result.followedSeconds += PIECE_MS / 1000
        continue
      }
    }
    lostAt ??= from
    const found = locator.find(heard.subarray(from, from + pieceLength * LOCATING_PIECES))
    if (!found || found.match < SAME) {
      if (offset !== null) result.strangeSeconds += PIECE_MS / 1000
      continue
    }
    const next: number = found.offset - from
    if (offset === null) result.offsetSamples = next
    else
      result.steps.push({
        atSeconds: lostAt / recording.sampleRate,
        stepMs: ((next - offset) * 1000) / recording.sampleRate,
      })
    offset = next
    lostAt = null
    result.followedSeconds += PIECE_MS / 1000
  }
  return result
}

/** To find a place anew, half a second is laid on the reference: less would be ambiguous. */
const LOCATING_PIECES = 5
