import { msOfSample } from '../../media/timeline.ts'
import type { LiveSession } from '../../schemas/live.ts'
import { bufferMsOf, depthOf, feedFor, type Seen } from './seen.ts'
import { isLiving, type Session } from './session.ts'

const SHOWN_MAX = 100

/** The sender's clock against the station's, and why it can't be followed, if so. */
type Drift = { ppm: number; complaint: string | null }

/** What a session looks like to people: its own state, and how its sender is heard right now. */
export function viewOf(session: Session, seen: Seen, drift: Drift): LiveSession {
  const found = isLiving(session) ? feedFor(seen, session.keyId, session) : null
  const isMine = found !== null && found.ingest === session.ingest && found.feed.run === session.run
  const feed = isMine ? found.feed : null
  const audio = session.voice.phase === 'none' ? null : seen.voiceOf(session.id)
  const bufferMs = bufferMsOf(seen, session)
  const depthMs = audio ? audio.bufferedSamples / 48 : feed ? Math.min(bufferMs, depthOf(feed) / 48) : 0
  const { pending, onAirFromSample, onAirUntilSample } = session
  return {
    id: session.id,
    keyId: session.keyId,
    anchorId: session.anchorId,
    anchorName: session.anchorName,
    kind: session.kind,
    source: session.source,
    ingest: session.ingest,
    title: session.title,
    state: session.state,
    reason: session.reason,
    stateSinceMs: session.stateSinceMs,
    onAirFromMs: msOrNull(onAirFromSample),
    onAirUntilMs: msOrNull(onAirUntilSample),
    onAirFromSample,
    onAirUntilSample,
    covered: session.covered,
    pending: pending && {
      action: pending.action,
      when: pending.when,
      atMs: pending.atMs ?? msOrNull(pending.atSample),
    },
    talkOver: session.talkOver,
    sender: {
      connected: feed?.state === 'connected',
      depthMs: Math.round(depthMs),
      levelDbfs: feed?.levelDbfs ?? -120,
      peakDbfs: feed?.peakDbfs ?? -120,
      heardAgoMs: isMine ? Math.round(found.feed.heardAgoMs + found.ageMs) : 0,
      format: session.format,
      driftPpm: drift.ppm,
      losses: session.losses,
      problems: [...(drift.complaint === null ? [] : [drift.complaint]), ...(feed?.problems ?? [])],
    },
    notes: session.notes,
  }
}

/** Living ones, then those that ended lately, newest first. */
export function inOrderOfInterest(sessions: readonly Session[]): Session[] {
  const newestFirst = [...sessions].reverse()
  return [...newestFirst.filter(isLiving), ...newestFirst.filter((one) => !isLiving(one))].slice(0, SHOWN_MAX)
}

const msOrNull = (sample: number | null): number | null => (sample === null ? null : msOfSample(sample))
