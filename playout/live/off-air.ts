import type { Feed } from '../../schemas/live.ts'
import { bufferMsOf, depthOf, feedFor, grantOf, isWithinWindows, type SeenFeed } from './seen.ts'
import type { Session } from './session.ts'
import { closeVoice, end, gatherSamplesOf, note, pieceMsOf, secondsOf, setState, type Turn } from './turn.ts'

/** A sender that has given nothing for so long is not ready; a relay, and some encoders, come in pieces. */
const QUIET_MS_MAX = 1_500

/** A session that is not on air: is its sender there, and is there audio enough to go on air with? */
export function stayOffAir(turn: Turn, session: Session) {
  const { seen } = turn
  const grant = grantOf(seen, session.keyId)
  if (!grant) return end(turn, session, 'The key has been revoked.')
  if (grant.endsWithWindow && !isWithinWindows(grant, seen.nowMs)) return end(turn, session, 'Its time is over.')
  const found = feedFor(seen, session.keyId, session)
  if (found?.feed.state === 'ended') return end(turn, session, 'The sender said goodbye.')
  if (!found || found.feed.state === 'lost') return miss(turn, session)
  if (session.missingSinceMs !== null) {
    note(turn, session, `Your connection dropped for ${secondsOf(seen.nowMs - session.missingSinceMs)}, off air.`)
    session.missingSinceMs = null
  }
  follow(session, found)
  session.anchorName = grant.name
  judge(turn, session, found)
}

/** The session goes by this feed from now on. */
export function follow(session: Session, { ingest, feed }: SeenFeed): void {
  session.ingest = ingest
  session.run = feed.run
  session.connection = feed.connection
  session.source = feed.source
  session.title = feed.title
  session.format = feed.format
}

export const isFlowing = (turn: Turn, session: Session, { feed, ageMs }: SeenFeed): boolean =>
  feed.state === 'connected' &&
  feed.heardAgoMs + ageMs <
    QUIET_MS_MAX + (session.kind === 'relay' ? bufferMsOf(turn.seen, session) : pieceMsOf(turn, session))

function judge(turn: Turn, session: Session, found: SeenFeed) {
  const depth = depthOf(found.feed)
  if (!isFlowing(turn, session, found))
    return setState(turn, session, 'connected', 'The sender is connected, but nothing comes from it.')
  if (depth === 0) return setState(turn, session, 'connected', 'The sender is connected; no sound has come yet.')
  if (depth < gatherSamplesOf(turn, session))
    return setState(turn, session, 'buffering', 'The first sound is here; a moment more is gathered.')
  setState(turn, session, 'ready', readyReasonOf(found.feed))
}

function readyReasonOf(feed: Feed): string {
  return feed.silentForMs > 0 ? 'Ready to go on air, but it is silent.' : 'Ready to go on air.'
}

function miss(turn: Turn, session: Session) {
  const { seen } = turn
  if (!seen.isSettled) return
  session.missingSinceMs ??= seen.nowMs
  closeVoice(turn, session, 'The sender is gone.')
  if (session.pending?.when === 'now') {
    session.pending = null
    note(turn, session, 'Your connection was lost before you were on air: click again when it is back.')
  }
  const { graceMs } = seen.plan.settings
  if (seen.nowMs - session.missingSinceMs > graceMs)
    return end(turn, session, `The connection was lost, and did not come back within ${secondsOf(graceMs)}.`)
  setState(turn, session, 'connected', 'The connection is lost; the sender is waited for.')
}
