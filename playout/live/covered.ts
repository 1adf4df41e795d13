import { follow, isFlowing } from './off-air.ts'
import { goLive, isGathered, open } from './pursue.ts'
import { bufferMsOf, feedFor, grantOf, type SeenFeed } from './seen.ts'
import type { Session } from './session.ts'
import { closeVoice, end, fadeSamplesOf, gatherSamplesOf, note, nowOnAirMs, secondsOf, type Turn } from './turn.ts'

/** With its ingest node dead a sender can't come back yet: it is waited for longer. */
const INGEST_GRACE_MS = 60_000
/** Who has said nothing for so long has forgotten the microphone, and keeps the next anchor from the air. */
const SILENCE_KEPT_MS = 10 * 60_000
/** Lost twice within this time: the buffer is too small for what this sender's way or clock does. */
const LOST_AGAIN_MS = 60_000
/** More is a delay that an anchor who hears the air can't talk with. */
const LARGER_BUFFER_MS_MAX = 3_000

/** Listeners hear the programme from here on; the session keeps the air. */
export function cover(turn: Turn, session: Session, because: 'lost' | 'silence'): void {
  session.covered = { because, sinceMs: nowOnAirMs(turn) }
  if (because === 'lost') countLoss(turn, session)
  session.missingSinceMs = null
  session.reason =
    because === 'lost'
      ? 'Your connection is lost; listeners hear the programme, and you are back by yourself when it is.'
      : 'You are silent; listeners hear the programme until there is sound again.'
  if (because === 'silence')
    note(
      turn,
      session,
      `You have been silent for ${secondsOf(turn.seen.plan.settings.silenceMs)}; listeners hear the programme.`,
    )
}

function countLoss(turn: Turn, session: Session): void {
  const { nowMs } = turn.seen
  session.losses += 1
  session.lostAtMs = [...session.lostAtMs.filter((atMs) => nowMs - atMs < LOST_AGAIN_MS), nowMs]
  const bufferMs = bufferMsOf(turn.seen, session)
  const largerMs = Math.min(bufferMs * 2, LARGER_BUFFER_MS_MAX)
  if (session.lostAtMs.length < 2 || largerMs <= bufferMs) return
  session.bufferMs = largerMs
  session.lostAtMs = []
  note(
    turn,
    session,
    `Your connection drops again and again: from now on ${secondsOf(largerMs)} are kept in hand, in place of ${secondsOf(bufferMs)}.`,
  )
}

/** On air, but not heard: back when there is something to hear, over when the time of grace is. */
export function followCovered(turn: Turn, session: Session, found: SeenFeed | null) {
  const { covered } = session
  // After a death of playout between a fade and its consequences.
  if (!covered) return cover(turn, session, 'lost')
  const isMine = found !== null && found.ingest === session.ingest && found.feed.run === session.run
  if (isMine && found.feed.state === 'ended') return end(turn, session, 'The sender said goodbye.')
  if (session.voice.phase === 'open') return comeIn(turn, session)
  if (!found || !isFlowing(turn, session, found)) return miss(turn, session)
  if (covered.because === 'silence' && found.feed.soundForMs < turn.seen.plan.settings.soundAgainMs)
    return staySilent(turn, session, covered.sinceMs)
  const fromOffset = offsetToGoOnFrom(turn, session, found)
  if (fromOffset === null) return graceOver(turn, session)
  follow(session, found)
  open(turn, session, fromOffset, covered.because === 'lost' ? 'The sender is back.' : 'There is sound again.')
}

/** A relay that ends with its window has a limit already. */
function staySilent(turn: Turn, session: Session, sinceMs: number) {
  const { seen } = turn
  if (seen.nowMs - sinceMs < SILENCE_KEPT_MS || grantOf(seen, session.keyId)?.endsWithWindow) return
  const minutes = SILENCE_KEPT_MS / 60_000
  note(turn, session, `You have been silent for ${minutes} minutes: the air is no longer kept for you.`)
  end(turn, session, `It was silent on air for ${minutes} minutes.`, 'silence')
}

function comeIn(turn: Turn, session: Session) {
  const found = feedFor(turn.seen, session.keyId, session)
  if (found?.feed.state === 'lost') return closeVoice(turn, session, 'The sender is lost again.')
  if (isGathered(turn, session))
    goLive(turn, session, 'back', fadeSamplesOf(turn), 'There is audio enough in hand again.')
}

/** The newest audio that fills the buffer, none of it aired before; null while there is not enough. */
function offsetToGoOnFrom(turn: Turn, session: Session, { feed }: SeenFeed): number | null {
  const heard = session.heardUntil?.run === feed.run ? session.heardUntil.offset : 0
  const isNew = feed.run !== session.run || feed.connection !== session.connection
  const first = Math.max(heard, feed.oldestSample, isNew ? feed.connectionFromSample : 0)
  const from = feed.newestSample - gatherSamplesOf(turn, session)
  return from >= first ? from : null
}

function miss(turn: Turn, session: Session): void {
  if (session.covered?.because === 'silence') {
    if (!turn.seen.isSettled) return
    cover(turn, session, 'lost')
  }
  graceOver(turn, session)
}

function graceOver(turn: Turn, session: Session): void {
  const { seen } = turn
  const awayMs = seen.nowMs - session.covered!.sinceMs
  const isIngestDead = !seen.ingestsHeard.has(session.ingest)
  const graceMs = isIngestDead ? Math.max(seen.plan.settings.graceMs, INGEST_GRACE_MS) : seen.plan.settings.graceMs
  if (awayMs <= graceMs || session.covered!.because === 'silence') return
  note(
    turn,
    session,
    `Your connection dropped and did not come back within ${secondsOf(graceMs)}; the programme goes on.`,
  )
  end(turn, session, 'The connection was lost for longer than the time of grace.')
}
