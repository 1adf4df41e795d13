import type { Static } from 'typebox'
import type { Clock } from '../../../platform/clock.ts'
import type { Logger } from '../../../platform/log.ts'
import { QuietLog } from '../../../platform/rtmp/quiet-log.ts'
import type { Feed, IngestBriefing, KickOrder } from '../../../schemas/live.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { admissionOf } from './admission.ts'
import { Allowance } from './allowance.ts'
import { HeldFeed } from './held-feed.ts'
import type { FeedWriter, Sender } from './sender.ts'

export type Feeds = {
  /** The sender's key has been checked; whether it may send now is decided here. The reason is for the person at the encoder. */
  open(sender: Sender): { writer: FeedWriter } | { refuse: string }
  /** Feeds as they are now, lost and ended ones included until they are forgotten. */
  list(): Feed[]
  count(): number
  /** How many senders were refused so far, their keys being good. */
  refused(): number
  /** The feed of a run; null when it is forgotten, or never was. */
  find(keyId: string, run: string): HeldFeed | null
  /** The newest feed of a key. */
  ofKey(keyId: string): HeldFeed | null
  /** Ends the key's connection and refuses the key for a while. Whether it was connected. */
  kick(keyId: string, order: Static<typeof KickOrder>): boolean
  /** Called at each change of any feed's state; the answer ends it. */
  onChange(listener: () => void): () => void
  /** Compares with the briefing, and forgets what is over. Called regularly, and when the briefing has changed. */
  look(): void
  /** Drops all senders: the node ends, and they may come back to the next one. */
  close(reason: string): void
}

export type FeedsOptions = {
  /** Null as long as the node has never heard from the control center. */
  briefing(): IngestBriefing | null
  /** 16 hex digits that were never given before. */
  newRun(): string
  clock: Clock
  log: Logger
}

export function createFeeds(options: FeedsOptions): Feeds {
  const { clock, log } = options
  const feeds = new Map<string, HeldFeed>()
  const refusedUntilMs = new Map<string, { untilMs: number; reason: string }>()
  /** By key. */
  const connects = new Map<string, Allowance>()
  const listeners = new Set<() => void>()
  const quiet = new QuietLog(log, clock)
  let refused = 0
  const changed = (): void => {
    for (const listener of listeners) listener()
  }

  function connectsTooOften(keyId: string): boolean {
    const nowMs = clock.monotonicMs()
    const allowance =
      connects.get(keyId) ?? new Allowance(INGEST_LIMITS.connectsMax, INGEST_LIMITS.connectsPerSecondMax, nowMs)
    connects.set(keyId, allowance)
    return !allowance.take(1, nowMs)
  }

  function open(sender: Sender): { writer: FeedWriter } | { refuse: string } {
    const present = feeds.get(sender.keyId) ?? null
    const admissible = admissionOf({
      keyId: sender.keyId,
      grants: options.briefing()?.grants ?? [],
      present: present && { connected: present.connectedAs, heardAgoMs: present.heardAgoMs() },
      kicked: refusedUntilMs.get(sender.keyId) ?? null,
      feeds: feeds.size,
      monotonicMs: clock.monotonicMs(),
      wallMs: clock.wallMs(),
    })
    const admission =
      'admit' in admissible && connectsTooOften(sender.keyId)
        ? { refuse: 'This key connects again and again: leave it alone for a few seconds.' }
        : admissible
    if ('refuse' in admission) {
      refused += 1
      // An encoder that is refused tries again every second, for days.
      quiet.warn(
        'sender-refused',
        { keyId: sender.keyId, source: sender.source },
        `a sender was refused: ${admission.refuse}`,
      )
      return admission
    }
    const feed =
      present ??
      new HeldFeed({
        keyId: sender.keyId,
        run: options.newRun(),
        silenceDbfs: () => options.briefing()?.settings.silenceDbfs ?? -50,
        clock,
        changed,
        left: (state, reason) => log.info({ keyId: sender.keyId, state }, `a sender is gone: ${reason}`),
      })
    feeds.set(sender.keyId, feed)
    const { run } = feed
    log.info({ keyId: sender.keyId, run, source: sender.source }, 'a sender is connected')
    return { writer: feed.connect(sender) }
  }

  function look(): void {
    const briefing = options.briefing()
    const graceMs = briefing?.settings.graceMs ?? 0
    const nowMs = clock.monotonicMs()
    for (const [keyId, feed] of feeds) {
      if (briefing && !briefing.grants.some((grant) => grant.keyId === keyId))
        feed.drop('The key was revoked.', 'ended')
      if (feed.connectedAs !== null || feed.stateForMs() < graceMs + INGEST_LIMITS.forgetMs) continue
      feeds.delete(keyId)
      feed.forget()
      changed()
    }
    for (const keyId of connects.keys())
      if (briefing && !briefing.grants.some((grant) => grant.keyId === keyId)) connects.delete(keyId)
    for (const [keyId, { untilMs }] of refusedUntilMs) if (untilMs <= nowMs) refusedUntilMs.delete(keyId)
  }

  return {
    open,
    look,
    list: () => [...feeds.values()].map((feed) => feed.describe()),
    count: () => feeds.size,
    refused: () => refused,
    find(keyId, run) {
      const feed = feeds.get(keyId)
      return feed?.run === run ? feed : null
    },
    ofKey: (keyId) => feeds.get(keyId) ?? null,
    kick(keyId, { reason, refuseMs }) {
      refusedUntilMs.set(keyId, { untilMs: clock.monotonicMs() + refuseMs, reason })
      const feed = feeds.get(keyId)
      const wasConnected = feed !== undefined && feed.connectedAs !== null
      feed?.drop(reason, 'ended')
      log.info({ keyId, refuseMs }, `a key was kicked: ${reason}`)
      return wasConnected
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close(reason) {
      for (const feed of feeds.values()) feed.drop(reason, 'lost')
    },
  }
}
