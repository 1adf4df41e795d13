import type { Clock } from '../../../platform/clock.ts'
import type { HttpClient } from '../../../platform/http-client.ts'
import type { Logger } from '../../../platform/log.ts'
import type { Origin } from '../origins.ts'
import { judge, type Standing, type Verdict } from './judge.ts'
import { type Observation, observed, unobserved } from './observation.ts'
import { probe } from './probe.ts'
import { disputes, settle } from './wrong-bytes.ts'

const PROBE_INTERVAL_MS = 1_000

export type HealthWatchOptions = {
  station(): { id: string; renditions: readonly string[] }
  /** Playout's hash of a segment's frames, or null. */
  referee(rendition: string, segment: number): Promise<string | null>
  /** After each verdict: the origins to be used have changed. */
  changed(verdicts: readonly Verdict[]): void
  /** A slicer lists a segment that no one listed before. */
  listed(rendition: string, segment: number): void
  http: HttpClient
  clock: Clock
  log: Logger
}

/** Probes every serving slicer each second and keeps the list of those that are taken out. */
export class HealthWatch {
  readonly #options: HealthWatchOptions
  readonly #observations = new Map<string, Observation>()
  readonly #probing = new Set<string>()
  readonly #ending = new AbortController()
  readonly #front = new Map<string, { segment: number; sinceMs: number }>()
  #origins: readonly Origin[] = []
  #standings: Standing[] = []
  #wrong = new Map<string, string>()
  #stopTicking: (() => void) | null = null
  /** Why an ill slicer could not be taken out, or a dispute not be settled; null when there is nothing to say. */
  alarm: string | null = null
  readonly counters = { probes: 0, failedProbes: 0, takenOut: 0, putBack: 0 }

  constructor(options: HealthWatchOptions) {
    this.#options = options
  }

  start(): void {
    this.#stopTicking = this.#options.clock.every(PROBE_INTERVAL_MS, () => this.#tick())
    this.#tick()
  }

  stop(): void {
    this.#stopTicking?.()
    this.#ending.abort(new Error('the edge is ending'))
  }

  /** The serving slicers; what is known of the others is forgotten. */
  setOrigins(origins: readonly Origin[]): void {
    this.#origins = origins
    for (const id of this.#observations.keys()) {
      if (!origins.some((origin) => origin.id === id)) this.#observations.delete(id)
    }
    this.#standings = this.#standings.filter((standing) => origins.some((origin) => origin.id === standing.id))
  }

  get takenOut(): { id: string; reason: string }[] {
    return this.#standings.flatMap(({ id, out }) => (out === null ? [] : [{ id, reason: out.reason }]))
  }

  /** Per rendition, the newest segment that any slicer lists. */
  get newestSegment(): Record<string, number> {
    return Object.fromEntries([...this.#front].map(([rendition, { segment }]) => [rendition, segment]))
  }

  /** Per rendition, for how long no slicer has listed a newer one. */
  get newestSegmentAgeMs(): Record<string, number> {
    const nowMs = this.#options.clock.monotonicMs()
    return Object.fromEntries([...this.#front].map(([rendition, { sinceMs }]) => [rendition, nowMs - sinceMs]))
  }

  #tick(): void {
    for (const origin of this.#origins) {
      if (!this.#probing.has(origin.id)) void this.#probe(origin)
    }
  }

  async #probe(origin: Origin): Promise<void> {
    const { http, clock } = this.#options
    this.#probing.add(origin.id)
    const before = this.#observations.get(origin.id) ?? unobserved(origin.id)
    const result = await probe(origin, this.#options.station(), before, http, clock, this.#ending.signal)
    this.#probing.delete(origin.id)
    const isStillServing = this.#origins.some(({ id, url }) => id === origin.id && url === origin.url)
    if (this.#ending.signal.aborted || !isStillServing) return
    this.counters.probes += 1
    if (result.failure !== null) this.counters.failedProbes += 1
    this.#observations.set(origin.id, observed(before, result))
    this.#announce(result.newestSegment)
    if (result.segments.length > 0) await this.#compareBytes()
    this.#decide()
  }

  #announce(newest: Record<string, number>): void {
    for (const [rendition, segment] of Object.entries(newest)) {
      if (segment <= (this.#front.get(rendition)?.segment ?? -1)) continue
      this.#front.set(rendition, { segment, sinceMs: this.#options.clock.monotonicMs() })
      this.#options.listed(rendition, segment)
    }
  }

  async #compareBytes(): Promise<void> {
    const wrong = new Map<string, string>()
    let unsettled: string | null = null
    for (const dispute of disputes([...this.#observations.values()])) {
      const referee = await this.#options.referee(dispute.rendition, dispute.segment)
      const settlement = settle(dispute, referee)
      for (const [id, reason] of settlement.wrong) wrong.set(id, reason)
      unsettled ??= settlement.unsettled
    }
    this.#wrong = wrong
    this.#raise(unsettled)
  }

  #decide(): void {
    const serving = this.#origins.map(({ id }) => this.#observations.get(id) ?? unobserved(id))
    const judgement = judge(this.#standings, serving, this.#wrong, this.#options.clock.monotonicMs())
    this.#standings = judgement.standings
    if (judgement.held !== null || this.alarm?.startsWith('nobody')) this.#raise(judgement.held)
    for (const { id, verdict, reason } of judgement.verdicts) {
      this.#options.log.warn({ slicer: id, verdict, reason }, `${id}: ${verdict}, for ${reason}`)
      if (verdict === 'take out') this.counters.takenOut += 1
      else this.counters.putBack += 1
    }
    if (judgement.verdicts.length > 0) this.#options.changed(judgement.verdicts)
  }

  #raise(alarm: string | null): void {
    if (alarm !== null && this.alarm === null) this.#options.log.error(alarm)
    this.alarm = alarm
  }
}
