import { sampleAtMs } from '../../media/timeline.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import type { PlayoutStatus } from '../../schemas/playout.ts'
import type { AsRunEntry } from '../../schemas/rundown.ts'
import type { PlayoutClient } from '../playout-link/playout-client.ts'

const KEPT_MS = 24 * 3_600_000
const KEPT_MAX = 5_000
const REFRESH_MS = 5_000
const DAYS_MAX = 4
const DAY_FRESH_MS = 1_000

/** Joins what is new to what is known, in order of starts; an entry read again replaces its earlier self. */
export function mergeAsRun(known: AsRunEntry[], news: AsRunEntry[], fromSample: number): AsRunEntry[] {
  const byPlace = new Map<string, AsRunEntry>()
  for (const entry of [...known, ...news]) byPlace.set(`${entry.startSample} ${entry.itemId}`, entry)
  return [...byPlace.values()]
    .filter(({ endSample }) => endSample >= fromSample)
    .sort((a, b) => a.startSample - b.startSample)
    .slice(-KEPT_MAX)
}

export type AsRunMemory = ReturnType<typeof createAsRunMemory>

/**
 * Remembers the last day of playout's as-run log, so that listeners' pages never wait for playout, and pages asked for keep
 * an answer when playout is down. Reads on whenever another item is on air.
 */
export function createAsRunMemory(
  client: PlayoutClient,
  clock: Clock,
  log: Logger,
  onNews: (news: AsRunEntry[]) => void,
) {
  let entries: AsRunEntry[] = []
  let readAtMs = Number.NEGATIVE_INFINITY
  let readFor = ''
  let reading = false
  const days = new Map<string, { entries: AsRunEntry[]; atMs: number }>()

  const read = async (fromSample: number): Promise<void> => {
    reading = true
    try {
      const last = entries.at(-2) ?? entries.at(-1)
      const answer = await client.asRunSince(Math.max(fromSample, last?.startSample ?? 0))
      entries = mergeAsRun(entries, answer.entries, fromSample)
      onNews(answer.entries)
    } catch (error) {
      readFor = ''
      log.debug({ error: (error as Error).message }, 'the as-run log was not read')
    } finally {
      readAtMs = clock.monotonicMs()
      reading = false
    }
  }
  return {
    entries: () => entries,
    onStatus(status: PlayoutStatus): void {
      const onAir = `${status.generation} ${status.onAir?.itemId} ${status.onAir?.startSample}`
      if (reading || (onAir === readFor && clock.monotonicMs() - readAtMs < REFRESH_MS)) return
      readFor = onAir
      void read(sampleAtMs(status.nowMs - KEPT_MS))
    },
    /** A day as playout knows it, or as it was last read; rejects when it is known to nobody. */
    async day(day: string): Promise<{ entries: AsRunEntry[]; stale: string | null }> {
      const kept = days.get(day)
      if (kept && clock.monotonicMs() - kept.atMs < DAY_FRESH_MS) return { entries: kept.entries, stale: null }
      try {
        const answer = await client.asRunOfDay(day)
        days.delete(day)
        if (days.size >= DAYS_MAX) days.delete(days.keys().next().value!)
        days.set(day, { entries: answer.entries, atMs: clock.monotonicMs() })
        return { entries: answer.entries, stale: null }
      } catch (error) {
        if (!kept) throw error
        const minutes = Math.ceil((clock.monotonicMs() - kept.atMs) / 60_000)
        return { entries: kept.entries, stale: `Read ${minutes} min ago; playout: ${(error as Error).message}` }
      }
    },
  }
}
