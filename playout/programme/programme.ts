import { CUT_FADE_SAMPLES, endSampleOf } from '../../media/rundown-joins.ts'
import { SAMPLE_RATE } from '../../media/timeline.ts'
import type { Rundown, RundownItem } from '../../schemas/rundown.ts'
import { AfterOpenEnd } from './after-open-end.ts'
import { fallbackEnd, fallbackPlacement, isFallback, prolong } from './fallback-placement.ts'
import { canGiveBack, giveBackTheAir } from './give-back.ts'
import { holdPlacement, isHold, type LiveSpan, livePlacement, type OnLive } from './live-placement.ts'
import { type Placement, placementOf } from './placement.ts'
import { AVOIDED_SAMPLES, isFiller, Planned } from './planned.ts'
import { takeTheAir } from './take-the-air.ts'

export type ProgrammeEvent =
  | { event: 'placed'; placement: Placement }
  | { event: 'stepped-down'; rung: Placement['rung']; reason: string }
  | { event: 'given-up'; placement: Placement; reason: string }
  | { event: 'skipped'; item: RundownItem; reason: string }

const GIVE_UP_FADE_SAMPLES = SAMPLE_RATE
const REMEMBERED_SAMPLES = 120 * SAMPLE_RATE

/**
 * What is played when: the rundown's items in their places, and what takes their place when they fail. No I/O and no clock; the same
 * calls always give the same placements. The ladder below the live rung: scheduled item → rotation → emergency file → bed.
 */
export class Programme {
  private placed: Placement[]
  private readonly planned = new Planned()
  private readonly startSample: number
  private readonly stationName: string
  private readonly hasEmergency: () => boolean
  private readonly onEvent: (event: ProgrammeEvent) => void
  private emergencyAvoidedUntilSample = 0
  private lastRung: Placement['rung'] = 'scheduled'
  private hold = false
  /** What comes next was planned for another time: it is packed behind what sounds, whatever its own time was. */
  private isOffPlan = false
  private readonly afterOpen = new AfterOpenEnd((sample) => this.followerAt(sample))
  /** Until this sample nothing but the emergency file is played. */
  emergencyOnlyUntilSample = 0

  constructor(options: {
    startSample: number
    /** The title of what has none. */
    stationName: string
    placed: readonly Placement[]
    hasEmergency: () => boolean
    onEvent: (event: ProgrammeEvent) => void
    /** As the checkpoint says: a hold lasts. */
    hold?: boolean
  }) {
    this.startSample = options.startSample
    this.stationName = options.stationName
    this.placed = options.placed.map((placement) => ({ ...placement }))
    this.hasEmergency = options.hasEmergency
    this.onEvent = options.onEvent
    const last = this.placed.at(-1)
    this.lastRung = last && !last.open ? last.rung : 'scheduled'
    this.hold = options.hold ?? false
    this.isOffPlan = last?.open ?? false
  }

  /** All that is placed: lately ended, sounding and about to. In order of start. */
  get placements(): readonly Placement[] {
    return this.placed
  }

  /** A new rundown holds from the end of what is already placed. */
  load(rundown: Rundown): void {
    this.planned.load(rundown, (id) => this.placed.some((placement) => placement.id === id))
    this.afterOpen.thinkAgain()
  }

  /** Places items until the timeline is covered up to a sample. */
  extendTo(sample: number): void {
    while (this.coveredUntil() < sample) {
      const last = this.placed.at(-1)
      if (last?.open) last.endSample = sample + SAMPLE_RATE
      else this.placeNext()
    }
  }

  /**
   * A voice takes the air: what sounds goes out under it, what would have begun later goes back to the plan. It has the air until
   * {@link endLive}. The fade is shorter than asked for when what sounds ends before. `atSample` is not yet mixed.
   */
  goLive(live: OnLive, atSample: number, fadeSamples: number): LiveSpan {
    this.extendTo(atSample + 1)
    this.hold = false
    this.takeBack(this.placed.filter(({ startSample }) => startSample >= atSample))
    this.placed = this.placed.filter(({ startSample }) => startSample < atSample)
    const fade = takeTheAir(this.placed, atSample, fadeSamples, `${live.artist} took the air.`)
    const placement = livePlacement(live, atSample, fade)
    this.placed.push(placement)
    this.isOffPlan = true
    this.lastRung = 'scheduled'
    this.afterOpen.thinkAgain()
    this.onEvent({ event: 'placed', placement })
    return { startSample: atSample, fadeSamples: fade }
  }

