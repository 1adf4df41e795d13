import { EventStreamReader } from '../../media/event-stream.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import type { LiveAnswer } from '../../schemas/api-live.ts'
import { compiledCheck } from '../../schemas/check.ts'
import { LiveStatus } from '../../schemas/live.ts'
import { openStream } from './byte-stream.ts'

const HEAD_MS_MAX = 2_000
/** A connection without a word for so long is opened anew: the newest state comes first on each. */
const QUIET_MS_MAX = 20_000
const RETRY_MS = [100, 250, 500, 1_000] as const
/** A reconnection that takes less is nothing to tell. */
const LOST_MS_MAX = 2_500
const LOOK_MS = 500
const EVENT_CHARACTERS_MAX = 4_000_000

export type LiveFollower = ReturnType<typeof followLive>

/**
 * One connection to playout's live events, shared by all who want to know. Keeps the newest state, and says of it when playout can't
 * be heard any more.
 */
export function followLive(options: {
  playoutUrl: string
  controlToken: string
  clock: Clock
  log: Logger
  nowMs(): number
  /** What the status rounds know; null: playout answers. */
  playoutProblem(): string | null
}) {
  const { clock, log } = options
  const checkStatus = compiledCheck(LiveStatus)
  const listeners = new Set<(answer: LiveAnswer) => void>()
  let last: { status: LiveStatus; atMs: number } | null = null
  let lostSinceMs: number | null = clock.monotonicMs()
  let lostBecause = 'it has not been heard yet'
  let heardAtMs = clock.monotonicMs()
  let attempts = 0
  let stopped = false
  let toldProblem: string | null = null
  let abort = new AbortController()
  let cancelRetry = (): void => {}

  const problem = (): string | null => {
    const ofRounds = options.playoutProblem()
    if (ofRounds !== null) return ofRounds
    if (lostSinceMs === null || clock.monotonicMs() - lostSinceMs < LOST_MS_MAX) return null
    return `Playout's live events can't be followed: ${lostBecause}`
  }
  const answer = (): LiveAnswer | null =>
    last && {
      ...last.status,
      nowMs: options.nowMs(),
      ageMs: lostSinceMs === null && problem() === null ? 0 : clock.monotonicMs() - last.atMs,
      problem: problem(),
    }
  const tell = (): void => {
    const now = answer()
    toldProblem = problem()
    if (now) for (const listener of [...listeners]) listener(now)
  }
  const take = (text: string): void => {
    const checked = checkStatus(JSON.parse(text))
    if (!checked.ok)
      throw new Error(`an event does not fit: ${checked.problems[0]?.path} ${checked.problems[0]?.message}`)
    last = { status: checked.value, atMs: clock.monotonicMs() }
    tell()
  }
  const follow = async (): Promise<void> => {
    abort = new AbortController()
    const { status, body } = await openStream({
      url: `${options.playoutUrl}/live/events`,
      headers: { authorization: `Bearer ${options.controlToken}`, accept: 'text/event-stream' },
      headMsMax: HEAD_MS_MAX,
      clock,
      signal: abort.signal,
    })
    if (status !== 200) {
      body.destroy()
      throw new Error(`it answered ${status}`)
    }
    const reader = new EventStreamReader(EVENT_CHARACTERS_MAX)
    heardAtMs = clock.monotonicMs()
    for await (const piece of body) {
      heardAtMs = clock.monotonicMs()
      lostSinceMs = null
      attempts = 0
      for (const { event, data } of reader.push(piece as Buffer)) if (event === 'live') take(data)
    }
    throw new Error('it ended the connection')
  }
  const go = (): void => {
    follow().catch((error: Error) => {
      if (stopped) return
      lostSinceMs ??= clock.monotonicMs()
      lostBecause = error.message
      const delayMs = RETRY_MS[Math.min(attempts++, RETRY_MS.length - 1)]!
      log.debug({ error: error.message }, 'live events of playout: connecting again')
      cancelRetry = clock.after(delayMs, go)
    })
  }
  const stopLooking = clock.every(LOOK_MS, () => {
    if (lostSinceMs === null && clock.monotonicMs() - heardAtMs > QUIET_MS_MAX)
      abort.abort(new Error(`nothing came for ${QUIET_MS_MAX / 1000} s`))
    if (problem() !== toldProblem) tell()
  })
  go()

  return {
    /** The newest state with its age; null before the first one. */
    answer,
    problem,
    /** Called with each new state, and when playout falls silent or is back; the answer ends it. */
    subscribe(listener: (answer: LiveAnswer) => void): () => void {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop(): void {
      stopped = true
      stopLooking()
      cancelRetry()
      abort.abort()
      listeners.clear()
    },
  }
}
