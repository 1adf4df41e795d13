/** An HLS listener is an address with a user agent that asked for a playlist within three target durations. */
export const PRESENT_MS = 12_000
/** Who comes beyond that many is served but not counted. */
export const COUNTED_MAX = 200_000
const PATHS_MAX = 64

export type ListenerSummary = {
  now: number
  /** Each listener under the path last asked for. */
  byPath: Record<string, number>
  peak: number
  /** Of the day in UTC. */
  peakToday: number
}

/** Counts who listens: HLS by its playlist requests, endless streams by their connections. Times are monotonic milliseconds. */
export class ListenerCount {
  /** In the order of their last request: the map's own order. */
  readonly #hls = new Map<string, { path: string; lastSeenMs: number }>()
  readonly #endless = new Map<string, number>()
  #peak = 0
  #peakToday = 0
  #today = ''

  seen(address: string, userAgent: string, path: string, nowMs: number): void {
    const key = `${address} ${userAgent}`
    const isKnown = this.#hls.delete(key)
    if (!isKnown && this.#hls.size >= COUNTED_MAX) return
    this.#hls.set(key, { path, lastSeenMs: nowMs })
  }

  opened(path: string): void {
    this.#endless.set(path, (this.#endless.get(path) ?? 0) + 1)
  }

  closed(path: string): void {
    const left = (this.#endless.get(path) ?? 0) - 1
    if (left > 0) this.#endless.set(path, left)
    else this.#endless.delete(path)
  }

  /** Forgets who has gone and keeps the peaks. `day`: the date in UTC. To be called about once a second. */
  summary(nowMs: number, day: string): ListenerSummary {
    for (const [key, { lastSeenMs }] of this.#hls) {
      if (nowMs - lastSeenMs <= PRESENT_MS) break
      this.#hls.delete(key)
    }
    const byPath: Record<string, number> = {}
    const add = (path: string, count: number): void => {
      const isRoom = path in byPath || Object.keys(byPath).length < PATHS_MAX
      const name = isRoom ? path : 'other'
      byPath[name] = (byPath[name] ?? 0) + count
    }
    for (const [path, count] of this.#endless) add(path, count)
    for (const { path } of this.#hls.values()) add(path, 1)
    const now = Object.values(byPath).reduce((sum, count) => sum + count, 0)
    if (day !== this.#today) {
      this.#today = day
      this.#peakToday = 0
    }
    this.#peak = Math.max(this.#peak, now)
    this.#peakToday = Math.max(this.#peakToday, now)
    return { now, byPath, peak: this.#peak, peakToday: this.#peakToday }
  }
}
