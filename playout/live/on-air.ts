import { FRAME_SAMPLES, msOfSample } from '../../media/timeline.ts'
import { cover, followCovered } from './covered.ts'
import { follow } from './off-air.ts'
import { feedFor, grantOf, isWithinWindows, type SeenFeed, type SeenVoice, samplesOfMs } from './seen.ts'
import type { Session } from './session.ts'
import {
  closeVoice,
  end,
  FADE_LEFT_MS,
  fadeOut,
  fadeSamplesOf,
  leaveNow,
  lossFloorOf,
  note,
  nowOnAirMs,
  secondsOf,
  setState,
  type Turn,
} from './turn.ts'

/** Nothing new for so long, with the buffer falling, is a loss. */
const QUIET_MS = 100
/** While the mixer catches up it takes audio faster than that can be fetched: then only a longer quiet is one. */
const QUIET_WHILE_LATE_MS = 1_000
/** After the order to end, what was said before it may still be on its way, in the sender's and the decoder's buffers. */
const UNDERWAY_MS = 250
export const UNDERWAY_SAMPLES = samplesOfMs(UNDERWAY_MS)
/** A sender that was heard so much later than its last sample came has a decoder that hangs; the node starts another one. */
const UNDECODED_MS = 100
/** So much more than has come from it is with the node: it is the way that is slow. */
const HELD_BY_NODE_SAMPLES = samplesOfMs(100)
/** Nodes say how things are ten times a second. */
const WORD_FRESH_MS = 600

/** What was let in has been mixed: now it is true. */
export function takeTheAir(turn: Turn, session: Session): void {
  const { voice } = session
  if (voice.phase !== 'sounding' || turn.seen.mixedUntilSample <= voice.atSample) return
  if (session.covered) {
    const awayMs = nowOnAirMs(turn) - session.covered.sinceMs
    if (session.covered.because === 'lost')
      note(turn, session, `Your connection dropped for ${secondsOf(awayMs)}; listeners heard music.`)
    else note(turn, session, `You were silent for long; listeners heard music for ${secondsOf(awayMs)}.`)
    session.covered = null
    session.reason = ON_AIR
    // A voice that comes in ends a hold; one that was there before leaves it as it was.
    if (turn.state.hold) turn.effects.push({ effect: 'hold', on: true, reason: 'The air is held after this session.' })
  }
  if (session.state === 'on-air' || session.state === 'draining') return
  session.onAirFromSample = voice.atSample
  session.pending = null
  session.orderedMs = null
  setState(turn, session, 'on-air', ON_AIR)
  if (!turn.state.hold) return
  turn.state.hold = false
  turn.effects.push({ effect: 'hold', on: false, reason: `${session.anchorName} is on air.` })
}

const ON_AIR = 'You are on air.'

/** What was on its way out is out. */
export function finishLeaving(turn: Turn, session: Session): void {
  const { voice } = session
  if (voice.phase !== 'leaving' || turn.seen.mixedUntilSample < voice.endSample) return
  closeVoice(turn, session, 'It has sounded to its end.')
  session.onAirUntilSample = voice.endSample
  session.orderedMs = null
  if (session.state === 'draining') end(turn, session, session.reason, session.endedBy)
}

/** A session that has the air: does it go on, is it covered, does it end? */
export function stayOnAir(turn: Turn, session: Session) {
  const { seen } = turn
  const { voice } = session
  if (voice.phase === 'leaving' && session.state === 'draining') return
  const grant = grantOf(seen, session.keyId)
  if (!grant) return leaveNow(turn, session, 'The key has been revoked.', 'rule')
  if (grant.endsWithWindow && !isWithinWindows(grant, seen.nowMs))
    return leaveNow(turn, session, 'Its time is over.', 'rule')
  const found = feedFor(seen, session.keyId, session)
  if (voice.phase === 'sounding') return keepHeard(turn, session, found)
  if (voice.phase !== 'leaving') followCovered(turn, session, found)
}

