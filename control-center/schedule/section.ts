import { endSampleOf, joinSamples } from '../../media/rundown-joins.ts'
import { layOut } from '../../media/rundown-layout.ts'
import { msOfSample, SAMPLE_RATE, sampleAtMs } from '../../media/timeline.ts'
import type { Playable, RundownItem } from '../../schemas/rundown.ts'
import type { Programme } from '../../schemas/station.ts'
import { afterItem, indexInOrder, type PlanCursors } from './cursors.ts'
import type { GridSpan } from './grid-spans.ts'
import type { HardPoint } from './hard-points.ts'
import { bareItem, chooseFrom, nextItem, nextSongOrShow, spareSongs } from './item-supply.ts'
import { FILLER, itemId, ROTATION } from './origins.ts'
import type { Room } from './song-choice.ts'
import type { PlanSources } from './sources.ts'

/** What stays the same throughout one plan. */
export type PlanWorld = {
  programme: Programme
  sources: PlanSources
  spans: readonly GridSpan[]
  crossfadeSamples: number
}

/** How far the plan has come: what is settled, and the item at the last hard point, which the next one may still cut. */
export type PlanState = {
  cursors: PlanCursors
  head: RundownItem | null
  fromSample: number
  /** What was settled last; with a head it is out of reach. */
  before: RundownItem | null
}

/** A shuffled show or the rotation gives way this much before its end rather than begin another song. */
const GIVES_WAY_MS = 60_000
/** Before a hard point nothing is chosen for less than this: the layout closes such gaps. */
const CHOSEN_SAMPLES_MIN = 20 * SAMPLE_RATE
const FAR_AWAY_SAMPLES = 3600 * SAMPLE_RATE

/**
 * Plans from the last hard point to the next one (or to `untilSample`): the items that are final now, and the state to go on from.
 * `afterNext` is the hard point behind the next one, which decides how long the item there sounds at least.
 */
export function planSection(
  world: PlanWorld,
  state: PlanState,
  next: HardPoint | null,
  afterNext: HardPoint | null,
  untilSample: number,
): { items: RundownItem[]; state: PlanState } {
  const endSample = next ? sampleAtMs(next.atMs) : untilSample
  const { floating, cursors, after } = chooseUntil(world, state, endSample, next)
  const anchor = next && anchorAt(world, cursors, next, afterNext)
  const filling = fillingOf(world, cursors, spanAt(world.spans, endSample - 1, 0))
  const layout = layOut({
    items: [
      ...(state.head ? [state.head] : []),
      ...floating,
      ...(anchor ? [anchor] : []),
      ...(anchor && afterNext ? [placeholder(afterNext)] : []),
    ],
    fillers: filling.playables,
    fillerOffset: 0,
    fromSample: state.fromSample,
    untilSample: Math.max(endSample, state.fromSample),
    crossfadeSamples: world.crossfadeSamples,
    incoming: state.before
      ? { endSample: endSampleOf(state.before), fadeOutSamples: state.before.fadeOutSamples }
      : undefined,
    idPrefix: FILLER,
    fillerReason: next ? `Closes the gap before ${nameOf(world, next)}.` : 'Nothing else is planned here.',
  })
  /** The place after the last chosen item may be the anchor's. */
  let fillerIndex = filling.index + 1
  const placed = layout.items.map((item): RundownItem => {
    if (!item.id.startsWith(`${FILLER}-`)) return item
    const id = itemId({ ...filling, index: fillerIndex++ }, item.path)
    return { ...item, id, ...(filling.show && { show: filling.show }) }
  })
  const at = anchor ? placed.findIndex(({ id }) => id === anchor.id) : placed.length
  const items = placed.slice(0, at)
  const settled = settle(world, state, items, after)
  const head = placed[at] ?? null
  if (head) return { items, state: { cursors: settled, head, fromSample: head.startSample, before: null } }
  const fromSample = Math.max(endSample, state.fromSample)
  return { items, state: { cursors: settled, head: null, fromSample, before: items[items.length - 1] ?? state.before } }
}

function chooseUntil(
  world: PlanWorld,
  state: PlanState,
  endSample: number,
  next: HardPoint | null,
): { floating: RundownItem[]; cursors: PlanCursors; after: Map<string, PlanCursors> } {
  const { crossfadeSamples } = world
  let cursors = state.head ? afterItem(state.cursors, state.head, world.sources) : state.cursors
  let before = state.head ?? state.before
  let soundsUntil = Math.max(state.fromSample, before ? endSampleOf(before) : 0)
  const floating: RundownItem[] = []
  const after = new Map<string, PlanCursors>()
  while (endSample - soundsUntil >= (next ? CHOSEN_SAMPLES_MIN : 1)) {
    const span = spanBefore(world.spans, soundsUntil, next ? endSample : Number.POSITIVE_INFINITY)
    const spanEnd = sampleAtMs(span.endMs)
    const room: Room = {
      before,
      soundsUntil,
      endSample: Math.min(endSample, spanEnd),
      graceSamples: next && endSample <= spanEnd ? next.waitSecondsMax * SAMPLE_RATE : 0,
      crossfadeSamples,
    }
    const item = nextItem(cursors, span, world.programme, world.sources, room)
    if (!item) break
    floating.push(item)
    cursors = afterItem(cursors, item, world.sources)
    after.set(item.id, cursors)
    soundsUntil += item.lengthSamples - (before ? joinSamples(before, item, crossfadeSamples) : 0)
    before = item
  }
  return { floating, cursors, after }
}

