import { endSampleOf } from '../../media/rundown-joins.ts'
import { msOfSample, SAMPLE_RATE, sampleAtMs } from '../../media/timeline.ts'
import type { Rundown, RundownItem } from '../../schemas/rundown.ts'
import type { StationFile } from '../../schemas/station.ts'
import { afterItem, type PlanCursors } from './cursors.ts'
import { gridSpans } from './grid-spans.ts'
import { type HardPoint, hardPoints } from './hard-points.ts'
import { upcoming } from './item-supply.ts'
import type { LibraryView } from './library-view.ts'
import { expandOccurrences } from './occurrences.ts'
import { ROTATION, readItemId } from './origins.ts'
import {
  type PlanWarning,
  warningsOfGrid,
  warningsOfItems,
  warningsOfKept,
  warningsOfSources,
} from './plan-warnings.ts'
import { type PlanState, type PlanWorld, planSection } from './section.ts'
import { resolveSources } from './sources.ts'

/** Items that start within this time from now are never touched by a re-plan: playout may have them in hand. */
export const COMMIT_MS = 30_000
/** A fixed item that would come later than its wait and this much more is left out. */
const LATE_SECONDS_MAX = 5
const WAIT_SECONDS_MAX = 600
const HOUR_MS = 3_600_000
const RESERVE_MAX = 48

export type PlanInput = {
  station: StationFile
  library: LibraryView
  fromSample: number
  untilSample: number
  /** Items on air or committed, in order: the beginning of the new rundown, untouched. See {@link committedItems}. */
  keep?: readonly RundownItem[]
  /** As the last plan gave them back; `freshCursors` at first. */
  cursors: PlanCursors
  version: number
  nowMs: number
}

export type Plan = {
  rundown: Rundown
  /** How far the sources had come by now: to be stored, and handed in with the next plan. */
  cursors: PlanCursors
  warnings: PlanWarning[]
}

/** What a re-plan at `nowMs` must keep of the rundown before: all that has started, or starts within {@link COMMIT_MS}. */
export const committedItems = (rundown: Rundown, nowMs: number): RundownItem[] =>
  rundown.items.filter(({ startSample }) => startSample < sampleAtMs(nowMs + COMMIT_MS))

/**
 * Resolves the weekly grid into what is played at each sample. Pure: the same input gives the same plan, and a re-plan with
 * `keep` and the cursors of the plan before repeats its choices as long as station file and library are the same.
 *
 * There are holes in the rundown only where nothing at all is playable (then `items` may be empty, and a warning says so): playout's
 * emergency file fills them. `rundown.untilSample` is the end of the last item, so not before the one asked for.
 * Throws when the station's time zone does not exist.
 */
export function planRundown(input: PlanInput): Plan {
  const { station, fromSample, untilSample, keep = [], version, nowMs } = input
  const sources = resolveSources(station, input.library)
  const settle = (items: readonly RundownItem[]): PlanCursors =>
    items
      .filter(({ startSample }) => startSample >= input.cursors.countedUntilSample)
      .reduce((cursors, item) => afterItem(cursors, item, sources), input.cursors)
  const settled = settle(keep)
  const before = keep[keep.length - 1] ?? null
  const startSample = before ? Math.max(fromSample, endSampleOf(before) - before.fadeOutSamples) : fromSample

  const fromMs = msOfSample(startSample) - (WAIT_SECONDS_MAX + LATE_SECONDS_MAX) * 1000
  const untilMs = msOfSample(untilSample)
  const expanded = expandOccurrences(station.programme, station.timeZone, fromMs, untilMs + HOUR_MS)
  const shows = expanded.shows.filter(({ origin }) => sources.get(origin)!.playables.length > 0)
  const fixed = expanded.fixed.filter(({ origin }) => sources.get(origin)!.playables.length > 0)
  const spans = gridSpans(shows, fromMs, untilMs + HOUR_MS)
  const crossfadeSamples = Math.round(station.audio.crossfadeSeconds * SAMPLE_RATE)
  const world: PlanWorld = { programme: station.programme, sources, spans, crossfadeSamples }

  const points = hardPoints(spans, fixed, sources).filter(
    (point) => sampleAtMs(point.atMs) < untilSample && isStillToCome(point, startSample, keep),
  )
  let state: PlanState = { cursors: settled, head: null, fromSample: startSample, before }
  const planned: RundownItem[] = []
  for (let index = 0; index <= points.length; index++) {
    const section = planSection(world, state, points[index] ?? null, points[index + 1] ?? null, untilSample)
    planned.push(...section.items)
    state = section.state
  }
  const items = [...keep.filter((item) => endSampleOf(item) > fromSample), ...planned]
  const lastItem = items[items.length - 1]
  const rotation = sources.get(ROTATION)!
  return {
    rundown: {
      stationId: station.id,
      version,
      madeAtMs: nowMs,
      fromSample,
      untilSample: Math.max(untilSample, lastItem ? endSampleOf(lastItem) : 0),
      crossfadeSamples,
      items,
      reserve: rotation.playables.length > 0 ? upcoming(state.cursors, rotation).slice(0, RESERVE_MAX) : [],
    },
    // What is only committed may still be kept from sounding, by somebody who goes live: the next plan counts it, if it is still there.
    cursors: settle(keep.filter((item) => item.startSample <= sampleAtMs(nowMs))),
    warnings: [
      ...warningsOfSources(station, sources),
      ...warningsOfGrid(station.timeZone, expanded.shows, spans, sources),
      ...warningsOfItems(station.timeZone, planned, fixed, startSample, untilSample),
      ...warningsOfKept(station.timeZone, [...keep, ...planned], fixed, sampleAtMs(nowMs), startSample),
    ],
  }
}

/** Whether a hard point is for this plan: due from its start on, or held up by what is kept, within its wait. */
function isStillToCome(point: HardPoint, startSample: number, keep: readonly RundownItem[]): boolean {
  const lateSamples = startSample - sampleAtMs(point.atMs)
  if (lateSamples <= 0) return true
  const [first] = keep
  if (!first || sampleAtMs(point.atMs) < first.startSample) return false
  if (lateSamples > (point.waitSecondsMax + LATE_SECONDS_MAX) * SAMPLE_RATE) return false
  return !keep.some(({ id, fixed }) => {
    const name = readItemId(id)
    return fixed?.atMs === point.atMs && (!point.fixed || name?.origin === point.fixed.origin)
  })
}