function keepHeard(turn: Turn, session: Session, found: SeenFeed | null) {
  const audio = turn.seen.voiceOf(session.id)
  if (!audio) {
    closeVoice(turn, session, 'Its audio is gone.')
    if (session.drain) return end(turn, session, session.reason, session.endedBy)
    return cover(turn, session, 'lost')
  }
  const own = found && found.ingest === session.ingest && found.feed.run === session.run ? found : null
  if (own && !session.drain) {
    follow(session, own)
    if (own.feed.state === 'ended')
      startDraining(turn, session, own.feed.newestSample, 'The sender said goodbye.', 'rule')
  }
  if (session.drain) return drain(turn, session, audio, session.drain.untilOffset)
  const reason = lossOf(turn, session, audio, own)
  if (reason !== null) return goUnder(turn, session, 'lost', audio, reason)
  const { silenceMs } = turn.seen.plan.settings
  // Silence before it was on air does not count.
  const heardForMs = session.voice.phase === 'sounding' ? nowOnAirMs(turn) - msOfSample(session.voice.atSample) : 0
  if (own && own.feed.soundForMs === 0 && Math.min(own.feed.silentForMs, heardForMs) >= silenceMs)
    goUnder(turn, session, 'silence', audio, `Silent for ${secondsOf(silenceMs)}.`)
}

/** Out under a fade, with the air kept: what has sounded is remembered, so that nothing of it is aired again. */
function goUnder(turn: Turn, session: Session, because: 'lost' | 'silence', audio: SeenVoice, reason: string) {
  const heldSamples = Math.min(audio.bufferedSamples, fadeSamplesOf(turn))
  session.heardUntil = { run: session.run, offset: Math.ceil(audio.offsetNow + heldSamples) }
  fadeOut(turn, session, because, heldSamples, reason)
  cover(turn, session, because)
}

/** Why the voice must go out now, while there is audio for the fade; null when it may stay. */
function lossOf(turn: Turn, session: Session, audio: SeenVoice, own: SeenFeed | null): string | null {
  // The ingest node has it already: this host or the way between the two is slow, and the mixer may wait for it.
  if (own && own.ageMs < WORD_FRESH_MS && own.feed.newestSample - audio.newestOffset >= HELD_BY_NODE_SAMPLES)
    return null
  const leftMs = Math.floor(audio.bufferedSamples / 48)
  const isLate = turn.seen.isCatchingUp
  const isUndecoded = own?.feed.state === 'connected' && own.feed.heardAgoMs + own.ageMs + UNDECODED_MS < audio.quietMs
  const floor = isUndecoded ? samplesOfMs(FADE_LEFT_MS) : lossFloorOf(turn, session)
  const isQuiet = audio.quietMs >= (isLate ? QUIET_WHILE_LATE_MS : QUIET_MS)
  if (isQuiet && audio.bufferedSamples <= floor + FRAME_SAMPLES)
    return `Nothing has come for ${Math.round(audio.quietMs)} ms, and ${leftMs} ms are left.`
  if (!isLate && audio.bufferedSamples <= samplesOfMs(FADE_LEFT_MS) + FRAME_SAMPLES)
    return `It comes too slowly: ${leftMs} ms are left.`
  return null
}

/** A declared end: what was sent before it is heard to its last word. */
export function startDraining(
  turn: Turn,
  session: Session,
  untilOffset: number,
  reason: string,
  endedBy: Session['endedBy'],
): void {
  session.drain = { untilOffset }
  session.endedBy = endedBy
  setState(turn, session, 'draining', reason)
}

function drain(turn: Turn, session: Session, audio: SeenVoice, untilOffset: number): void {
  const left = Math.min(audio.bufferedSamples, untilOffset - audio.offsetNow)
  if (left > fadeSamplesOf(turn) + FRAME_SAMPLES) return
  fadeOut(turn, session, 'out-of-live', left, session.reason)
}
