import type { LiveSession } from '../../../schemas/live.ts'
import type { Truth } from './truth.ts'

/** How the person at the microphone stands, in words that can be read from two metres. */
export type Standing = {
  state: 'unknown' | 'off-air' | 'connecting' | 'ready' | 'going-live' | 'on-air' | 'covered' | 'ending'
  headline: string
  /** What listeners hear, or why. */
  detail: string
  /** Counts up from here, or down to there: instants of the station. */
  sinceMs: number | null
  untilMs: number | null
}

/** Whoever peaks below this is silent, or a wrong microphone is open. */
const HEARD_DBFS = -50

/** Says the time of day of an instant of the station: `20:00:04`. */
export type TimeOfDay = (ms: number) => string

/**
 * The big words. They follow from what the engine says, and from nothing that was clicked.
 * @param itemEndsAtMs when the item on air ends, as far as it is known
 */
export function standingOf(
  truth: Truth,
  session: LiveSession | null,
  itemEndsAtMs: number | null,
  timeOfDay: TimeOfDay,
): Standing {
  if (truth.by === null) return unknown(session, timeOfDay)
  if (session === null) return standing('off-air', 'OFF AIR', `Not connected: ${listenersHear(truth, null)}`)
  switch (session.state) {
    case 'on-air':
      return session.covered === null ? onAir(session, timeOfDay) : covered(session.covered)
    case 'draining':
      return standing('ending', 'ENDING…', 'Your last words still go out; then the programme comes in.')
    case 'ready':
    case 'buffering':
    case 'connected':
      return session.pending === null ? waiting(truth, session) : goingLive(session, itemEndsAtMs, timeOfDay)
    case 'ended':
      return standing('off-air', 'OFF AIR', `Your session has ended: ${session.reason}`)
  }
}

function standing(
  state: Standing['state'],
  headline: string,
  detail: string,
  times: { sinceMs?: number | null; untilMs?: number | null } = {},
): Standing {
  return { state, headline, detail, sinceMs: times.sinceMs ?? null, untilMs: times.untilMs ?? null }
}

function unknown(session: LiveSession | null, timeOfDay: TimeOfDay): Standing {
  const last =
    session?.state === 'on-air' && session.onAirFromMs !== null
      ? `Last known: on air since ${timeOfDay(session.onAirFromMs)}. You may still be heard.`
      : 'Neither the control center nor the ingest answers. The page goes on asking.'
  return standing('unknown', 'NOT KNOWN', last)
}

function onAir(session: LiveSession, timeOfDay: TimeOfDay): Standing {
  const since = session.onAirFromMs === null ? '' : ` since ${timeOfDay(session.onAirFromMs)}`
  const detail =
    session.pending !== null
      ? 'You are being handed over: go on until it has happened.'
      : session.talkOver
        ? 'Listeners hear you over quiet music.'
        : 'Listeners hear you.'
  return standing('on-air', 'ON AIR', `${since.trim()}${since ? '. ' : ''}${detail}`, { sinceMs: session.onAirFromMs })
}

function covered({ because, sinceMs }: NonNullable<LiveSession['covered']>): Standing {
  const detail =
    because === 'lost'
      ? 'Your connection dropped. You come back by yourself as soon as it is there again.'
      : 'Your microphone is silent. You come back by yourself as soon as you are heard.'
  return standing('covered', 'LISTENERS HEAR MUSIC', detail, { sinceMs })
}

function waiting(truth: Truth, session: LiveSession): Standing {
  if (session.state !== 'ready')
    return standing('connecting', 'CONNECTING…', `Not on air: ${listenersHear(truth, session)} ${session.reason}`)
  if (session.sender.peakDbfs < HEARD_DBFS)
    return standing(
      'ready',
      'READY, BUT SILENT',
      `Not on air, and nothing is heard from you: ${listenersHear(truth, session)}`,
    )
  return standing('ready', 'READY', `Not on air: ${listenersHear(truth, session)}`)
}

function goingLive(session: LiveSession, itemEndsAtMs: number | null, timeOfDay: TimeOfDay): Standing {
  const { when, atMs, action } = session.pending!
  const headline = action === 'hand-over' ? 'HANDING OVER…' : 'GOING LIVE…'
  const untilMs = atMs ?? (when === 'item-end' ? itemEndsAtMs : null)
  const says = {
    now: 'Not on air yet: wait for red.',
    ready: 'Not on air yet: as soon as enough of you is in hand.',
    'item-end': 'Not on air yet: when this item ends.',
    at: `Not on air yet: at ${atMs === null ? 'the set time' : timeOfDay(atMs)}.`,
  }
  return standing('going-live', headline, says[when], { untilMs })
}

/** Who or what is heard while we are not. */
function listenersHear(truth: Truth, session: LiveSession | null): string {
  const other = truth.sessions.find(({ id }) => id === truth.onAirSessionId && id !== session?.id)
  if (other !== undefined && other.covered === null) return `listeners hear ${other.anchorName}.`
  return truth.hold ? 'listeners hear the bed between two anchors.' : 'listeners hear music.'
}
