import { CUT_FADE_SAMPLES, endSampleOf } from '../../media/rundown-joins.ts'
import { layOut } from '../../media/rundown-layout.ts'
import { SAMPLE_RATE } from '../../media/timeline.ts'
import type { Rundown, RundownItem } from '../../schemas/rundown.ts'
import { type Placement, placementOf } from './placement.ts'

export type ProgrammeEvent =
  | { event: 'placed'; placement: Placement }
  | { event: 'stepped-down'; rung: Placement['rung']; reason: string }
  | { event: 'given-up'; placement: Placement; reason: string }

const RESERVE_PREFIX = 'reserve-'
const FALLBACK_PIECE_SAMPLES = 10 * SAMPLE_RATE
const FALLBACK_FADE_SAMPLES = SAMPLE_RATE
const GIVE_UP_FADE_SAMPLES = SAMPLE_RATE
const REMEMBERED_SAMPLES = 120 * SAMPLE_RATE
/** A file that failed is left alone for ten minutes: it may be on its way to being replaced. */
const AVOIDED_SAMPLES = 600 * SAMPLE_RATE

/**
 * What is played when: the rundown's items in their places, and what takes their place when they fail. No I/O and no clock; the same
 * calls always give the same placements. The ladder below the live rung: scheduled item → rotation → emergency file → bed.
 */
export class Programme {
  private placed: Placement[]
  private plan: RundownItem[] = []
  private rundown: Rundown | null = null
  private readonly startSample: number
  private readonly stationName: string
  private readonly hasEmergency: () => boolean
  private readonly onEvent: (event: ProgrammeEvent) => void
  private readonly avoided = new Map<string, number>()
  private emergencyAvoidedUntilSample = 0
  private fillersUsed = 0
  private layouts = 0
  private lastRung: Placement['rung'] = 'scheduled'
  /** Until this sample nothing but the emergency file is played. */
  emergencyOnlyUntilSample = 0

  constructor(options: {
    startSample: number
    /** The title of what has none. */
    stationName: string
    placed: readonly Placement[]
    hasEmergency: () => boolean
    onEvent: (event: ProgrammeEvent) => void
  }) {
    this.startSample = options.startSample
    this.stationName = options.stationName
    this.placed = options.placed.map((placement) => ({ ...placement }))
    this.hasEmergency = options.hasEmergency
    this.onEvent = options.onEvent
    this.lastRung = this.placed.at(-1)?.rung ?? 'scheduled'
  }

  /** All that is placed: lately ended, sounding and about to. In order of start. */
  get placements(): readonly Placement[] {
    return this.placed
  }

  /** A new rundown holds from the end of what is already placed. */
  load(rundown: Rundown): void {
    this.rundown = rundown
    this.plan = rundown.items.filter((item) => !this.isPlaced(item.id))
  }

  /** Places items until the timeline is covered up to a sample. */
  extendTo(sample: number): void {
    while (this.coveredUntil() < sample) this.placeNext()
  }

  /**
   * An item can't go on: it ends where its audio ends, and what follows it is laid out anew. `usableUntilSample` is the first sample it
   * has no audio for, `mixedUntilSample` the first one that is not mixed yet.
   */
  giveUp(id: string, usableUntilSample: number, mixedUntilSample: number, reason: string): void {
    const failed = this.placed.find((placement) => placement.id === id)
    if (!failed || failed.endSample <= mixedUntilSample) return
    if (failed.path) this.avoided.set(failed.path, mixedUntilSample + AVOIDED_SAMPLES)
    if (failed.rung === 'emergency') this.emergencyAvoidedUntilSample = mixedUntilSample + AVOIDED_SAMPLES
    const index = this.placed.indexOf(failed)
    const following = this.placed.splice(index + 1)
    if (failed.startSample >= mixedUntilSample) this.placed.splice(index, 1)
    else this.endEarly(failed, usableUntilSample, mixedUntilSample, reason)
    const sounding = following.filter((placement) => placement.startSample < mixedUntilSample)
    this.placed.push(...sounding)
    this.takeBack(following.filter((placement) => placement.startSample >= mixedUntilSample))
    this.onEvent({ event: 'given-up', placement: failed, reason })
  }

  /** Drops what ended long ago. */
  forget(mixedUntilSample: number): void {
    const horizon = mixedUntilSample - REMEMBERED_SAMPLES
    while (this.placed.length > 1 && this.placed[0]!.endSample < horizon && this.placed[0]!.logged) this.placed.shift()
    for (const [path, untilSample] of this.avoided) if (untilSample <= horizon) this.avoided.delete(path)
  }

  private placeNext(): void {
    const from = this.coveredUntil()
    const emergencyOnly = from < this.emergencyOnlyUntilSample
    this.plan = this.plan.filter((item) => endSampleOf(item) > from && !this.isAvoided(item.path, from))
    const next = this.plan[0]
    if (next && !emergencyOnly && this.followsOn(next)) {
      this.plan.shift()
      this.place(placementOf(next, this.isFiller(next) ? 'rotation' : 'scheduled'))
      return
    }
    if (!emergencyOnly && this.layOutAgain(from)) return
    this.placeFallback(
      from,
      emergencyOnly
        ? 'Only the emergency file is left, after repeated crashes.'
        : 'Nothing is planned, and the rotation is empty.',
    )
  }

