import { wholeLengthSamples } from '../../media/rundown-joins.ts'
import { SAMPLE_RATE } from '../../media/timeline.ts'
import type { RundownItem } from '../../schemas/rundown.ts'
import { readItemId } from './origins.ts'
import { afterDrawing, type BagState, candidatesOf, freshBag, isLeft, nextCycle } from './shuffle-bag.ts'
import type { PlanSource, PlanSources } from './sources.ts'

/** A file at least this long that a fixed item cuts goes on after it from where it was. */
const CONTINUED_SAMPLES_MIN = 600 * SAMPLE_RATE
const CONTINUED_REST_SAMPLES_MIN = 30 * SAMPLE_RATE
const RECENT_MAX = 100
/** Of a cycle that ends: with more left than this, a repeated file is an accident and begins no new cycle. */
const LEFT_MAX = 16

/**
 * How far each source has come, as of the items that are settled (on air or committed). Plain data: it is stored as JSON between two
 * plans. Never holds what a plan may still change, so that a re-plan from the same point comes to the same choices.
 */
export type PlanCursors = {
  /** Items that start before this are counted in. */
  countedUntilSample: number
  /** Shuffled sources, by name of the source. */
  bags: Record<string, BagState>
  /** In-order sources, by origin: the last file begun. */
  inOrder: Record<string, { path: string; index: number }>
  /** By origin: the occurrence played last, how many items of it were planned, how many files begun. */
  occurrences: Record<string, { startMs: number; items: number; files: number }>
  /** Songs and show items, the newest last. */
  recent: { path: string; artist: string }[]
  songsSinceJingle: number
  /** What is left of a long file that was cut, until something else than an ident plays. */
  continuing: (Continuation & { origin: string; occurrenceMs: number }) | null
}

export type Continuation = { path: string; cueInSample: number; lengthSamples: number }

export const freshCursors: PlanCursors = {
  countedUntilSample: 0,
  bags: {},
  inOrder: {},
  occurrences: {},
  recent: [],
  songsSinceJingle: 0,
  continuing: null,
}

/** The cursors after an item was settled. Items whose origin is no longer in the station file count for the separation only. */
export function afterItem(cursors: PlanCursors, item: RundownItem, sources: PlanSources): PlanCursors {
  const next: PlanCursors = { ...cursors, countedUntilSample: item.startSample + 1 }
  const name = readItemId(item.id)
  const isSpoken = item.kind === 'ident' || item.kind === 'jingle'
  const { continuing } = cursors
  const goesOn = continuing?.path === item.path && continuing.cueInSample === item.cueInSample
  if (!isSpoken && !goesOn) {
    next.recent = [...cursors.recent.slice(1 - RECENT_MAX), { path: item.path, artist: item.artist }]
    next.songsSinceJingle = cursors.songsSinceJingle + 1
  }
  if (item.kind === 'jingle') next.songsSinceJingle = 0
  if (item.kind !== 'ident') next.continuing = null
  if (!name) return next
  const before = cursors.occurrences[name.origin]
  const isSame = before?.startMs === name.occurrenceMs
  const files = isSame ? before.files : 0
  const items = Math.max(isSame ? before.items : 0, name.index + 1)
  const count = { startMs: name.occurrenceMs, items, files: files + (goesOn ? 0 : 1) }
  next.occurrences = { ...cursors.occurrences, [name.origin]: count }
  const rest = restOf(item)
  if (rest) next.continuing = { ...rest, origin: name.origin, occurrenceMs: name.occurrenceMs }
  const source = sources.get(name.origin)
  if (!source || goesOn) return next
  if (source.order === 'shuffle') next.bags = { ...cursors.bags, [source.key]: bagAfter(cursors, source, item.path) }
  else next.inOrder = { ...cursors.inOrder, [name.origin]: placeAfter(cursors, source, name.origin, item.path) }
  return next
}

export const bagOf = (cursors: PlanCursors, source: PlanSource): BagState => cursors.bags[source.key] ?? freshBag

function bagAfter(cursors: PlanCursors, source: PlanSource, path: string): BagState {
  const bag = bagOf(cursors, source)
  const order = source.orderOf(bag.cycle)
  if (!order.byPath.has(path)) return bag
  if (isLeft(bag, order, path)) return afterDrawing(bag, order, path)
  const left = candidatesOf(bag, order, LEFT_MAX).map((playable) => playable.path)
  if (left.length === LEFT_MAX) return bag
  const fresh = nextCycle(bag, left)
  return afterDrawing(fresh, source.orderOf(fresh.cycle), path)
}

/** The index of the file that follows the last one begun; found by its path when the list has changed. */
export function indexInOrder(cursors: PlanCursors, source: PlanSource, origin: string): number {
  const place = cursors.inOrder[origin]
  if (!place || source.playables.length === 0) return 0
  const isThere = source.playables[place.index]?.path === place.path
  const found = isThere ? place.index : source.playables.findIndex(({ path }) => path === place.path)
  return (found >= 0 ? found + 1 : place.index) % source.playables.length
}

function placeAfter(
  cursors: PlanCursors,
  source: PlanSource,
  origin: string,
  path: string,
): { path: string; index: number } {
  const expected = indexInOrder(cursors, source, origin)
  if (source.playables[expected]?.path === path) return { path, index: expected }
  return {
    path,
    index: Math.max(
      0,
      source.playables.findIndex((playable) => playable.path === path),
    ),
  }
}

function restOf(item: RundownItem): Continuation | null {
  const whole = wholeLengthSamples(item)
  const played = item.lengthSamples - item.fadeOutSamples
  const rest = whole - played
  if (item.kind !== 'show' || item.uncutSamples === undefined) return null
  if (whole < CONTINUED_SAMPLES_MIN || rest < CONTINUED_REST_SAMPLES_MIN) return null
  return { path: item.path, cueInSample: item.cueInSample + played, lengthSamples: rest }
}
