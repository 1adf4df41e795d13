import { grantOf, isWithinWindows, type SeenFeed } from './seen.ts'
import { isLiving, type Session } from './session.ts'
import type { Turn } from './turn.ts'

const LIVING_MAX = 100

/** A sender for whom there is no session gets one. */
export function meetFeeds(turn: Turn): void {
  const { state, seen } = turn
  for (const found of seen.feeds) {
    if (found.feed.state !== 'connected') continue
    const ofKey = state.sessions.filter(({ keyId }) => keyId === found.feed.keyId)
    // Who is saying the last words has ended for the sender: what is sent from now on belongs to another session.
    if (ofKey.some((session) => isLiving(session) && session.state !== 'draining')) continue
    const onThisConnection = ofKey.filter(
      ({ run, connection }) => run === found.feed.run && connection === found.feed.connection,
    )
    if (onThisConnection.some(({ endedBy }) => endedBy === 'kick')) continue
    if (state.sessions.filter(isLiving).length >= LIVING_MAX) return
    const session = sessionOf(turn, found)
    if (!session) continue
    session.automatic = !onThisConnection.some(({ endedBy }) => endedBy === 'order' || endedBy === 'silence')
    state.sessions.push(session)
  }
}

function sessionOf({ seen }: Turn, { ingest, feed }: SeenFeed): Session | null {
  const grant = grantOf(seen, feed.keyId)
  if (!grant) return null
  if (grant.endsWithWindow && !isWithinWindows(grant, seen.nowMs)) return null
  return {
    id: seen.newId(),
    keyId: grant.keyId,
    anchorId: grant.anchorId,
    anchorName: grant.name,
    kind: grant.kind,
    source: feed.source,
    ingest,
    run: feed.run,
    connection: feed.connection,
    title: feed.title,
    format: feed.format,
    state: 'connected',
    reason: 'The sender is connected; no sound has come yet.',
    stateSinceMs: seen.nowMs,
    onAirFromSample: null,
    onAirUntilSample: null,
    covered: null,
    pending: null,
    talkOver: false,
    notes: [],
    voice: { phase: 'none' },
    automatic: true,
    losses: 0,
    lostAtMs: [],
    bufferMs: null,
    missingSinceMs: null,
    heardUntil: null,
    drain: null,
    orderedMs: null,
    endedMs: null,
    endedBy: null,
  }
}