  /** Packs what is planned up to the next fixed boundary behind what is placed. False when there is nothing to pack. */
  private layOutAgain(from: number): boolean {
    const anchorIndex = this.plan.findIndex((item) => item.anchored && item.startSample > from)
    const upTo = anchorIndex < 0 ? this.plan.length : anchorIndex + 1
    const anchor = this.plan[anchorIndex]
    const last = this.placed.at(-1)
    const reserve = this.rundown?.reserve.filter((playable) => !this.isAvoided(playable.path, from)) ?? []
    const layout = layOut({
      items: this.plan.slice(0, upTo),
      fillers: reserve,
      fillerOffset: this.fillersUsed,
      fromSample: from,
      untilSample: anchor?.startSample ?? Math.max(this.rundown?.untilSample ?? 0, from + 1),
      crossfadeSamples: this.rundown?.crossfadeSamples ?? 0,
      incoming: last && { endSample: last.endSample, fadeOutSamples: last.fadeOutSamples },
      idPrefix: `${RESERVE_PREFIX}${from}-${this.layouts++}`,
      fillerReason: 'Fills a place that playout found empty.',
    })
    const [first] = layout.items
    if (!first || !this.followsOn(first)) return false
    this.fillersUsed += layout.fillersUsed
    this.plan = [...layout.items, ...this.plan.slice(upTo)]
    return true
  }

  /** Goes on with the emergency file or the bed: ten more seconds, until something better is planned. */
  private placeFallback(from: number, reason: string): void {
    const rung = this.hasEmergency() && from >= this.emergencyAvoidedUntilSample ? 'emergency' : 'bed'
    const last = this.placed.at(-1)
    const next = this.plan[0]
    const end =
      next && next.startSample > from && from >= this.emergencyOnlyUntilSample
        ? Math.min(from + FALLBACK_PIECE_SAMPLES, next.startSample)
        : from + FALLBACK_PIECE_SAMPLES
    if (last?.rung === rung && !last.endReason && last.endSample >= from) {
      last.endSample = Math.max(end, last.endSample + SAMPLE_RATE)
      last.fadeOutSamples = Math.min(FALLBACK_FADE_SAMPLES, Math.floor((last.endSample - last.startSample) / 2))
      return
    }
    const length = end - from
    this.place({
      id: `${rung}-${from}`,
      kind: rung,
      rung,
      title: this.stationName,
      artist: '',
      path: null,
      cueInSample: 0,
      gainDb: 0,
      startSample: from,
      endSample: Math.max(end, from + SAMPLE_RATE),
      fadeInSamples: last ? Math.min(last.endSample - from, Math.floor(length / 2)) : 0,
      fadeOutSamples: Math.min(FALLBACK_FADE_SAMPLES, Math.floor(length / 2)),
      plannedStartSample: null,
      reason,
      logged: false,
    })
  }

  private place(placement: Placement): void {
    const last = this.placed.at(-1)
    if (last && isFallback(last) && !last.endReason) {
      last.endSample = placement.startSample + Math.max(placement.fadeInSamples, CUT_FADE_SAMPLES)
      last.fadeOutSamples = last.endSample - placement.startSample
    }
    this.placed.push(placement)
    if (isLower(placement.rung, this.lastRung))
      this.onEvent({ event: 'stepped-down', rung: placement.rung, reason: placement.reason })
    this.lastRung = placement.rung
    this.onEvent({ event: 'placed', placement })
  }

  private endEarly(failed: Placement, usableUntilSample: number, mixedUntilSample: number, reason: string): void {
    failed.endSample = Math.max(mixedUntilSample, Math.min(failed.endSample, usableUntilSample))
    failed.fadeOutSamples = Math.min(GIVE_UP_FADE_SAMPLES, Math.max(0, failed.endSample - mixedUntilSample))
    failed.endReason = `Given up: ${reason}.`
  }

  /** Placements that have not begun go back to the plan they came from. */
  private takeBack(placements: readonly Placement[]): void {
    const ids = new Set(placements.map(({ id }) => id))
    const items = this.rundown?.items.filter((item) => ids.has(item.id)) ?? []
    this.plan = [...items, ...this.plan.filter((item) => !ids.has(item.id))].sort(
      (a, b) => a.startSample - b.startSample,
    )
  }

  /** From here on something else must sound: where the last placement's fade out begins. */
  private coveredUntil(): number {
    const last = this.placed.at(-1)
    return last ? last.endSample - last.fadeOutSamples : this.startSample
  }

  private followsOn(item: RundownItem): boolean {
    const last = this.placed.at(-1)
    if (!last) return item.startSample <= this.startSample && endSampleOf(item) > this.startSample
    return (
      item.startSample <= last.endSample &&
      item.startSample >= last.endSample - last.fadeOutSamples &&
      item.startSample > last.startSample
    )
  }

  private isPlaced(id: string): boolean {
    return this.placed.some((placement) => placement.id === id)
  }

  private isAvoided(path: string, sample: number): boolean {
    return (this.avoided.get(path) ?? 0) > sample
  }

  private isFiller(item: RundownItem): boolean {
    return item.id.startsWith(RESERVE_PREFIX)
  }
}

const isFallback = (placement: Placement): boolean => placement.rung === 'emergency' || placement.rung === 'bed'
const ORDER: Placement['rung'][] = ['live', 'scheduled', 'rotation', 'emergency', 'bed']
const isLower = (rung: Placement['rung'], than: Placement['rung']): boolean => ORDER.indexOf(rung) > ORDER.indexOf(than)
