import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import type { KeyValueStore } from '../../platform/redis.ts'
import { check } from '../../schemas/check.ts'
import type { PersonData } from './document.ts'
import {
  SESSION_MS,
  SESSION_PURGE_MS,
  SESSION_TRUSTED_MS,
  SESSION_USE_KEPT_MS,
  SESSIONS_A_PERSON_MAX,
  SESSIONS_MAX,
  SYNC_MS,
} from './limits.ts'
import { makeToken, sha256Of } from './secrets.ts'
import { createSessionFile } from './session-file.ts'
import { isGood, laterUsed, SessionRecord } from './session-record.ts'

type Held = {
  record: SessionRecord
  /** When Redis was last seen to hold it, by the monotonic clock; null: it was never written there. */
  sharedAtMs: number | null
}

export type Sessions = ReturnType<typeof createSessions>

/**
 * Who is signed in. In memory and on disk, so that a restart, or Redis's death, signs nobody out; and in Redis, so that another control
 * center knows them, and knows of their end.
 */
export function createSessions(options: {
  path: string
  stationId: string
  redis: Pick<KeyValueStore, 'readRecord' | 'writeRecord' | 'removeRecord' | 'readHash'>
  clock: Clock
  /** The station's clock. */
  nowMs(): number
  log: Logger
  person(id: string): PersonData | undefined
  /** Compares the accounts with Redis, and calls `shareAgain` when that has lost them. */
  compareAccounts(): Promise<void>
}) {
  const { redis, clock, nowMs, log, person } = options
  const key = `airtight:${options.stationId}:sessions`
  const file = createSessionFile(options.path, log)
  const kept = file.read()
  const ended = new Set<string>(kept.ended)
  const unwritten = new Set<string>(kept.unwritten)
  const sessions = new Map<string, Held>(
    kept.sessions.map((record) => {
      const sharedAtMs = unwritten.has(record.sha256) ? null : Number.NEGATIVE_INFINITY
      return [record.sha256, { record, sharedAtMs }]
    }),
  )
  let flushing: Promise<void> | null = null
  let unsaved = false

  const save = (): void => {
    unsaved = false
    const records = [...sessions.values()].map(({ record }) => record)
    file.write({ sessions: records, unwritten: [...unwritten], ended: [...ended] })
  }
  const end = (sha256: string): void => {
    if (!sessions.delete(sha256)) return
    unwritten.delete(sha256)
    ended.add(sha256)
    unsaved = true
  }
  const good = ({ record }: Held): boolean => isGood(record, person(record.personId), nowMs())

  /** What Redis holds of it: undefined when Redis can't be asked. */
  async function readShared(sha256: string): Promise<SessionRecord | null | undefined> {
    try {
      const text = await redis.readRecord(key, sha256)
      const checked = text === null ? null : check(SessionRecord, JSON.parse(text))
      return checked?.ok && checked.value.sha256 === sha256 ? checked.value : null
    } catch {
      return undefined
    }
  }
  async function look(sha256: string): Promise<Held | null> {
    const held = sessions.get(sha256)
    const atMs = clock.monotonicMs()
    if (held && (held.sharedAtMs === null || atMs - held.sharedAtMs < SESSION_TRUSTED_MS)) return held
    if (ended.has(sha256)) return null
    const shared = await readShared(sha256)
    if (shared === undefined) return held ?? null
    if (ended.has(sha256) || (held && !sessions.has(sha256))) return null
    if (shared === null) {
      await options.compareAccounts()
      // It was not ended elsewhere: Redis had lost everything, and is being told again.
      if (held?.sharedAtMs === null) return held
      sessions.delete(sha256)
      unsaved = true
      return null
    }
    const record = held ? laterUsed(held.record, shared) : shared
    const looked = { record, sharedAtMs: atMs }
    if (held || sessions.size < SESSIONS_MAX) sessions.set(sha256, looked)
    return looked
  }
  async function flushNow(): Promise<void> {
    for (const sha256 of [...ended]) {
      await redis.removeRecord(key, sha256)
      ended.delete(sha256)
      unsaved = true
    }
    for (const sha256 of [...unwritten]) {
      const held = sessions.get(sha256)
      unwritten.delete(sha256)
      if (!held) continue
      try {
        await redis.writeRecord(key, sha256, { ...held.record, generation: held.record.usedMs })
        held.sharedAtMs = clock.monotonicMs()
        unsaved = true
      } catch (error) {
        if (sessions.has(sha256)) unwritten.add(sha256)
        throw error
      }
    }
  }
  const flush = (): Promise<void> => {
    flushing ??= flushNow()
      .catch((error: Error) => log.debug({ error: error.message }, 'the sessions wait for Redis'))
      .finally(() => {
        flushing = null
      })
    return flushing
  }
  const stopTicking = clock.every(SYNC_MS, () => {
    for (const [sha256, held] of sessions) if (!good(held)) end(sha256)
    if (unsaved) save()
    if (ended.size > 0 || unwritten.size > 0) void flush()
  })
  /** Ended by time while no control center held them. */
  async function purge(): Promise<void> {
    for (const [sha256, text] of Object.entries(await redis.readHash(key))) {
      const checked = check(SessionRecord, JSON.parse(text))
      if (!checked.ok || nowMs() > checked.value.endsMs) await redis.removeRecord(key, sha256)
    }
  }
  const stopPurging = clock.every(SESSION_PURGE_MS, () => {
    purge().catch((error: Error) => log.debug({ error: error.message }, 'old sessions stay in Redis for now'))
  })

  return {
    /**
     * Signs a person in; answers the cookie's value, which is kept nowhere.
     *
     * @param until when it ends at the latest, besides the usual time; null: nothing besides
     */
    begin({ id, sessionEpoch }: PersonData, linkSha256: string | null, until: number | null): string {
      const token = makeToken()
      const sha256 = sha256Of(token)
      const createdMs = nowMs()
      const oldest = (held: Held[]): Held[] => held.sort((a, b) => a.record.usedMs - b.record.usedMs)
      const own = oldest([...sessions.values()].filter(({ record }) => record.personId === id))
      for (const { record } of own.slice(0, Math.max(0, own.length + 1 - SESSIONS_A_PERSON_MAX))) end(record.sha256)
      if (sessions.size >= SESSIONS_MAX) end(oldest([...sessions.values()])[0]!.record.sha256)
      const endsMs = Math.min(createdMs + SESSION_MS, until ?? Number.POSITIVE_INFINITY)
      const record = { sha256, personId: id, epoch: sessionEpoch, linkSha256, createdMs, endsMs, usedMs: createdMs }
      sessions.set(sha256, { record, sharedAtMs: null })
      unwritten.add(sha256)
      save()
      void flush()
      return token
    },
    /** The person whom a cookie signs in; null when it signs nobody in any more. Asks Redis now and then, and goes on without it. */
    async personOf(token: string): Promise<PersonData | null> {
      const held = await look(sha256Of(token))
      if (!held || !good(held)) return null
      const atMs = nowMs()
      if (atMs - held.record.usedMs > SESSION_USE_KEPT_MS) {
        held.record = { ...held.record, usedMs: atMs }
        unwritten.add(held.record.sha256)
        unsaved = true
      }
      return person(held.record.personId) ?? null
    },
    end(token: string): void {
      const sha256 = sha256Of(token)
      end(sha256)
      save()
      void flush()
    },
    countOf: (personId: string) =>
      [...sessions.values()].filter((held) => held.record.personId === personId && good(held)).length,
    /** Redis has lost what it held: it is told everything again, and believed only then. */
    shareAgain(): void {
      for (const [sha256, held] of sessions) {
        held.sharedAtMs = null
        unwritten.add(sha256)
      }
      void flush()
    },
    flush,
    stop(): void {
      stopTicking()
      stopPurging()
      save()
    },
  }
}
