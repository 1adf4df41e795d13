import { Redis } from 'ioredis'
import type { Clock } from './clock.ts'
import type { Logger } from './log.ts'

/**
 * What the repositories need of Redis, and no more. Every call ends within {@link COMMAND_TIMEOUT_MS}: it rejects at once
 * while the store cannot be used, so that nothing on a request's path ever waits for a dead Redis.
 */
export type KeyValueStore = {
  /** Null while the store can be used; otherwise why not, and what to do about it. */
  problem(): string | null
  read(key: string): Promise<string | null>
  write(key: string, value: string): Promise<void>
  readHash(key: string): Promise<Record<string, string>>
  /** Writes a JSON record unless the one that is there has a higher `generation`: then it answers false and changes nothing. */
  writeRecord(key: string, field: string, record: { generation: number }): Promise<boolean>
  /** The text of one field; null when there is none. */
  readRecord(key: string, field: string): Promise<string | null>
  removeRecord(key: string, field: string): Promise<void>
  /** The version of a document, 0 when there is none, and its text unless the version is the known one. */
  readDocument(key: string, knownVersion: number): Promise<{ version: number; text: string | null }>
  /** Puts a document in the place of the version that is expected (0: of none). False, and nothing is changed, when another is there. */
  replaceDocument(key: string, expectedVersion: number, document: { version: number }): Promise<boolean>
  /** Called each time that the store becomes usable. */
  onUsable(callback: () => void): void
  close(): void
}

export const COMMAND_TIMEOUT_MS = 500
const POLICY_CHECK_MS = 30_000
const RETRY_MS_MAX = 2_000

/** Compare and set in one step: a frozen control center that wakes up must not overwrite what was decided since. */
const WRITE_RECORD = `
local there = redis.call('HGET', KEYS[1], ARGV[1])
if there then
  local ok, record = pcall(cjson.decode, there)
  if ok and tonumber(record.generation) and tonumber(record.generation) > tonumber(ARGV[3]) then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1`

const READ_DOCUMENT = `
local version = redis.call('HGET', KEYS[1], 'version')
if not version then return {'0', false} end
if version == ARGV[1] then return {version, false} end
return {version, redis.call('HGET', KEYS[1], 'text')}`
/** Compare and set: of two control centers that change the same version, the second is told. */
const REPLACE_DOCUMENT = `
if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'text', ARGV[3])
return 1`

/**
 * Connects in the background and goes on trying for ever. A Redis that may throw keys away (an evicting
 * maxmemory-policy) is refused, and looked at again every half a minute.
 *
 * @param url redis://[user:password@]host:port[/database]
 */
export function connectRedis(url: string, clock: Clock, log: Logger): KeyValueStore {
  const where = withoutPassword(url)
  const listeners: (() => void)[] = []
  let problem: string | null = `Redis at ${where} has not answered yet`
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: 2_000,
    retryStrategy: (attempt) => Math.min(RETRY_MS_MAX, 100 * 2 ** Math.min(attempt, 10)),
  })

  const settle = (next: string | null): void => {
    if (next === problem) return
    const wasUsable = problem === null
    problem = next
    if (next !== null) {
      log[wasUsable ? 'warn' : 'debug'](next)
      return
    }
    log.info(`Redis at ${where} is there`)
    for (const listener of listeners) listener()
  }
  const checkPolicy = async (): Promise<void> => {
    try {
      const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.[1] ?? 'noeviction'
      settle(policy === 'noeviction' ? null : refusal(where, policy))
    } catch (error) {
      settle(`Redis at ${where} does not answer: ${(error as Error).message}`)
    }
  }
  redis.on('ready', () => void checkPolicy())
  redis.on('error', (error: Error) => settle(`Redis at ${where} cannot be reached: ${describe(error)}`))
  redis.on('close', () => settle(`Redis at ${where} cannot be reached: the connection closed`))
  const stopChecking = clock.every(POLICY_CHECK_MS, () => void (redis.status === 'ready' && checkPolicy()))

  const usable = (): Redis => {
    if (problem !== null) throw new Error(problem)
    return redis
  }
  return {
    problem: () => problem,
    read: async (key) => usable().get(key),
    write: async (key, value) => void (await usable().set(key, value)),
    readHash: async (key) => usable().hgetall(key),
    writeRecord: async (key, field, record) =>
      (await usable().eval(WRITE_RECORD, 1, key, field, JSON.stringify(record), record.generation)) === 1,
    readRecord: async (key, field) => usable().hget(key, field),
    async readDocument(key, knownVersion) {
      const [version, text] = (await usable().eval(READ_DOCUMENT, 1, key, knownVersion)) as [string, string | null]
      return { version: Number(version), text }
    },
    replaceDocument: async (key, expectedVersion, document) =>
      (await usable().eval(REPLACE_DOCUMENT, 1, key, expectedVersion, document.version, JSON.stringify(document))) ===
      1,
    removeRecord: async (key, field) => void (await usable().hdel(key, field)),
    onUsable: (callback) => void listeners.push(callback),
    close() {
      stopChecking()
      redis.disconnect()
    },
  }
}

const refusal = (where: string, policy: string): string =>
  `Redis at ${where} is refused: its maxmemory-policy is ${policy}, so it may throw the station's records away. ` +
  'Set it with: redis-cli CONFIG SET maxmemory-policy noeviction (and in its redis.conf).'

function withoutPassword(url: string): string {
  const parsed = new URL(url)
  return `${parsed.hostname}:${parsed.port || '6379'}`
}

function describe(error: Error): string {
  return error.message || (error as NodeJS.ErrnoException).code || error.name
}
