import type { LiveAnswer } from '../../../schemas/api-live.ts'
import type { LiveSession } from '../../../schemas/live.ts'

/** The engine's word, as it came by the control center. Instants of this browser are `performance.now()`. */
/** `isLost`: it was asked since, and nobody answered. */
export type ControlWord = { status: LiveAnswer; heardAtMs: number; isLost?: boolean }
/** The engine's word about one session, as it came by the ingest node that takes our microphone. */
export type SocketWord = { session: LiveSession | null; nowMs: number; heardAtMs: number }

export type Truth = {
  /** By whom we know; null: nobody answers, and what follows is the last that was known. */
  by: 'control-center' | 'ingest' | null
  sessions: LiveSession[]
  onAirSessionId: string | null
  hold: boolean
  /** Station's time less `performance.now()`; null before the first word. */
  offsetMs: number | null
}

/** Words older than this are no longer the truth. */
const WORD_FRESH_MS = 5_000

const NOTHING: Truth = { by: null, sessions: [], onAirSessionId: null, hold: false, offsetMs: null }

/**
 * What the engine says, by whichever way it last got through: the control center knows all sessions; the ingest node's word about
 * ours stands in when that is away, and is put in its place when it is the newer one.
 */
export function truthOf(control: ControlWord | null, socket: SocketWord | null, atMs: number): Truth {
  // The control center says itself when it repeats what the engine said last.
  const isControlFresh =
    control !== null &&
    control.isLost !== true &&
    control.status.problem === null &&
    atMs - control.heardAtMs < WORD_FRESH_MS
  const isSocketFresh = socket !== null && atMs - socket.heardAtMs < WORD_FRESH_MS
  const full = control === null ? null : truthOfStatus(control)
  if (isControlFresh) {
    if (!isSocketFresh || socket.session === null || socket.nowMs <= control.status.nowMs) return full!
    return withSession(full!, socket.session)
  }
  if (!isSocketFresh) return { ...(full ?? NOTHING), by: null }
  // Of the others nothing is known any more; ours is.
  return {
    by: 'ingest',
    sessions: socket.session === null ? [] : [socket.session],
    onAirSessionId: socket.session?.state === 'on-air' ? socket.session.id : null,
    hold: false,
    offsetMs: socket.nowMs - socket.heardAtMs,
  }
}

function truthOfStatus({ status, heardAtMs }: ControlWord): Truth {
  return {
    by: 'control-center',
    sessions: status.sessions,
    onAirSessionId: status.onAirSessionId,
    hold: status.hold,
    offsetMs: status.nowMs - heardAtMs,
  }
}

function withSession(truth: Truth, session: LiveSession): Truth {
  const others = truth.sessions.filter(({ id }) => id !== session.id)
  const onAirBefore = truth.onAirSessionId === session.id ? null : truth.onAirSessionId
  return {
    ...truth,
    sessions: [session, ...others],
    onAirSessionId: session.state === 'on-air' ? session.id : onAirBefore,
  }
}

/** Nearest to the listeners first. */
const RANKS: LiveSession['state'][] = ['on-air', 'draining', 'ready', 'buffering', 'connected']

/** The session that the big words are about: of this person's living ones the nearest to the air; the browser's own before an encoder's. */
export function ownSession(
  sessions: readonly LiveSession[],
  personId: string,
  keyId: string | null,
): LiveSession | null {
  const rank = (session: LiveSession): number =>
    RANKS.indexOf(session.state) * 4 + (session.pending === null ? 2 : 0) + (session.keyId === keyId ? 0 : 1)
  const own = sessions.filter(
    ({ anchorId, kind, state }) => anchorId === personId && kind === 'anchor' && state !== 'ended',
  )
  return own.toSorted((one, other) => rank(one) - rank(other))[0] ?? null
}
