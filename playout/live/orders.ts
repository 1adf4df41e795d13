import type { Static } from 'typebox'
import type { GoLiveWhen, KickOrder } from '../../schemas/live.ts'
import { advance, type Outcome, turnOf } from './machine.ts'
import { startDraining, UNDERWAY_SAMPLES } from './on-air.ts'
import { pendingOf } from './pursue.ts'
import { feedFor, grantOf, isWithinWindows, type Seen } from './seen.ts'
import { isHeard, isLiving, type LiveState, type Session } from './session.ts'
import { closeVoice, end, holderBeside, leaveNow, note, rivalOf, type Turn } from './turn.ts'

export type Order =
  | { order: 'go-live'; when: GoLiveWhen }
  | { order: 'end' }
  | { order: 'cancel' }
  | { order: 'hand-over'; to: string }
  | { order: 'talk-over'; on: boolean }
  | { order: 'kick'; kick: Static<typeof KickOrder> }

export type Refusal = { status: 404 | 409; message: string }

/** Carries out a person's order on a session, or says in a sentence why not. Pure. */
export function obey(
  before: LiveState,
  seen: Seen,
  sessionId: string,
  order: Order,
): Outcome & { refusal: Refusal | null } {
  let refusal: Refusal | null = null
  const outcome = turnOf(before, seen, (turn) => {
    const session = turn.state.sessions.find(({ id }) => id === sessionId)
    refusal = session ? carryOut(turn, session, order) : { status: 404, message: 'There is no such session.' }
    if (refusal === null) advance(turn)
  })
  return refusal ? { state: before, effects: [], refusal } : { ...outcome, refusal: null }
}

/** A bed between two anchors, until the next session is on air. */
export function obeyHold(before: LiveState, seen: Seen, on: boolean): Outcome {
  return turnOf(before, seen, (turn) => {
    turn.state.hold = on
    turn.effects.push({ effect: 'hold', on, reason: on ? 'The air is held by an order.' : 'The hold is over.' })
  })
}

function carryOut(turn: Turn, session: Session, order: Order): Refusal | null {
  if (!isLiving(session)) return conflict(`The session has ended: ${session.reason}`)
  switch (order.order) {
    case 'go-live':
      return goLive(turn, session, order.when)
    case 'end':
      return endIt(turn, session)
    case 'cancel':
      return cancel(turn, session)
    case 'hand-over':
      return handOver(turn, session, order.to)
    case 'talk-over':
      session.talkOver = order.on
      if (isHeard(session))
        turn.effects.push({ effect: 'talk-over', sessionId: session.id, on: order.on, reason: 'By order.' })
      return null
    case 'kick':
      return kick(turn, session, order.kick)
  }
}

function goLive(turn: Turn, session: Session, { when, ...rest }: GoLiveWhen): Refusal | null {
  const { seen } = turn
  if (session.state === 'on-air') return conflict(`${session.anchorName} is on air already.`)
  if (session.state === 'draining') return conflict('The session is ending.')
  if (isHeard(session)) return null
  const atMs = 'atMs' in rest ? rest.atMs : null
  const grant = grantOf(seen, session.keyId)
  if (!grant || !isWithinWindows(grant, atMs ?? seen.nowMs))
    return conflict('Its time on air has not come, or is over.')
  if (atMs !== null && atMs < seen.nowMs) return conflict('That moment is over.')
  const isForSoon = when === 'now' || when === 'item-end'
  if (isForSoon && session.state !== 'ready') return conflict(`It is not ready: ${session.reason}`)
  const holder = holderBeside(turn, session)
  if (isForSoon && holder && holder.state !== 'draining')
    return conflict(`${holder.anchorName} is on air: hand over instead.`)
  const rival = turn.state.sessions.find((other) => other.id !== session.id && other.pending?.when === 'now')
  if (when === 'now' && (rival || rivalOf(turn, session)))
    return conflict(`${(rival ?? rivalOf(turn, session))!.anchorName} is going on air just now.`)
  session.pending = pendingOf(seen, { action: 'go-live', when, atMs })
  // What was gathered for another moment began with another click.
  closeVoice(turn, session, 'Another order.')
  return null
}

function endIt(turn: Turn, session: Session): Refusal | null {
  const { seen } = turn
  const { voice } = session
  if (session.state === 'draining') return null
  if (session.state !== 'on-air' && voice.phase !== 'sounding')
    return session.pending ? cancel(turn, session) : conflict('It is not on air.')
  session.orderedMs = seen.nowMs
  session.pending = null
  const audio = voice.phase === 'sounding' ? seen.voiceOf(session.id) : null
  // A relay has no last word, and seconds of it in hand.
  if (!audio || session.kind === 'relay') leaveNow(turn, session, 'Ended by order.', 'order')
  else {
    const found = feedFor(seen, session.keyId, session)
    const isMine = found !== null && found.ingest === session.ingest && found.feed.run === session.run
    const newest = Math.max(audio.newestOffset, isMine ? found.feed.newestSample : 0)
    startDraining(turn, session, Math.ceil(newest) + UNDERWAY_SAMPLES, 'Ended by order.', 'order')
  }
  return null
}

function cancel(turn: Turn, session: Session): Refusal | null {
  const asked = [session, ...turn.state.sessions.filter((other) => other.pending?.from === session.id)]
  const waiting = asked.filter(({ pending, voice }) => pending !== null && voice.phase !== 'sounding')
  if (waiting.length === 0) return conflict('Nothing is asked for that could be cancelled.')
  for (const one of waiting) {
    if (one.pending?.when === 'ready') one.automatic = false
    one.pending = null
    closeVoice(turn, one, 'Cancelled.')
  }
  return null
}

function handOver(turn: Turn, session: Session, to: string): Refusal | null {
  const { seen } = turn
  const successor = turn.state.sessions.find(({ id }) => id === to)
  if (!successor) return { status: 404, message: 'There is no session to hand over to.' }
  if (session.state !== 'on-air') return conflict(`${session.anchorName} is not on air.`)
  if (successor.id === session.id) return conflict('It is on air already.')
  if (successor.state !== 'ready') return conflict(`${successor.anchorName} is not ready: ${successor.reason}`)
  const grant = grantOf(seen, successor.keyId)
  if (!grant || !isWithinWindows(grant, seen.nowMs))
    return conflict(`The time of ${successor.anchorName} on air has not come, or is over.`)
  const rival = rivalOf(turn, successor)
  if (rival) return conflict(`${rival.anchorName} is going on air just now.`)
  closeVoice(turn, successor, 'Another order.')
  successor.pending = pendingOf(seen, { action: 'hand-over', when: 'now', from: session.id })
  return null
}

function kick(turn: Turn, session: Session, order: Static<typeof KickOrder>): null {
  const { ingest, keyId } = session
  note(turn, session, order.reason)
  turn.effects.push({ effect: 'kick', ingest, keyId, order, reason: order.reason })
  session.orderedMs = turn.seen.nowMs
  if (isHeard(session) || session.state === 'on-air') leaveNow(turn, session, order.reason, 'kick')
  else end(turn, session, order.reason, 'kick')
  session.endedBy = 'kick'
  return null
}

const conflict = (message: string): Refusal => ({ status: 409, message })
