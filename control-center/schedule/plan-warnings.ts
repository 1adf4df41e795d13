import { DateTime } from 'luxon'
import { endSampleOf } from '../../media/rundown-joins.ts'
import { msOfSample, SAMPLE_RATE, sampleAtMs } from '../../media/timeline.ts'
import type { RundownItem } from '../../schemas/rundown.ts'
import type { StationFile } from '../../schemas/station.ts'
import type { GridSpan } from './grid-spans.ts'
import type { FixedOccurrence, ShowOccurrence } from './occurrences.ts'
import { FILLER, originsOf, readItemId } from './origins.ts'
import type { PlanSource, PlanSources } from './sources.ts'

/** Something that a programmer should know about the plan. */
export type PlanWarning = {
  kind: 'source' | 'file' | 'overlap' | 'length' | 'time' | 'gap'
  /** For people, whole. */
  sentence: string
}

const UNPLAYABLE_NAMED_MAX = 20

/** Sources that hold nothing, and files in them that cannot be played. */
export function warningsOfSources({ programme }: StationFile, sources: PlanSources): PlanWarning[] {
  const warnings: PlanWarning[] = []
  const origins = originsOf(programme)
  const empty = (source: PlanSource, then: string): void => {
    if (source.playables.length > 0) return
    const problem = source.resolved.problem ? ` (${source.resolved.problem.replace(/\.$/, '')})` : ''
    warnings.push({ kind: 'source', sentence: `Nothing in ${source.key} is playable${problem}: ${then}.` })
  }
  const none = [...sources.values()].every(({ playables }) => playables.length === 0)
  empty(
    sources.get('rotation')!,
    none ? 'the rundown is empty, the emergency programme plays' : 'the rotation has nothing',
  )
  if (sources.has('jingles')) empty(sources.get('jingles')!, 'no jingles are played')
  programme.shows.forEach(({ name }, index) => {
    empty(sources.get(origins.shows[index]!)!, `"${name}" is replaced by the rotation`)
  })
  programme.fixed.forEach(({ name }, index) => {
    empty(sources.get(origins.fixed[index]!)!, `"${name}" is left out`)
  })
  const unplayable = new Map(
    [...sources.values()].flatMap(({ resolved }) => resolved.unplayable.map(({ path, reason }) => [path, reason])),
  )
  for (const [path, reason] of [...unplayable].slice(0, UNPLAYABLE_NAMED_MAX))
    warnings.push({ kind: 'file', sentence: `"${path}" is not planned: ${reason.replace(/\.$/, '')}.` })
  if (unplayable.size > UNPLAYABLE_NAMED_MAX)
    warnings.push({ kind: 'file', sentence: `${unplayable.size - UNPLAYABLE_NAMED_MAX} more files are not planned.` })
  return warnings
}

/** Shows that overlap, that get no time, or whose files are longer or shorter than the show. */
export function warningsOfGrid(
  zone: string,
  shows: readonly ShowOccurrence[],
  spans: readonly GridSpan[],
  sources: PlanSources,
): PlanWarning[] {
  const warnings = new Map<string, PlanWarning>()
  const once = (key: string, kind: PlanWarning['kind'], sentence: string): void => {
    if (!warnings.has(key)) warnings.set(key, { kind, sentence })
  }
  shows.forEach((one, index) => {
    const { name } = one.show
    for (const other of shows.slice(index + 1)) {
      if (other.startMs >= one.endMs) break
      const [from, until] = [other.startMs, Math.min(one.endMs, other.endMs)].map((ms) => timeOf(ms, zone))
      once(
        `${one.origin} ${other.origin}`,
        'overlap',
        `"${name}" and "${other.show.name}" overlap from ${from} to ${until}: the one that starts later has the air.`,
      )
    }
    const source = sources.get(one.origin)!
    if (source.order !== 'in-order' || source.playables.length === 0) return
    const showSamples = sampleAtMs(one.endMs - one.startMs)
    const heldSamples = source.playables.reduce((sum, { lengthSamples }) => sum + lengthSamples, 0)
    if (heldSamples < showSamples)
      once(
        `${one.origin} short`,
        'length',
        `"${name}" lasts ${minutes(showSamples)}, but ${source.key} holds only ${minutes(heldSamples)}: the rotation fills the rest.`,
      )
    else if (source.playables.length === 1 && heldSamples > showSamples + SAMPLE_RATE)
      once(
        `${one.origin} long`,
        'length',
        `"${name}" lasts ${minutes(showSamples)}, but ${source.key} lasts ${minutes(heldSamples)}: it is cut at the end of the show.`,
      )
  })
  const onAir = new Set(spans.map(({ occurrence }) => occurrence))
  const [first, last] = [spans[0]!.startMs, spans[spans.length - 1]!.endMs]
  for (const show of shows) {
    const isWhole = show.startMs >= first && show.endMs <= last
    if (isWhole && !onAir.has(show) && sources.get(show.origin)!.playables.length > 0)
      once(
        `${show.origin} hidden`,
        'overlap',
        `"${show.show.name}" of ${timeOf(show.startMs, zone)} gets no time: other shows have the air.`,
      )
  }
  return [...warnings.values()]
}

