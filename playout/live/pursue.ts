import { FRAME_SAMPLES, msOfSample, sampleAtMs } from '../../media/timeline.ts'
import { grantOf, isWithinWindows, type Seen, samplesOfMs } from './seen.ts'
import { isHeard, type Pending, type Session } from './session.ts'
import {
  bufferSamplesOf,
  closeVoice,
  end,
  fadeSamplesOf,
  gatherSamplesOf,
  holderBeside,
  note,
  pieceMsOf,
  rivalOf,
  setState,
  type Turn,
} from './turn.ts'

/** What is to sound at a given moment is gathered a little earlier than the buffer is long: the network takes its time too. */
const GATHER_MARGIN_MS = 150
/** Gathering that has not come to its end by then is begun anew. */
const GATHER_LATE_MS = 3_000
/** With the mixer so far behind, after an outage, nobody is let in: a word of now would be put where it was not said. */
const BEHIND_MS_MAX = 1_000

/** Brings a session on air that is asked for: gathers its audio from the click on, and lets it in when the buffer is full and its time has come. */
export function pursue(turn: Turn, session: Session): void {
  const { seen } = turn
  const grant = grantOf(seen, session.keyId)
  if (!grant || session.state !== 'ready') {
    if (session.voice.phase === 'open') closeVoice(turn, session, 'It is not ready any more.')
    return
  }
  const isOpenHour = isWithinWindows(grant, seen.nowMs)
  if (
    !session.pending &&
    grant.goLive === 'automatic' &&
    session.automatic &&
    isOpenHour &&
    !holderBeside(turn, session)
  )
    session.pending = pendingOf(seen, { action: 'go-live', when: 'ready' })
  const { pending } = session
  if (!pending) {
    if (session.voice.phase === 'open') closeVoice(turn, session, 'It is not asked for any more.')
    return
  }
  if (session.voice.phase === 'none') gather(turn, session, pending, isOpenHour)
  else if (session.voice.phase === 'open') letIn(turn, session, pending)
}

export function pendingOf(seen: Seen, wanted: Partial<Pending> & Pick<Pending, 'action' | 'when'>): Pending {
  return { atMs: null, orderedMs: seen.nowMs, atSample: null, from: null, ...wanted }
}

function gather(turn: Turn, session: Session, pending: Pending, isOpenHour: boolean) {
  if (turn.seen.nowMs - msOfSample(turn.seen.mixedUntilSample) > BEHIND_MS_MAX)
    return setState(turn, session, session.state, 'The station is just coming back: you are on air when it is on time.')
  if (!isMomentNear(turn, session, pending) || rivalOf(turn, session)) return
  const holder = holderBeside(turn, session)
  if (holder && !(pending.action === 'hand-over' && pending.from === holder.id) && holder.state !== 'draining') return
  if (!isOpenHour) {
    session.pending = null
    return note(turn, session, 'Your time on air has not come, or is over: the order was not carried out.')
  }
  open(turn, session, 'newest', `${session.anchorName} is asked on air.`)
}

/** Begins to gather the session's audio, off air. */
export function open(turn: Turn, session: Session, from: number | 'newest', reason: string): void {
  const { ingest, keyId, run } = session
  const bufferSamples = bufferSamplesOf(turn, session)
  turn.effects.push({ effect: 'open', sessionId: session.id, ingest, keyId, run, from, bufferSamples, reason })
  session.voice = { phase: 'open', ingest, run, openedMs: turn.seen.nowMs }
}

function isMomentNear(turn: Turn, session: Session, pending: Pending): boolean {
  const { seen } = turn
  if (pending.when === 'now' || pending.when === 'ready') return true
  const aheadSamples = gatherSamplesOf(turn, session) + samplesOfMs(GATHER_MARGIN_MS + pieceMsOf(turn, session))
  const atSample = pending.when === 'at' ? sampleAtMs(pending.atMs!) : seen.itemEndSample
  if (seen.mixedUntilSample < atSample - aheadSamples) return false
  pending.atSample = atSample
  return true
}

function letIn(turn: Turn, session: Session, pending: Pending): void {
  const { seen } = turn
  if (isGathered(turn, session) !== true) return
  if (pending.atSample !== null && seen.mixedUntilSample + FRAME_SAMPLES / 2 < pending.atSample) return
  const holder = holderBeside(turn, session)
  if (holder && (pending.from !== holder.id || holder.state === 'draining' || holder.voice.phase === 'leaving')) return
  const held = holder?.voice.phase === 'sounding' ? (seen.voiceOf(holder.id)?.bufferedSamples ?? 0) : Infinity
  // The one who hands over may be lost this very moment: the fade is no longer than the audio in hand.
  const fadeSamples = Math.min(fadeSamplesOf(turn), Math.floor(held))
  const reason = `${session.anchorName} has the audio in hand to begin with.`
  goLive(turn, session, holder ? 'hand-over' : 'into-live', fadeSamples, reason)
  session.orderedMs = pending.when === 'now' ? pending.orderedMs : null
  if (holder) makeWay(turn, holder, session, fadeSamples)
}

/** True when the buffer is full. What fails, or takes too long, is begun anew. */
export function isGathered(turn: Turn, session: Session): boolean {
  const { voice } = session
  if (voice.phase !== 'open') return false
  const audio = turn.seen.voiceOf(session.id)
  const ageMs = turn.seen.nowMs - voice.openedMs
  const isStale = voice.run !== session.run || voice.ingest !== session.ingest
  if (audio && audio.failed === null && !isStale && audio.bufferedSamples >= gatherSamplesOf(turn, session)) return true
  const isLate = ageMs > GATHER_LATE_MS + gatherSamplesOf(turn, session) / 48
  if (isStale || isLate || ((!audio || audio.failed !== null) && ageMs > 100))
    closeVoice(turn, session, audio?.failed ?? 'Its audio does not come.')
  return false
}

/** The voice comes in with the next block. */
export function goLive(
  turn: Turn,
  session: Session,
  kind: 'into-live' | 'back' | 'hand-over',
  fadeSamples: number,
  reason: string,
): void {
  const { voice } = session
  if (voice.phase !== 'open') return
  const atSample = turn.seen.mixedUntilSample
  const { id: sessionId, anchorName, title, talkOver } = session
  turn.effects.push({ effect: 'go-live', sessionId, anchorName, title, atSample, fadeSamples, talkOver, reason })
  session.voice = { phase: 'sounding', ingest: voice.ingest, run: voice.run, kind, atSample }
}

/** The one before goes out under the same fade, and is over. */
function makeWay(turn: Turn, holder: Session, successor: Session, fadeSamples: number) {
  const reason = `Handed over to ${successor.anchorName}.`
  if (!isHeard(holder)) return end(turn, holder, reason, 'order')
  holder.voice = {
    phase: 'leaving',
    kind: 'hand-over',
    endSample: turn.seen.mixedUntilSample + fadeSamples,
  }
  holder.endedBy = 'order'
  holder.drain = null
  setState(turn, holder, 'draining', reason)
}
