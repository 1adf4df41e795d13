import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { LiveSession } from '../../../schemas/live.ts'
import { ask } from '../account/api.ts'
import { mayDirect, type Person } from '../account/session.ts'
import type { Level } from '../microphone/level.ts'
import { Sending } from '../microphone/sending.ts'
import { type Action, order } from '../truth/orders.ts'
import { noProgramme, type Programme, watchProgramme } from '../truth/programme.ts'
import { type Standing, standingOf } from '../truth/standing.ts'
import { type ControlWord, ownSession, type Truth, truthOf } from '../truth/truth.ts'
import { watchLive } from '../truth/watch-live.ts'
import { clockTime } from './words.ts'

const REDRAWN_EVERY_MS = 250

export type Studio = {
  person: Person
  mayDirect: boolean
  truth: Truth
  /** Ours, as the engine tells it. */
  session: LiveSession | null
  standing: Standing
  programme: Programme
  sending: Sending
  /** By the station's clock; null before it is known. */
  nowMs: number | null
  /** What has been asked for, and not been taken or refused yet. */
  asking: Action | null
  /** Why the last order came to nothing, in a sentence. */
  refusal: string | null
  give(sessionId: string, action: Action, body?: object): void
  /** A bed stays on the air between two anchors. */
  hold(on: boolean): void
  timeOfDay(ms: number): string
  /** Called with each measured piece of the microphone's sound. */
  onLevel(listener: (level: Level) => void): () => void
}

/** All that the studio knows and can do, for the views to draw. */
export function useStudio(person: Person): Studio {
  const [, redraw] = useState(0)
  const [control, setControl] = useState<ControlWord | null>(null)
  const [programme, setProgramme] = useState<Programme>(noProgramme)
  const [asking, setAsking] = useState<Action | null>(null)
  const [refusal, setRefusal] = useState<string | null>(null)
  const listeners = useRef(new Set<(level: Level) => void>())
  const sending = useMemo(
    () =>
      new Sending({
        changed: () => redraw((count) => count + 1),
        orderRefused: setRefusal,
        measured: (level) => {
          for (const listener of listeners.current) listener(level)
        },
      }),
    [],
  )
  useEffect(() => watchLive(setControl, () => setControl((word) => word && { ...word, isLost: true })), [])
  useEffect(() => watchProgramme(setProgramme), [])
  useEffect(() => {
    const redrawing = setInterval(() => redraw((count) => count + 1), REDRAWN_EVERY_MS)
    return () => clearInterval(redrawing)
  }, [])

  const atMs = performance.now()
  const truth = truthOf(control, sending.word, atMs)
  const session = ownSession(truth.sessions, person.id, sending.keyId)
  const timeOfDay = (ms: number): string => clockTime(ms, programme.timeZone)
  const itemEndsAtMs = programme.onAir === null || programme.onAir.kind === 'live' ? null : programme.onAir.endMs
  return {
    person,
    mayDirect: mayDirect(person),
    truth,
    session,
    standing: standingOf(truth, session, itemEndsAtMs, timeOfDay),
    programme,
    sending,
    nowMs: truth.offsetMs === null ? null : truth.offsetMs + atMs,
    asking,
    refusal,
    give(sessionId, action, body = {}) {
      setAsking(action)
      setRefusal(null)
      const isBySocket = sending.link?.state === 'open' && sending.word?.session?.id === sessionId
      const bySocket = isBySocket ? (name: Action, content: object) => sending.order(name, content) : null
      order(sessionId, action, body, bySocket)
        .catch((error: Error) => setRefusal(error.message))
        .finally(() => setAsking(null))
    },
    hold(on) {
      setRefusal(null)
      ask('POST', '/api/live/hold', { on }).catch((error: Error) => setRefusal(error.message))
    },
    timeOfDay,
    onLevel(listener) {
      listeners.current.add(listener)
      return () => listeners.current.delete(listener)
    },
  }
}
