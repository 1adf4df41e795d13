import { fadeSamplesMax } from '../../media/rundown-joins.ts'
import { SAMPLE_RATE } from '../../media/timeline.ts'
import type { Playable, RundownItem } from '../../schemas/rundown.ts'
import type { Programme } from '../../schemas/station.ts'
import { bagOf, indexInOrder, type PlanCursors } from './cursors.ts'
import type { GridSpan } from './grid-spans.ts'
import { itemId, JINGLES, ROTATION } from './origins.ts'
import { candidatesOf, nextCycle } from './shuffle-bag.ts'
import { chooseFarFromEnd, chooseNearEnd, isFree, type Room, separationOf } from './song-choice.ts'
import type { PlanSource, PlanSources } from './sources.ts'

/** How many songs of a shuffle are weighed against each other. */
const CANDIDATES_MAX = 32
const FIRST_CANDIDATES = 8
/** When fewer are left of a cycle, songs of the next one are weighed too: the last ones would find no good place otherwise. */
const CYCLE_REST_MIN = 12

/** Decides what comes next on a stretch of the grid: a jingle, the show's item, or the rotation's. Null when nothing is playable. */
export const nextItem = (
  cursors: PlanCursors,
  span: GridSpan,
  programme: Programme,
  sources: PlanSources,
  room: Room,
): RundownItem | null =>
  jingleWhenDue(cursors, span, programme, sources, room) ?? nextSongOrShow(cursors, span, sources, room)

/** As {@link nextItem}, without jingles: what a show begins with. */
export const nextSongOrShow = (
  cursors: PlanCursors,
  span: GridSpan,
  sources: PlanSources,
  room: Room,
): RundownItem | null => showItem(cursors, span, sources, room) ?? rotationItem(cursors, sources, room)

function showItem(
  cursors: PlanCursors,
  { occurrence }: GridSpan,
  sources: PlanSources,
  room: Room,
): RundownItem | null {
  if (!occurrence) return null
  const { origin, startMs, show } = occurrence
  const source = sources.get(origin)!
  if (source.playables.length === 0) return null
  const last = cursors.occurrences[origin]
  const played = last?.startMs === startMs ? last : { items: 0, files: 0 }
  const name = { origin, occurrenceMs: startMs, index: played.items }
  const about = { show: show.name, reason: `"${show.name}" plays ${source.key}.` }
  if (source.order === 'shuffle') {
    const song = chooseFrom(cursors, source, room)
    return bareItem({ ...song, kind: 'music' }, itemId(name, song.path), about)
  }
  const { continuing } = cursors
  if (continuing?.origin === origin && continuing.occurrenceMs === startMs) {
    const whole = source.playables.find(({ path }) => path === continuing.path)
    const { cueInSample, lengthSamples } = continuing
    const reason = `"${show.name}" goes on where it was interrupted.`
    if (whole)
      return bareItem({ ...whole, kind: 'show', cueInSample, lengthSamples }, itemId(name, whole.path), {
        ...about,
        reason,
      })
  }
  if (played.files >= source.playables.length) return null
  const playable = source.playables[indexInOrder(cursors, source, origin)]!
  return bareItem({ ...playable, kind: 'show' }, itemId(name, playable.path), about)
}

function rotationItem(cursors: PlanCursors, sources: PlanSources, room: Room): RundownItem | null {
  const source = sources.get(ROTATION)!
  if (source.playables.length === 0) return null
  const inOrder = source.order === 'in-order'
  const song = inOrder ? source.playables[indexInOrder(cursors, source, ROTATION)]! : chooseFrom(cursors, source, room)
  const name = { origin: ROTATION, occurrenceMs: 0, index: cursors.occurrences[ROTATION]?.items ?? 0 }
  return bareItem({ ...song, kind: 'music' }, itemId(name, song.path), { reason: `The rotation plays ${source.key}.` })
}

function jingleWhenDue(
  cursors: PlanCursors,
  { occurrence }: GridSpan,
  programme: Programme,
  sources: PlanSources,
  room: Room,
): RundownItem | null {
  const { jingles } = programme
  const source = sources.get(JINGLES)
  if (!jingles || !source || source.playables.length === 0 || cursors.songsSinceJingle < jingles.everyItems) return null
  if (occurrence && sources.get(occurrence.origin)?.order === 'in-order') return null
  const jingle: Playable = { ...chooseFrom(cursors, source, room), kind: 'jingle' }
  const rest = room.endSample - room.soundsUntil - jingle.lengthSamples
  if (rest < 20 * SAMPLE_RATE && Math.abs(rest) > fadeSamplesMax(jingle)) return null
  const name = { origin: JINGLES, occurrenceMs: 0, index: cursors.occurrences[JINGLES]?.items ?? 0 }
  const reason = `A jingle after every ${jingles.everyItems} items.`
  return bareItem(jingle, itemId(name, jingle.path), { reason, ...(occurrence && { show: occurrence.show.name }) })
}

/** The next of a shuffled source. */
export function chooseFrom(cursors: PlanCursors, source: PlanSource, room: Room): Playable {
  const separation = separationOf(cursors.recent, source.playables.length, source.artistsCount())
  return (
    chooseFarFromEnd(upcoming(cursors, source, FIRST_CANDIDATES), separation, room) ??
    chooseNearEnd(upcoming(cursors, source), separation, room)
  )
}

/** The songs that may close a gap: of the next ones those that keep their distance, if there are any. */
export function spareSongs(cursors: PlanCursors, source: PlanSource): Playable[] {
  const next = upcoming(cursors, source)
  const separation = separationOf(cursors.recent, source.playables.length, source.artistsCount())
  const free = next.filter((song) => isFree(song, separation))
  return free.length > 0 ? free : next
}

/** The songs that a shuffled source would play next; never empty for a source that has any. Towards the end of a cycle the next one begins. */
export function upcoming(cursors: PlanCursors, source: PlanSource, countMax = CANDIDATES_MAX): Playable[] {
  const bag = bagOf(cursors, source)
  const rest = candidatesOf(bag, source.orderOf(bag.cycle), countMax)
  if (rest.length >= Math.min(countMax, CYCLE_REST_MIN)) return rest
  const fresh = nextCycle(bag, [])
  const next = candidatesOf(fresh, source.orderOf(fresh.cycle), countMax)
  return [...rest, ...next.filter(({ path }) => !rest.some((other) => other.path === path))].slice(0, countMax)
}

export function bareItem(playable: Playable, id: string, about: { reason: string; show?: string }): RundownItem {
  return { ...playable, ...about, id, startSample: 0, fadeInSamples: 0, fadeOutSamples: 0, anchored: false }
}