  /**
   * What had the air with an open end gives it back: the next unaired item begins under its fade. May be said again with another end while
   * that item has not begun. Null when something else has the air by now.
   */
  endLive(id: string, end: LiveSpan & { reason: string }, mixedUntilSample: number): LiveSpan | null {
    const index = this.placed.findIndex((placement) => placement.id === id)
    const ending = this.placed[index]
    const following = this.placed.slice(index + 1)
    if (!ending || !canGiveBack(ending, following, mixedUntilSample)) return null
    this.placed.length = index + 1
    this.takeBack(following)
    this.isOffPlan = true
    return giveBackTheAir(ending, end, mixedUntilSample)
  }

  /** While a hold lasts, the bed comes after a voice, or after the item on air. The next voice ends it. */
  setHold(on: boolean, fadeSamples: number, mixedUntilSample: number): void {
    if (this.hold === on) return
    this.hold = on
    this.isOffPlan = true
    this.afterOpen.thinkAgain()
    const back = this.placed.filter(({ startSample, rung }) => startSample >= mixedUntilSample && rung !== 'live')
    this.placed = this.placed.filter((placement) => !back.includes(placement))
    this.takeBack(back)
    const held = this.placed.at(-1)
    if (!on && held && isHold(held) && held.open)
      this.endLive(
        held.id,
        { startSample: mixedUntilSample + fadeSamples, fadeSamples, reason: 'The hold is over.' },
        mixedUntilSample,
      )
  }

  get isHeld(): boolean {
    return this.hold
  }

  /**
   * What would come next, if what has the air with an open end gave it back now, or in the next seconds: to be kept decoded. Nothing when
   * that needs no decoder.
   */
  standby(mixedUntilSample: number): readonly Placement[] {
    return this.placed.at(-1)?.open ? this.afterOpen.at(mixedUntilSample) : []
  }

  /** What {@link standby} said last would come now: for people. */
  get afterOpenEnd(): Placement | null {
    return (this.placed.at(-1)?.open && this.afterOpen.last[0]) || null
  }

  /**
   * An item can't go on: it ends where its audio ends, and what follows it is laid out anew. `usableUntilSample` is the first sample it
   * has no audio for, `mixedUntilSample` the first one that is not mixed yet.
   */
  giveUp(id: string, usableUntilSample: number, mixedUntilSample: number, reason: string): void {
    const failed = this.placed.find((placement) => placement.id === id)
    if (!failed || failed.endSample <= mixedUntilSample) return
    if (failed.path) this.avoid(failed.path, mixedUntilSample)
    if (failed.rung === 'emergency') this.emergencyAvoidedUntilSample = mixedUntilSample + AVOIDED_SAMPLES
    const index = this.placed.indexOf(failed)
    const following = this.placed.splice(index + 1)
    if (failed.startSample >= mixedUntilSample) this.placed.splice(index, 1)
    else this.endEarly(failed, usableUntilSample, mixedUntilSample, reason)
    const stays = (placement: Placement): boolean =>
      placement.startSample < mixedUntilSample || placement.rung === 'live'
    this.placed.push(...following.filter(stays))
    this.takeBack(following.filter((placement) => !stays(placement)))
    this.onEvent({ event: 'given-up', placement: failed, reason })
  }

  /** A file that can't be read is left alone for a while. */
  avoid(path: string, mixedUntilSample: number): void {
    this.planned.avoid(path, mixedUntilSample)
    this.afterOpen.thinkAgain()
  }

  /** Drops what ended long ago. */
  forget(mixedUntilSample: number): void {
    const horizon = mixedUntilSample - REMEMBERED_SAMPLES
    // What a voice has cut short is remembered until it would have ended: a new plan may still have it, and it is not to sound twice.
    const isOver = ({ endSample, fadeOutEndSample, logged }: Placement): boolean =>
      logged && Math.max(endSample, fadeOutEndSample ?? 0) < horizon
    if (this.placed.some(isOver)) {
      const last = this.placed.at(-1)!
      this.placed = this.placed.filter((placement) => placement === last || !isOver(placement))
    }
    this.planned.forgetAvoided(horizon)
  }