/** The cursors after what was really placed: as found while choosing for as long as all was placed as chosen, then counted anew. */
function settle(
  world: PlanWorld,
  state: PlanState,
  items: readonly RundownItem[],
  after: Map<string, PlanCursors>,
): PlanCursors {
  const chosen = [...after.keys()]
  const shift = state.head ? 1 : 0
  const asChosen = items.findIndex(
    (item, index) => index >= shift && (item.uncutSamples !== undefined || item.id !== chosen[index - shift]),
  )
  const count = asChosen < 0 ? items.length : asChosen
  const known = after.get(items[count - 1]?.id ?? '')
  return items
    .slice(known ? count : 0)
    .reduce((counted, item) => afterItem(counted, item, world.sources), known ?? state.cursors)
}

/** What starts at a hard point. Null when the grid has nothing to play there. */
function anchorAt(
  world: PlanWorld,
  cursors: PlanCursors,
  point: HardPoint,
  afterPoint: HardPoint | null,
): RundownItem | null {
  const dueSample = sampleAtMs(point.atMs)
  const room: Room = {
    before: null,
    soundsUntil: dueSample,
    endSample: afterPoint ? sampleAtMs(afterPoint.atMs) : dueSample + FAR_AWAY_SAMPLES,
    graceSamples: 0,
    crossfadeSamples: world.crossfadeSamples,
  }
  const item = point.fixed
    ? fixedItem(world, cursors, point, room)
    : nextSongOrShow(cursors, spanAt(world.spans, dueSample, 0), world.sources, room)
  const fixed = { atMs: point.atMs, waitSecondsMax: point.waitSecondsMax }
  return item && { ...item, startSample: dueSample, anchored: true, fixed }
}

function fixedItem(world: PlanWorld, cursors: PlanCursors, point: HardPoint, room: Room): RundownItem | null {
  const { item, origin } = point.fixed!
  const source = world.sources.get(origin)!
  if (source.playables.length === 0) return null
  const playable: Playable = {
    ...chooseFrom(cursors, source, { ...room, endSample: Number.POSITIVE_INFINITY }),
    kind: 'ident',
  }
  const id = itemId({ origin, occurrenceMs: point.atMs, index: 0 }, playable.path)
  return bareItem(playable, id, { reason: `"${item.name}" is due at this time.` })
}

const placeholder = ({ atMs }: HardPoint): RundownItem => ({
  ...bareItem(silentPiece, 'after-next', { reason: '' }),
  startSample: sampleAtMs(atMs),
  anchored: true,
})

const silentPiece: Playable = {
  path: '',
  fingerprint: '',
  kind: 'ident',
  title: '',
  artist: '',
  cueInSample: 0,
  lengthSamples: SAMPLE_RATE,
  gainDb: 0,
}

/** What closes gaps, and whose items they then are. */
type Filling = { playables: Playable[]; origin: string; occurrenceMs: number; index: number; show?: string }

/**
 * A shuffled show closes its own gaps, otherwise the rotation does, from where it stands, but not with what a show in order plays
 * next; when it has nothing, whatever the shows have.
 */
function fillingOf({ sources }: PlanWorld, cursors: PlanCursors, { occurrence }: GridSpan): Filling {
  const asMusic = (playables: readonly Playable[]): Playable[] =>
    playables.map((playable) => ({ ...playable, kind: 'music' }))
  const own = occurrence && sources.get(occurrence.origin)
  if (occurrence && own?.order === 'shuffle') {
    const { origin, startMs, show } = occurrence
    const count = cursors.occurrences[origin]
    const index = count?.startMs === startMs ? count.items : 0
    return { playables: asMusic(spareSongs(cursors, own)), origin, occurrenceMs: startMs, index, show: show.name }
  }
  const rotation = sources.get(ROTATION)!
  const named = { origin: ROTATION, occurrenceMs: 0, index: cursors.occurrences[ROTATION]?.items ?? 0 }
  if (rotation.playables.length > 0 && rotation.order === 'shuffle') {
    const spare = spareSongs(cursors, rotation)
    const soon = occurrence && own ? own.playables[indexInOrder(cursors, own, occurrence.origin)]?.path : undefined
    const others = spare.filter(({ path }) => path !== soon)
    return { playables: asMusic(others.length > 0 ? others : spare), ...named }
  }
  if (rotation.playables.length > 0) {
    const at = indexInOrder(cursors, rotation, ROTATION)
    return { playables: asMusic([...rotation.playables.slice(at), ...rotation.playables.slice(0, at)]), ...named }
  }
  const shows = [...sources].filter(([origin]) => origin.startsWith('show-'))
  const index = cursors.occurrences[FILLER]?.items ?? 0
  return { playables: asMusic(shows.flatMap(([, source]) => source.playables)), origin: FILLER, occurrenceMs: 0, index }
}

function spanAt(spans: readonly GridSpan[], sample: number, givesWayMs = GIVES_WAY_MS): GridSpan {
  const atMs = msOfSample(sample)
  return spans.find(({ endMs }) => atMs + givesWayMs < endMs) ?? spans[spans.length - 1]!
}

/** Who has the air for the next item of a section. What begins at the section's end, or after it, does not begin before: only that end is its time. */
function spanBefore(spans: readonly GridSpan[], sample: number, endSample: number): GridSpan {
  const span = spanAt(spans, sample)
  return sampleAtMs(span.startMs) < endSample ? span : spanAt(spans, Math.min(sample, endSample - 1), 0)
}

function nameOf(world: PlanWorld, point: HardPoint): string {
  if (point.fixed) return `"${point.fixed.item.name}"`
  const { occurrence } = spanAt(world.spans, sampleAtMs(point.atMs), 0)
  return occurrence ? `"${occurrence.show.name}"` : 'the rotation'
}
