import type { Clock } from '../../platform/clock.ts'
import { readFileIfThere, replaceFile } from '../../platform/files.ts'
import type { Logger } from '../../platform/log.ts'
import type { KeyValueStore } from '../../platform/redis.ts'
import { check } from '../../schemas/check.ts'
import { Refusal } from '../refusal.ts'
import { AccountsDocument, NO_ACCOUNTS } from './document.ts'
import { SYNC_MS } from './limits.ts'

const ATTEMPTS_MAX = 5

export type DocumentStore = ReturnType<typeof createDocumentStore>

/**
 * The accounts in memory, on disk (0600) and in Redis, which is the record that control centers share. Reading never waits for Redis;
 * a change is made there or not at all, so that what two control centers know never parts.
 */
export function createDocumentStore(options: {
  path: string
  stationId: string
  redis: Pick<KeyValueStore, 'readDocument' | 'replaceDocument' | 'problem'>
  clock: Clock
  /** The station's clock, in whole milliseconds. */
  nowMs(): number
  log: Logger
  /** The accounts have changed, by us or by another. */
  onChange(): void
  /** Redis had lost what it held, and was given our accounts. */
  onSharedLost(): void
}) {
  const { path, redis, log } = options
  const key = `airtight:${options.stationId}:accounts`
  let document = readKept()
  let alarm: string | null = null
  let compared = false
  let comparing: Promise<void> | null = null
  let lastChange: Promise<unknown> = Promise.resolve()

  function readKept(): AccountsDocument {
    try {
      const text = readFileIfThere(path)
      return text === null ? NO_ACCOUNTS : parse(text, path)
    } catch (error) {
      log.error({ path, error: (error as Error).message }, 'the kept accounts cannot be read: Redis is asked for them')
      return NO_ACCOUNTS
    }
  }
  function adopt(next: AccountsDocument): void {
    document = next
    try {
      replaceFile(path, JSON.stringify(next))
      alarm = null
    } catch (error) {
      alarm = `The accounts can't be kept on disk at ${path}: ${(error as Error).message}.`
      log.error(alarm)
    }
    options.onChange()
  }
  /** Makes both sides hold the later version. */
  async function compare(): Promise<void> {
    const { version, text } = await redis.readDocument(key, document.version)
    if (version > document.version) adopt(parse(text ?? '', 'Redis'))
    // Redis came back empty, or from an older backup: it gets ours again.
    else if (version < document.version && (await redis.replaceDocument(key, version, document))) options.onSharedLost()
    compared = true
  }
  async function changeNow(work: (document: AccountsDocument) => AccountsDocument): Promise<AccountsDocument> {
    try {
      for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
        await compare()
        const before = document
        const version = Math.max(before.version + 1, options.nowMs())
        const next = { ...work(before), version }
        if (await redis.replaceDocument(key, before.version, next)) {
          adopt(next)
          return next
        }
      }
    } catch (error) {
      if (error instanceof Refusal) throw error
      throw new Refusal(
        'accounts-read-only',
        `The change was not confirmed by Redis: ${redis.problem() ?? (error as Error).message}.`,
      )
    }
    throw new Refusal('accounts-read-only', 'Another control center was changing the accounts all the time.')
  }
  const sync = (): Promise<void> => {
    comparing ??= compare()
      .catch((error: Error) => log.debug({ error: error.message }, 'the accounts wait for Redis'))
      .finally(() => {
        comparing = null
      })
    return comparing
  }
  const stopSyncing = options.clock.every(SYNC_MS, () => void sync())

  return {
    current: () => document,
    /** Has Redis been asked at least once, or was something kept? Before that, nobody is known only because nothing is. */
    isKnown: () => compared || document.version > 0,
    /**
     * Puts `work` of the latest accounts in their place; one change at a time. `work` may throw a Refusal, and may be called again when
     * another control center was faster. Rejects with `accounts-read-only` while Redis is dead.
     */
    change(work: (document: AccountsDocument) => AccountsDocument): Promise<AccountsDocument> {
      const changed = lastChange.then(() => changeNow(work))
      lastChange = changed.catch(() => undefined)
      return changed
    },
    sync,
    alarm: () => alarm,
    stop: stopSyncing,
  }
}

/** Throws an Error when it does not fit. */
function parse(text: string, where: string): AccountsDocument {
  const checked = check(AccountsDocument, JSON.parse(text))
  if (checked.ok) return checked.value
  const [problem] = checked.problems
  throw new Error(`the accounts in ${where} do not fit their schema: ${problem?.path} ${problem?.message}`)
}