/** Fixed times that could not be kept, and gaps that were closed. */
export function warningsOfItems(
  zone: string,
  items: readonly RundownItem[],
  fixed: readonly FixedOccurrence[],
  fromSample: number,
  untilSample: number,
): PlanWarning[] {
  const warnings: PlanWarning[] = []
  const planned = new Set<string>()
  let firstFiller: RundownItem | null = null
  let holeSamples = 0
  let soundsUntil = fromSample
  for (const item of items) {
    holeSamples += Math.max(0, item.startSample - soundsUntil)
    soundsUntil = endSampleOf(item)
    const name = readItemId(item.id)
    if (name?.origin === FILLER) firstFiller ??= item
    if (!item.fixed) continue
    if (name) planned.add(`${name.origin} ${name.occurrenceMs}`)
    const lateSamples = item.startSample - sampleAtMs(item.fixed.atMs)
    if (lateSamples > item.fixed.waitSecondsMax * SAMPLE_RATE + 1)
      warnings.push({
        kind: 'time',
        sentence: `"${item.title}", due at ${timeOf(item.fixed.atMs, zone)}, starts ${Math.ceil(lateSamples / SAMPLE_RATE)} s late.`,
      })
  }
  holeSamples += Math.max(0, untilSample - soundsUntil)
  for (const { item, origin, atMs } of fixed) {
    const due = sampleAtMs(atMs)
    if (due >= fromSample && due < untilSample && !planned.has(`${origin} ${atMs}`))
      warnings.push({ kind: 'time', sentence: `"${item.name}" of ${timeOf(atMs, zone)} is left out.` })
  }
  if (firstFiller)
    warnings.push({
      kind: 'gap',
      sentence: `The rotation has nothing: songs of the shows fill the time, the first at ${timeOf(msOfSample(firstFiller.startSample), zone)}.`,
    })
  if (holeSamples > 0)
    warnings.push({
      kind: 'gap',
      sentence: `Nothing at all is playable for ${minutes(holeSamples)}: the emergency programme plays.`,
    })
  return warnings
}

/** Fixed times that came into the station file too late: what plays then was on air already, or about to be. */
export function warningsOfKept(
  zone: string,
  items: readonly RundownItem[],
  fixed: readonly FixedOccurrence[],
  nowSample: number,
  keptUntilSample: number,
): PlanWarning[] {
  const placed = new Set(items.map(({ id }) => readItemId(id)).map((name) => `${name?.origin} ${name?.occurrenceMs}`))
  return fixed
    .filter(({ origin, atMs }) => !placed.has(`${origin} ${atMs}`))
    .filter(({ atMs }) => sampleAtMs(atMs) >= nowSample && sampleAtMs(atMs) < keptUntilSample)
    .map(({ item, atMs }) => ({
      kind: 'time',
      sentence: `"${item.name}" of ${timeOf(atMs, zone)} is left out: what plays then was already on air, or about to be.`,
    }))
}

const timeOf = (ms: number, zone: string): string =>
  DateTime.fromMillis(Math.round(ms), { zone }).toFormat('ccc yyyy-MM-dd HH:mm:ss', { locale: 'en' })

const minutes = (samples: number): string => {
  const seconds = Math.round(samples / SAMPLE_RATE)
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}
