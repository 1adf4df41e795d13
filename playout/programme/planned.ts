import { endSampleOf, wholeLengthSamples } from '../../media/rundown-joins.ts'
import { layOut } from '../../media/rundown-layout.ts'
import { SAMPLE_RATE } from '../../media/timeline.ts'
import type { Rundown, RundownItem } from '../../schemas/rundown.ts'
import { fixedTimesPassed, planFrom } from './after-live.ts'

const RESERVE_PREFIX = 'reserve-'
/** A file that failed is left alone for ten minutes: it may be on its way to being replaced. */
export const AVOIDED_SAMPLES = 600 * SAMPLE_RATE

/** Taken from the reserve. */
export const isFiller = (item: RundownItem): boolean => item.id.startsWith(RESERVE_PREFIX)

type Incoming = { endSample: number; fadeOutSamples: number }

/** What is planned and not placed yet: the rundown's items in their order, and the reserve that fills the places they leave empty. */
export class Planned {
  private rundown: Rundown | null = null
  private items: RundownItem[] = []
  private readonly avoided = new Map<string, number>()
  private fillersUsed = 0
  private layouts = 0

  load(rundown: Rundown, isPlaced: (id: string) => boolean): void {
    this.rundown = rundown
    this.items = rundown.items.filter(({ id }) => !isPlaced(id))
  }

  get first(): RundownItem | null {
    return this.items[0] ?? null
  }

  takeFirst(): RundownItem {
    return this.items.shift()!
  }

  /** What is over by this sample, or can't be read, is left out for good. */
  dropBefore(sample: number): void {
    this.items = this.usableAt(sample)
  }

  /** Items that were placed and have not begun. */
  takeBack(ids: ReadonlySet<string>): void {
    const items = this.rundown?.items.filter(({ id }) => ids.has(id)) ?? []
    this.items = [...items, ...this.items.filter(({ id }) => !ids.has(id))].sort(
      (a, b) => a.startSample - b.startSample,
    )
  }

  /** After a voice that fades out from `from` to `until`: fixed times that have passed are left out. The answer is those. */
  goOn(from: number, until: number): RundownItem[] {
    const passed = fixedTimesPassed(this.items, from)
    this.items = planFrom(this.usableAt(from), from, until)
    return passed
  }

  /** Packs what is planned up to the next fixed boundary behind what is placed. False when nothing comes of it that may follow. */
  pack(from: number, incoming: Incoming | undefined, mayFollow: (item: RundownItem) => boolean): boolean {
    const layout = this.layoutOf(this.items, from, incoming, Math.max(this.rundown?.untilSample ?? 0, from + 1))
    this.layouts += 1
    const [first] = layout.items
    if (!first || !mayFollow(first)) return false
    this.fillersUsed += layout.fillersUsed
    this.items = [...layout.items, ...this.items.slice(layout.upTo)]
    return true
  }

  /** What would come next, if a voice gave the air back at this sample: whole, as only then it is known how much of it has room. */
  wouldFollowAt(from: number): RundownItem | null {
    const items = planFrom(this.usableAt(from), from, from)
    const [first] = this.layoutOf(items, from, { endSample: from, fadeOutSamples: 0 }, from + 1).items
    return first ? { ...first, lengthSamples: wholeLengthSamples(first) } : null
  }

  /** A file that can't be read is left alone for a while. */
  avoid(path: string, sample: number): void {
    this.avoided.set(path, sample + AVOIDED_SAMPLES)
  }

  forgetAvoided(horizonSample: number): void {
    for (const [path, untilSample] of this.avoided) if (untilSample <= horizonSample) this.avoided.delete(path)
  }

  private usableAt(sample: number): RundownItem[] {
    return this.items.filter((item) => endSampleOf(item) > sample && !this.isAvoided(item.path, sample))
  }

  private layoutOf(items: readonly RundownItem[], from: number, incoming: Incoming | undefined, untilSample: number) {
    const anchorIndex = items.findIndex((item) => item.anchored && item.startSample > from)
    const upTo = anchorIndex < 0 ? items.length : anchorIndex + 1
    const layout = layOut({
      items: items.slice(0, upTo),
      fillers: this.rundown?.reserve.filter((playable) => !this.isAvoided(playable.path, from)) ?? [],
      fillerOffset: this.fillersUsed,
      fromSample: from,
      untilSample: items[anchorIndex]?.startSample ?? untilSample,
      crossfadeSamples: this.rundown?.crossfadeSamples ?? 0,
      incoming: incoming && { endSample: incoming.endSample, fadeOutSamples: incoming.fadeOutSamples },
      idPrefix: `${RESERVE_PREFIX}${from}-${this.layouts}`,
      fillerReason: 'Fills a place that playout found empty.',
    })
    return { ...layout, upTo }
  }

  private isAvoided(path: string, sample: number): boolean {
    return (this.avoided.get(path) ?? 0) > sample
  }
}