  private placeNext(): void {
    const from = this.coveredUntil()
    const emergencyOnly = from < this.emergencyOnlyUntilSample
    if (this.hold) {
      this.place(this.holdFrom(from))
      return
    }
    if (this.isOffPlan && !emergencyOnly) this.goBackToPlan(from)
    this.planned.dropBefore(from)
    const next = this.planned.first
    if (next && !emergencyOnly && this.followsOn(next)) {
      this.place(plannedPlacement(this.planned.takeFirst()))
      return
    }
    if (!emergencyOnly && this.pack(from)) return
    this.placeFallback(
      from,
      emergencyOnly
        ? 'Only the emergency file is left, after repeated crashes.'
        : 'Nothing is planned, and the rotation is empty.',
    )
  }

  /** After a voice: fixed times that have passed are left out, and what comes is packed behind what sounds. */
  private goBackToPlan(from: number): void {
    this.isOffPlan = false
    for (const item of this.planned.goOn(from, this.placed.at(-1)?.endSample ?? from))
      this.onEvent({ event: 'skipped', item, reason: 'Its fixed time came while a voice had the air.' })
    this.pack(from)
  }

  private pack(from: number): boolean {
    return this.planned.pack(from, this.placed.at(-1), (item) => this.followsOn(item))
  }

  private followerAt(sample: number): Placement | null {
    if (this.hold || sample < this.emergencyOnlyUntilSample) return null
    const item = this.planned.wouldFollowAt(sample)
    return item && plannedPlacement(item)
  }

  /** Goes on with the emergency file or the bed, until something better is planned. */
  private placeFallback(from: number, reason: string): void {
    const rung = this.hasEmergency() && from >= this.emergencyAvoidedUntilSample ? 'emergency' : 'bed'
    const last = this.placed.at(-1)
    const planned = from >= this.emergencyOnlyUntilSample ? (this.planned.first?.startSample ?? null) : null
    const endSample = fallbackEnd(from, planned)
    if (last?.rung === rung && !last.endReason && last.endSample >= from) {
      prolong(last, endSample)
      return
    }
    const fadeInSamplesMax = last ? last.endSample - from : 0
    this.place(fallbackPlacement(rung, { from, endSample, fadeInSamplesMax }, this.stationName, reason))
  }

  private holdFrom(from: number): Placement {
    const last = this.placed.at(-1)
    const fade = last ? last.endSample - from : 0
    return holdPlacement(from, fade, this.stationName)
  }

  private place(placement: Placement): void {
    const last = this.placed.at(-1)
    // A voice goes out by as much as comes in: what follows may be too short for the whole fade.
    if (last && (last.rung === 'live' || isHold(last))) last.fadeOutSamples = last.endSample - placement.startSample
    else if (last && isFallback(last) && !last.endReason) {
      last.endSample = placement.startSample + Math.max(placement.fadeInSamples, CUT_FADE_SAMPLES)
      last.fadeOutSamples = last.endSample - placement.startSample
    }
    this.placed.push(placement)
    if (isLower(placement.rung, this.lastRung) && !isHold(placement))
      this.onEvent({ event: 'stepped-down', rung: placement.rung, reason: placement.reason })
    this.lastRung = isHold(placement) ? 'scheduled' : placement.rung
    this.onEvent({ event: 'placed', placement })
  }

  private endEarly(failed: Placement, usableUntilSample: number, mixedUntilSample: number, reason: string): void {
    failed.endSample = Math.max(mixedUntilSample, Math.min(failed.endSample, usableUntilSample))
    delete failed.open
    if (!failed.takenOver)
      failed.fadeOutSamples = Math.min(GIVE_UP_FADE_SAMPLES, Math.max(0, failed.endSample - mixedUntilSample))
    failed.endReason = `Given up: ${reason}.`
  }

  /** Placements that have not begun go back to the plan they came from. */
  private takeBack(placements: readonly Placement[]): void {
    this.planned.takeBack(new Set(placements.map(({ id }) => id)))
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
}

const plannedPlacement = (item: RundownItem): Placement => placementOf(item, isFiller(item) ? 'rotation' : 'scheduled')
const ORDER: Placement['rung'][] = ['live', 'scheduled', 'rotation', 'emergency', 'bed']
const isLower = (rung: Placement['rung'], than: Placement['rung']): boolean => ORDER.indexOf(rung) > ORDER.indexOf(than)
