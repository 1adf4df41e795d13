import Type, { type Static, type TSchema } from 'typebox'
import { readFileIfThere, replaceFile } from '../../platform/files.ts'
import type { Logger } from '../../platform/log.ts'
import type { KeyValueStore } from '../../platform/redis.ts'
import { check } from '../../schemas/check.ts'

/** One small document that people make: at hand in memory, kept on disk and in Redis. */
export type KeptDocument<T> = {
  value(): T
  /** Keeps another value. Throws the file system's error when it can't be kept on disk; Redis may come later. */
  set(value: T): void
  /** To be called whenever Redis becomes usable: of its document and ours the one changed more often holds. */
  redisIsBack(): Promise<void>
}

/** @param onAdopted called when Redis held a newer one */
export function keepDocument<S extends TSchema>(options: {
  schema: S
  empty: Static<S>
  path: string
  key: string
  redis: Pick<KeyValueStore, 'read' | 'write'>
  log: Logger
  onAdopted(): void
}): KeptDocument<Static<S>> {
  const { path, key, redis, log } = options
  const Kept = Type.Object({ changes: Type.Integer({ minimum: 0 }), value: options.schema })
  type Kept = { changes: number; value: Static<S> }

  const parsed = (text: string | null, where: string): Kept | null => {
    if (text === null) return null
    try {
      const checked = check(Kept, JSON.parse(text))
      if (checked.ok) return checked.value as unknown as Kept
      log.warn({ where, problems: checked.problems.slice(0, 3) }, 'a kept document does not fit its schema: not used')
    } catch (error) {
      log.warn({ where, error: (error as Error).message }, 'a kept document cannot be read: not used')
    }
    return null
  }
  const fromFile = (): string | null => {
    try {
      return readFileIfThere(path)
    } catch (error) {
      log.warn({ path, error: (error as Error).message }, 'a kept document cannot be read: not used')
      return null
    }
  }
  let kept: Kept = parsed(fromFile(), path) ?? { changes: 0, value: options.empty }
  const writeShared = (): Promise<void> =>
    redis
      .write(key, JSON.stringify(kept))
      .catch((error: Error) => log.debug({ key, error: error.message }, 'a document waits for Redis'))

  return {
    value: () => kept.value,
    set(value) {
      const next = { changes: kept.changes + 1, value }
      replaceFile(path, JSON.stringify(next))
      kept = next
      void writeShared()
    },
    async redisIsBack() {
      let text: string | null
      try {
        text = await redis.read(key)
      } catch {
        // Gone again: this is called anew when it is back.
        return
      }
      const shared = parsed(text, 'Redis')
      if (shared === null || shared.changes < kept.changes) {
        if (kept.changes > 0) await writeShared()
        return
      }
      if (shared.changes === kept.changes) return
      kept = shared
      try {
        replaceFile(path, JSON.stringify(kept))
      } catch (error) {
        log.error({ path, error: (error as Error).message }, 'a document cannot be kept on disk')
      }
      options.onAdopted()
    },
  }
}
