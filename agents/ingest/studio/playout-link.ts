import type { Clock } from '../../../platform/clock.ts'
import { bearerOf } from '../../../platform/credentials.ts'
import type { HttpClient } from '../../../platform/http-client.ts'
import type { Logger } from '../../../platform/log.ts'
import type { LiveSession, LiveStatus } from '../../../schemas/live.ts'
import { backoffMs } from '../../shared/backoff.ts'
import { followLiveEvents } from './live-events.ts'
import type { Order } from './messages.ts'

/** Where playout is, and how this node shows who it is; null as long as the node is not registered. */
export type PlayoutAddress = { url: string; id: string; credential: string }

export type Word = { session: LiveSession | null; nowMs: number }

export type PlayoutLink = {
  /** Calls back at each change of any session; playout is followed as long as anybody listens. The answer ends it. */
  follow(listener: () => void): () => void
  /** What playout says of a key's session, and its time now; null when playout is not heard. Ended sessions are told for a while. */
  wordOn(keyId: string): Word | null
  order(keyId: string, action: Order['action'], body: object): Promise<{ ok: boolean; reason: string }>
  close(): void
}

const RETRY_FIRST_MS = 200
const RETRY_LONGEST_MS = 3_000
/** The events alone would show a stopped process late. */
const ASK_EVERY_MS = 2_000
const FRESH_MS = 5_000
const ORDER_MS = 4_000
const ENDED_SHOWN_MS = 60_000

/** The node's one line to playout's live desk: news for all studio pages, and their orders. It needs no control center. */
export function createPlayoutLink(options: {
  address(): PlayoutAddress | null
  http: HttpClient
  clock: Clock
  random(): number
  log: Logger
}): PlayoutLink {
  const { address, http, clock, log } = options
  const listeners = new Set<() => void>()
  let stop: (() => void) | null = null
  let told: { status: LiveStatus; atMs: number } | null = null
  let answeredMs = Number.NEGATIVE_INFINITY

  function start(): () => void {
    let attempts = 0
    let endEvents = (): void => {}
    let cancelRetry = (): void => {}

    const connect = (): void => {
      const playout = address()
      if (!playout) return void again('this node is not registered yet')
      endEvents = followLiveEvents({
        url: playout.url,
        authorization: bearerOf(playout.id, playout.credential),
        clock,
        status(status) {
          attempts = 0
          answeredMs = clock.monotonicMs()
          told = { status, atMs: answeredMs }
          for (const listener of listeners) listener()
        },
        ended: again,
      })
    }
    const again = (reason: string): void => {
      if (attempts === 0) log.warn(`studio pages hear nothing of playout: ${reason}`)
      cancelRetry = clock.after(backoffMs(attempts++, RETRY_FIRST_MS, RETRY_LONGEST_MS, options.random), connect)
    }
    const stopAsking = clock.every(ASK_EVERY_MS, () => void ask())
    connect()
    return () => {
      endEvents()
      cancelRetry()
      stopAsking()
    }
  }

  async function ask(): Promise<void> {
    const playout = address()
    if (!playout) return
    const asked = { url: `${playout.url}/healthz`, timeoutMs: ASK_EVERY_MS, bytesMax: 65_536 }
    const answer = await http.ask(asked).catch(() => null)
    if (answer) answeredMs = clock.monotonicMs()
  }

  return {
    follow(listener) {
      listeners.add(listener)
      stop ??= start()
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        stop?.()
        stop = null
        told = null
      }
    },
    wordOn(keyId) {
      const atMs = clock.monotonicMs()
      if (!told || atMs - answeredMs > FRESH_MS) return null
      const nowMs = told.status.nowMs + (atMs - told.atMs)
      const own = told.status.sessions.filter((session) => session.keyId === keyId)
      const session =
        own.find(({ state }) => state !== 'ended') ??
        own.find(({ stateSinceMs }) => nowMs - stateSinceMs < ENDED_SHOWN_MS)
      return { session: session ?? null, nowMs }
    },
    async order(keyId, action, body) {
      const playout = address()
      const session = told?.status.sessions.find((each) => each.keyId === keyId && each.state !== 'ended')
      if (!playout || !session) return { ok: false, reason: 'Playout knows of no session of this microphone yet.' }
      try {
        const answer = await http.ask({
          url: `${playout.url}/live/sessions/${session.id}/${action}`,
          method: 'POST',
          headers: { authorization: bearerOf(playout.id, playout.credential), 'x-airtight-key': keyId },
          body: JSON.stringify(body),
          timeoutMs: ORDER_MS,
          bytesMax: 1_000_000,
        })
        if (answer.status === 200) return { ok: true, reason: '' }
        return { ok: false, reason: messageIn(answer.body) ?? `Playout answered ${answer.status}.` }
      } catch (error) {
        return { ok: false, reason: `Playout could not be asked: ${(error as Error).message}.` }
      }
    },
    close() {
      stop?.()
      stop = null
      listeners.clear()
    },
  }
}

function messageIn(body: Buffer): string | null {
  try {
    const { message } = JSON.parse(body.toString('utf8')) as { message?: unknown }
    return typeof message === 'string' ? message : null
  } catch {
    return null
  }
}
