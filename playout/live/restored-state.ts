import { isLiving, type LiveState } from './session.ts'

/** What was on disk when playout ended: the living as they agree with the voices of the checkpoint, and those that have ended. */
export function restoredState(living: LiveState | null, all: LiveState | null): LiveState | null {
  if (!living) return all && { ...all, sessions: all.sessions.filter((session) => !isLiving(session)) }
  const ids = new Set(living.sessions.map(({ id }) => id))
  const ended = (all?.sessions ?? []).filter((session) => !isLiving(session) && !ids.has(session.id))
  return {
    revision: Math.max(living.revision, all?.revision ?? 0) + 1,
    hold: living.hold,
    sessions: [...ended, ...living.sessions],
  }
}
