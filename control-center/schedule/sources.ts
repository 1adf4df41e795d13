import { SAMPLE_RATE } from '../../media/timeline.ts'
import type { Playable } from '../../schemas/rundown.ts'
import type { SourceReference, StationFile } from '../../schemas/station.ts'
import type { LibraryView, ResolvedSource } from './library-view.ts'
import { JINGLES, originsOf, ROTATION } from './origins.ts'
import { type BagOrder, orderOfCycle } from './shuffle-bag.ts'

/** What is shorter is no item: a folder of clicks must not become a day of a million items. */
const PLANNED_SAMPLES_MIN = SAMPLE_RATE / 4

/** A source as one plan sees it: resolved once, its orders made once a cycle. */
export type PlanSource = {
  /** `folder:evening`: two shows with the same folder share one shuffle, so that neither repeats what the other just played. */
  key: string
  order: 'shuffle' | 'in-order'
  resolved: ResolvedSource
  playables: readonly Playable[]
  artistsCount(): number
  orderOf(cycle: number): BagOrder
}

/** All sources of a station, by the origin of the items that they give. */
export type PlanSources = ReadonlyMap<string, PlanSource>

export function resolveSources(station: StationFile, library: LibraryView): PlanSources {
  const { programme } = station
  const origins = originsOf(programme)
  const resolvedByKey = new Map<string, ResolvedSource>()
  const sources = new Map<string, PlanSource>()
  const add = (origin: string, source: SourceReference | null, order: PlanSource['order']): void => {
    const key = sourceName(source)
    const resolved = resolvedByKey.get(key) ?? library.resolve(source)
    resolvedByKey.set(key, resolved)
    sources.set(origin, planSource(`${station.id} ${key}`, key, order, resolved))
  }
  add(ROTATION, programme.rotation.source ?? null, programme.rotation.order)
  if (programme.jingles) add(JINGLES, programme.jingles.source, 'shuffle')
  programme.shows.forEach((show, index) => {
    add(origins.shows[index]!, show.source, show.source.file === undefined ? show.order : 'in-order')
  })
  programme.fixed.forEach((item, index) => {
    add(origins.fixed[index]!, item.source, 'shuffle')
  })
  return sources
}

function planSource(seed: string, key: string, order: PlanSource['order'], resolved: ResolvedSource): PlanSource {
  const known = factsOf(resolved.playables)
  return {
    key,
    order,
    resolved,
    playables: known.playables,
    artistsCount() {
      known.artists ??= new Set(known.playables.map(({ artist }) => artist)).size
      return known.artists
    },
    orderOf(cycle) {
      const name = `${seed} ${cycle}`
      const made = known.orders.get(name) ?? orderOfCycle(known.playables, seed, cycle)
      if (known.orders.size >= ORDERS_KEPT) known.orders.clear()
      known.orders.set(name, made)
      return made
    },
  }
}

type Facts = { playables: Playable[]; artists?: number; orders: Map<string, BagOrder> }

/** A cycle and the next one, of the few stations and shows that share a folder. */
const ORDERS_KEPT = 4
/** Hashing and sorting a large library takes longer than the rest of a plan: kept for as long as the library hands out the same list. */
const factsByList = new WeakMap<readonly Playable[], Facts>()

function factsOf(list: readonly Playable[]): Facts {
  const known = factsByList.get(list)
  if (known) return known
  const playables = list.filter(({ lengthSamples }) => lengthSamples >= PLANNED_SAMPLES_MIN)
  const facts: Facts = { playables, orders: new Map() }
  factsByList.set(list, facts)
  return facts
}

export function sourceName(source: SourceReference | null): string {
  if (!source) return 'the music folder'
  if (source.folder !== undefined) return `the folder "${source.folder}"`
  if (source.playlist !== undefined) return `the playlist "${source.playlist}"`
  return `the file "${source.file}"`
}
