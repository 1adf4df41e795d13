import { msOfSample } from '../../media/timeline.ts'
import type { SessionState } from '../../schemas/live.ts'
import type { Effect } from './effect.ts'
import { bufferMsOf, feedFor, type Seen, samplesOfMs } from './seen.ts'
import { hasAir, isHeard, isLiving, type LiveState, type Session, type Voice } from './session.ts'

const NOTES_MAX = 20
/** So much is always left for a fade. */
export const FADE_LEFT_MS = 200
/** Audio in hand beyond a piece and the fade: pieces are late at times. */
const PIECE_MARGIN_MS = 150
/** Pieces longer than this are not waited for: the room for audio in hand has its end. */
const PIECE_MS_MAX = 3_000

/** One turn of the machine: a state that may be changed, what is seen, and what is to be done. */
export type Turn = { state: LiveState; seen: Seen; effects: Effect[] }

export const fadeSamplesOf = ({ seen }: Turn): number => samplesOfMs(seen.plan.settings.crossfadeMs)
export const bufferSamplesOf = ({ seen }: Turn, session: Session): number => samplesOfMs(bufferMsOf(seen, session))

/** With less than this in hand, and nothing new, a voice goes out while there is audio for the fade. */
export const lossFloorOf = (turn: Turn, session: Session): number =>
  Math.max(samplesOfMs(FADE_LEFT_MS), Math.min(fadeSamplesOf(turn), Math.floor(bufferSamplesOf(turn, session) / 2)))

/** What must be in hand to come in with: the buffer; of a sender whose audio comes in long pieces, enough to last until the next one. */
export function gatherSamplesOf(turn: Turn, session: Session): number {
  const pieceMs = pieceMsOf(turn, session)
  const untilNext = pieceMs === 0 ? 0 : samplesOfMs(pieceMs + PIECE_MARGIN_MS) + lossFloorOf(turn, session)
  return Math.max(bufferSamplesOf(turn, session), untilNext)
}

export const pieceMsOf = ({ seen }: Turn, session: Session): number =>
  Math.min(feedFor(seen, session.keyId, session)?.feed.pieceMs ?? 0, PIECE_MS_MAX)

export function setState(turn: Turn, session: Session, state: SessionState, reason: string): void {
  if (session.state !== state) session.stateSinceMs = turn.seen.nowMs
  session.state = state
  session.reason = reason
}

export function note(turn: Turn, session: Session, text: string): void {
  session.notes.push({ atMs: turn.seen.nowMs, text })
  session.notes = session.notes.slice(-NOTES_MAX)
}

/** Stops gathering, or forgets audio that has sounded. */
export function closeVoice(turn: Turn, session: Session, reason: string): void {
  if (session.voice.phase !== 'none') turn.effects.push({ effect: 'close', sessionId: session.id, reason })
  session.voice = { phase: 'none' }
}

/** The session is over. Nothing of it sounds any more. */
export function end(turn: Turn, session: Session, reason: string, endedBy: Session['endedBy'] = 'rule'): void {
  closeVoice(turn, session, reason)
  setState(turn, session, 'ended', reason)
  session.endedMs = turn.seen.nowMs
  session.endedBy ??= endedBy
  session.pending = null
  session.covered = null
  session.drain = null
}

type Leaving = Extract<Voice, { phase: 'leaving' }>

/** The voice goes out under a fade that ends in `heldSamples` from now, with at most that much sounding on. */
export function fadeOut(
  turn: Turn,
  session: Session,
  kind: Leaving['kind'],
  heldSamples: number,
  reason: string,
): void {
  const { mixedUntilSample } = turn.seen
  const left = Math.max(0, Math.floor(heldSamples))
  const fadeSamples = Math.min(fadeSamplesOf(turn), left)
  const endSample = mixedUntilSample + left
  turn.effects.push({ effect: 'end-live', sessionId: session.id, endSample, fadeSamples, reason })
  session.voice = { phase: 'leaving', kind, endSample }
  session.drain = null
}

/** By a decision that does not wait for last words: out under a crossfade now, and over. */
export function leaveNow(turn: Turn, session: Session, reason: string, endedBy: Session['endedBy']) {
  const { voice } = session
  if (voice.phase === 'none' || voice.phase === 'open') return end(turn, session, reason, endedBy)
  if (voice.phase === 'sounding') {
    const heldSamples = turn.seen.voiceOf(session.id)?.bufferedSamples ?? 0
    fadeOut(turn, session, 'out-of-live', Math.min(heldSamples, fadeSamplesOf(turn)), reason)
  }
  session.endedBy = endedBy
  session.pending = null
  setState(turn, session, 'draining', reason)
}

/** Somebody else who has the air, or is just coming in or going out. */
export const holderBeside = (turn: Turn, session: Session): Session | null =>
  turn.state.sessions.find(
    (other) => other.id !== session.id && isLiving(other) && (hasAir(other) || isHeard(other)),
  ) ?? null

/** Somebody else whose audio is being gathered, to take the air in a moment. */
export const rivalOf = (turn: Turn, session: Session): Session | null =>
  turn.state.sessions.find((other) => other.id !== session.id && other.voice.phase === 'open' && !hasAir(other)) ?? null

export const nowOnAirMs = (turn: Turn): number => Math.round(msOfSample(turn.seen.mixedUntilSample))
export const secondsOf = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
