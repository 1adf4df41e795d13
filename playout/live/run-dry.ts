import { cover } from './covered.ts'
import { type Outcome, turnOf } from './machine.ts'
import type { Seen } from './seen.ts'
import type { LiveState } from './session.ts'

/** The mixer had to let a voice go by itself, because its audio ran dry: the session is covered from there on, or over when it was ending. */
export function runDry(before: LiveState, seen: Seen, sessionId: string, endSample: number): Outcome {
  return turnOf(before, seen, (turn) => {
    const session = turn.state.sessions.find(({ id }) => id === sessionId)
    if (session?.voice.phase !== 'sounding') return
    const audio = seen.voiceOf(sessionId)
    if (audio) session.heardUntil = { run: session.voice.run, offset: Math.ceil(audio.newestOffset) }
    const isEnding = session.drain !== null || session.state === 'draining'
    session.voice = { phase: 'leaving', kind: isEnding ? 'out-of-live' : 'lost', endSample }
    session.drain = null
    if (!isEnding) cover(turn, session, 'lost')
  })
}
