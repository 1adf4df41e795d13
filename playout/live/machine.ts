import type { Effect } from './effect.ts'
import { meetFeeds } from './meet-feeds.ts'
import { stayOffAir } from './off-air.ts'
import { finishLeaving, stayOnAir, takeTheAir } from './on-air.ts'
import { pursue } from './pursue.ts'
import type { Seen } from './seen.ts'
import { hasAir, isHeard, isLiving, type LiveState, type Session } from './session.ts'
import type { Turn } from './turn.ts'

const KEPT_ENDED_MS = 86_400_000
const KEPT_ENDED_MAX = 100

export type Outcome = { state: LiveState; effects: Effect[] }

/**
 * What becomes of the sessions at this moment, and what is to be done for it. Pure: the same state and the same sight of the world give
 * the same outcome. Effects take hold at the next block that is mixed, before anything else is decided.
 */
export function step(before: LiveState, seen: Seen): Outcome {
  return turnOf(before, seen, advance)
}

/** One turn with something done in it: the state that comes of it, with its revision raised when anything is another. */
export function turnOf(before: LiveState, seen: Seen, act: (turn: Turn) => void): Outcome {
  // This runs at each block while somebody is on air: what has ended is not copied, since nothing changes it any more.
  const texts = before.sessions.map((session) => (isLiving(session) ? JSON.stringify(session) : null))
  const sessions = before.sessions.map((session, index): Session => {
    const text = texts[index]
    return text ? JSON.parse(text) : session
  })
  const turn: Turn = { state: { ...before, sessions }, seen, effects: [] }
  act(turn)
  const isSame =
    turn.state.hold === before.hold &&
    turn.state.sessions.length === before.sessions.length &&
    turn.state.sessions.every((session, index) =>
      texts[index] ? JSON.stringify(session) === texts[index] : session === before.sessions[index],
    )
  if (!isSame) turn.state.revision += 1
  return { state: turn.state, effects: turn.effects }
}

export function advance(turn: Turn): void {
  meetFeeds(turn)
  for (const session of turn.state.sessions) if (isLiving(session)) takeTheAir(turn, session)
  for (const session of turn.state.sessions) if (isLiving(session)) finishLeaving(turn, session)
  for (const session of turn.state.sessions) {
    if (!isLiving(session)) continue
    if (hasAir(session)) stayOnAir(turn, session)
    else if (!isHeard(session)) stayOffAir(turn, session)
  }
  // Who was asked first goes first.
  const waiting = turn.state.sessions.filter((session) => isLiving(session) && !hasAir(session) && !isHeard(session))
  waiting.sort((a, b) => (a.pending?.orderedMs ?? Infinity) - (b.pending?.orderedMs ?? Infinity))
  for (const session of waiting) pursue(turn, session)
  forget(turn)
}

function forget({ state, seen }: Turn): void {
  const ended = state.sessions.filter((session) => !isLiving(session))
  const kept = new Set(ended.filter(({ endedMs }) => seen.nowMs - endedMs! < KEPT_ENDED_MS).slice(-KEPT_ENDED_MAX))
  if (kept.size < ended.length) state.sessions = state.sessions.filter((one) => isLiving(one) || kept.has(one))
}
