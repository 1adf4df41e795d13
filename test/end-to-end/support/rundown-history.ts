import { setTimeout as delay } from 'node:timers/promises'
import type { RundownAnswer } from '../../../schemas/api.ts'
import type { Station } from './station.ts'

type Seen = { atMs: number; starts: Map<string, number> }

/** Reads `GET /api/rundown` each second: what was announced, and when. */
export class RundownHistory {
  private readonly seen = new Map<number, Seen>()
  private readonly over = new AbortController()

  follow(station: Station): void {
    void this.read(station)
  }

  stop(): void {
    this.over.abort()
  }

  /** The first time at which anything was announced. */
  get beganMs(): number {
    return Math.min(...[...this.seen.values()].map(({ atMs }) => atMs))
  }

  /** The start that was last announced for an item before an instant; null when it was not announced. */
  announcedStart(itemId: string, beforeMs: number): number | null {
    const rundowns = [...this.seen.values()].filter(({ atMs, starts }) => atMs < beforeMs && starts.has(itemId))
    return rundowns.at(-1)?.starts.get(itemId) ?? null
  }

  private async read(station: Station): Promise<void> {
    while (!this.over.signal.aborted) {
      const rundown = await station.rundown().catch(() => null)
      if (rundown && rundown.items.length > 0 && !this.seen.has(rundown.version))
        this.seen.set(rundown.version, seenNow(rundown))
      await delay(1_000)
    }
  }
}

const seenNow = ({ items }: RundownAnswer): Seen => ({
  atMs: Date.now(),
  starts: new Map(items.map(({ id, startSample }) => [id, startSample])),
})
