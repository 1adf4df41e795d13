import { type Clock, sleep } from '../../platform/clock.ts'
import type { HttpClient } from '../../platform/http-client.ts'
import type { Logger } from '../../platform/log.ts'
import type { Heartbeat, NodeRegistered } from '../../schemas/nodes.ts'
import { backoffMs } from './backoff.ts'
import { createControlClient } from './control-client.ts'
import { type Announcement, type Identity, saveIdentity } from './identity.ts'

export type MembershipOptions = {
  controlUrl: string
  /** Null: the node lives by its cached credential, and can't register anew. */
  joinToken: string | null
  /** Where `node.json` is kept. */
  folder: string
  identity: Identity
  announcement: Announcement
  /** The node's opinion of itself, asked for before each heartbeat. */
  heartbeat(): Omit<Heartbeat, 'generation' | 'softwareVersion'>
  /** Called at the start with what was cached, then whenever credential, generation or briefing have changed. */
  changed(registered: NodeRegistered): void
  http: HttpClient
  clock: Clock
  random(): number
  log: Logger
}

export type Membership = {
  /** What the control center last told us; null until the first registration. */
  current(): NodeRegistered | null
  /** Asks the control center now, at most once in a second; resolves when it has answered, or did not within 1.5 s. */
  hear(): Promise<void>
  /** A sentence about how the node stands with the control center. */
  standing(): string
  /** Ends the heartbeats; with `leave`, says goodbye first (at most 1 s). */
  stop(leave: boolean): Promise<void>
}

const HEAR_EVERY_MS = 1_000
const HEAR_WITHIN_MS = 1_500
/** A registration that is gone sooner was taken by another program under the same id. */
const REGISTRATION_HOLDS_MS = 30_000

/**
 * Keeps the node known to the control center. A cached credential is used at once, whether or not the control center lives;
 * the node registers when it has none, when it is told that nobody knows it (401), and when it stands elsewhere than last time.
 */
export function startMembership(options: MembershipOptions): Membership {
  const { clock, log, announcement, joinToken } = options
  const control = createControlClient(options.controlUrl, options.http)
  const ending = new AbortController()
  let identity = options.identity
  let isToRegister = identity.registered === null || JSON.stringify(identity.announced) !== JSON.stringify(announcement)
  let standing = identity.registered ? 'living by its cached credential' : 'not registered yet'
  let failures = 0
  let registeredAtMs: number | null = null
  /** How often in a row a fresh registration did not hold: two programs under one id would else take it from each other without end. */
  let registrationsLost = 0
  let cutPause = new AbortController()
  let askedAtMs = Number.NEGATIVE_INFINITY
  let heard: (() => void)[] = []

  function accept(next: Identity): void {
    const isNews = JSON.stringify(next) !== JSON.stringify(identity)
    identity = next
    if (!isNews) return
    save()
    options.changed(identity.registered!)
  }

  /** A full disk must not end a node that serves: it only forgets. */
  function save(): void {
    try {
      saveIdentity(options.folder, identity)
    } catch (error) {
      log.error(`the node can't keep who it is: ${(error as Error).message}`)
    }
  }

  function fail(reason: string): void {
    if (failures === 0 || standing !== reason) log.warn({ failures }, reason)
    failures += 1
    standing = reason
  }

  async function register(token: string): Promise<void> {
    const generation = identity.registered?.generation ?? 0
    const told = await control.register({ ...announcement, joinToken: token, generation }, ending.signal)
    if (!told.ok) return fail(told.reason)
    failures = 0
    isToRegister = false
    registeredAtMs = clock.monotonicMs()
    standing = 'registered'
    accept({ id: identity.id, announced: announcement, registered: told.value })
    log.info({ id: identity.id, generation: told.value.generation }, 'registered with the control center')
  }

  async function beat(registered: NodeRegistered): Promise<void> {
    const body = {
      ...options.heartbeat(),
      generation: registered.generation,
      softwareVersion: announcement.softwareVersion,
    }
    const told = await control.heartbeat(identity.id, registered.credential, body, ending.signal)
    if (!told.ok) {
      if (told.why === 'unknown-node') {
        isToRegister = true
        const hasHeld = registeredAtMs === null || clock.monotonicMs() - registeredAtMs > REGISTRATION_HOLDS_MS
        registrationsLost = hasHeld ? 0 : registrationsLost + 1
      }
      return fail(told.reason)
    }
    if (failures > 0) log.info('the control center answers again')
    failures = 0
    standing = 'known to the control center'
    accept({ ...identity, registered: { ...registered, briefing: told.value } })
  }

  async function live(): Promise<void> {
    while (!ending.signal.aborted) {
      const { registered } = identity
      const wasToRegister = isToRegister
      const waiting = heard
      heard = []
      if (isToRegister && joinToken !== null) await register(joinToken)
      else if (registered) await beat(registered)
      else fail('not registered, and no join token was given: start with --token or AIRTIGHT_JOIN_TOKEN')
      for (const resolve of waiting) resolve()
      const mayGoOnAtOnce = isToRegister !== wasToRegister && failures <= 1 && registrationsLost === 0
      const heartbeatMs = identity.registered?.briefing.heartbeatMs ?? 2_000
      const pauseMs = mayGoOnAtOnce
        ? 0
        : failures > 0 && isToRegister
          ? backoffMs(failures - 1 + registrationsLost, 500, 15_000, options.random)
          : heartbeatMs * (0.95 + options.random() / 10)
      if (heard.length > 0) continue
      cutPause = new AbortController()
      await sleep(clock, pauseMs, AbortSignal.any([ending.signal, cutPause.signal])).catch(() => undefined)
    }
  }

  if (identity.registered) options.changed(identity.registered)
  else save()
  const living = live()

  return {
    current: () => identity.registered,
    standing: () => standing,
    async hear() {
      const nowMs = clock.monotonicMs()
      if (nowMs - askedAtMs < HEAR_EVERY_MS) return
      askedAtMs = nowMs
      const answered = new Promise<void>((resolve) => heard.push(resolve))
      cutPause.abort(new Error('the control center is asked now'))
      const late = new AbortController()
      await Promise.race([answered, sleep(clock, HEAR_WITHIN_MS, late.signal).catch(() => undefined)])
      late.abort(new Error('it was answered'))
    },
    async stop(leave) {
      ending.abort(new Error('the node is ending'))
      await living
      if (leave && identity.registered) await control.leave(identity.id, identity.registered.credential, 1_000)
    },
  }
}
