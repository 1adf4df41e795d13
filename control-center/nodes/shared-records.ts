import type { Logger } from '../../platform/log.ts'
import type { NodeRecord } from './node-record.ts'
import type { NodeStore } from './node-store.ts'

/**
 * Of two records of one node the one with the higher generation holds; of equal ones ours, which is newer: only we have
 * written since.
 */
export function newerOf(ours: NodeRecord | undefined, shared: NodeRecord): NodeRecord {
  return ours && ours.generation >= shared.generation ? ours : shared
}

/**
 * Keeps Redis equal to what is in memory. What could not be written while Redis was dead is remembered by id and written when
 * it is back; at most one round of writing runs at a time.
 */
export function createSharedRecords(
  store: NodeStore,
  current: (id: string) => NodeRecord | undefined,
  adopt: (shared: NodeRecord) => void,
  log: Logger,
) {
  const unwritten = new Set<string>()
  let running: Promise<void> | null = null
  let loaded = false

  const writeOne = async (id: string): Promise<void> => {
    unwritten.delete(id)
    try {
      const record = current(id)
      if (!record) return await store.removeShared(id)
      if (await store.writeShared(record)) return
      log.warn({ id, generation: record.generation }, 'Redis holds a higher generation of this node: reading it again')
      loaded = false
    } catch (error) {
      unwritten.add(id)
      throw error
    }
  }
  const round = async (): Promise<void> => {
    try {
      if (!loaded) {
        for (const shared of await store.readShared()) adopt(shared)
        loaded = true
      }
      for (const id of [...unwritten]) await writeOne(id)
    } catch (error) {
      log.debug({ error: (error as Error).message, unwritten: unwritten.size }, 'node records wait for Redis')
    } finally {
      running = null
    }
  }
  return {
    /** Has Redis told once what it holds? */
    loaded: () => loaded,
    unwritten: () => unwritten.size,
    changed: (id: string) => void unwritten.add(id),
    /** Redis is back, perhaps without its data, perhaps with another's. */
    reconnected(ids: Iterable<string>) {
      loaded = false
      for (const id of ids) unwritten.add(id)
    },
    /** Writes what is not written yet; resolves when done or not possible now, never rejects. */
    flush(): Promise<void> {
      if (loaded && unwritten.size === 0) return Promise.resolve()
      running ??= round()
      return running
    },
  }
}
