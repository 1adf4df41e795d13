import { endSampleOf, fadeSamplesMax } from '../../media/rundown-joins.ts'
import { sampleAtMs } from '../../media/timeline.ts'
import type { PlacedItem } from '../../schemas/playout.ts'
import type { AsRunEntry, Rundown, RundownItem } from '../../schemas/rundown.ts'
import type { PlanCursors } from '../schedule/cursors.ts'
import { COMMIT_MS, committedItems } from '../schedule/plan.ts'

/** What playout says about its own placements, which count for more than our plan. */
export type Placed = {
  onAir: PlacedItem | null
  next: PlacedItem | null
  upcoming?: PlacedItem[] | undefined
  asRun: readonly AsRunEntry[]
}

/**
 * What a new plan must keep: what is on air and committed, placed as playout really placed it. After an item that failed or
 * ended early all that followed moved up; a plan that kept its own times would be off until the next fixed one.
 */
export function keepOf(rundown: Rundown, placed: Placed | null, nowMs: number): RundownItem[] {
  if (!placed) return committedItems(rundown, nowMs)
  const committedUntil = sampleAtMs(nowMs + COMMIT_MS)
  const real = [placed.onAir, ...(placed.upcoming ?? [placed.next])]
    .filter((item) => item !== null)
    .filter(({ startSample, rung }) => startSample < committedUntil && (rung === 'scheduled' || rung === 'rotation'))
    .map((item) => itemOf(item, rundown, placed.asRun))
    .filter((item) => item !== null)
  const [first] = real
  const ids = new Set(real.map(({ id }) => id))
  const skipped = skippedOf(rundown, placed, nowMs)
  const committed = committedItems(rundown, nowMs).filter(({ id }) => ids.has(id) || !skipped.has(id))
  if (!first || real.every((item) => isAsPlanned(item, rundown))) return committed
  const before = committed
    .filter((item) => !ids.has(item.id) && item.startSample < first.startSample)
    .map((item) => endingBy(item, first.startSample + first.fadeInSamples))
  return [...before, ...real]
}

/**
 * The planned items whose time has gone by and that never sounded: somebody was live meanwhile, or something before them took longer. They
 * have not been played, so their turn is still to come. Without proof (the as-run log covers their time, and does not know them) an
 * item counts as played: none that sounded is to be repeated.
 */
export function skippedOf(rundown: Rundown, placed: Pick<Placed, 'onAir' | 'asRun'>, nowMs: number): Set<string> {
  const nowSample = sampleAtMs(nowMs)
  const { onAir, asRun } = placed
  const heard = new Set([...(onAir ? [onAir] : []), ...asRun].map(({ itemId }) => itemId))
  const spans = asRun.map(({ startSample, endSample }) => ({ startSample, endSample }))
  if (onAir) spans.push({ startSample: onAir.startSample, endSample: Math.max(nowSample, onAir.startSample) })
  const isCovered = (sample: number): boolean =>
    spans.some(({ startSample, endSample }) => startSample <= sample && sample < endSample)
  const skipped = rundown.items.filter(
    ({ id, startSample }) => startSample < nowSample && !heard.has(id) && isCovered(startSample),
  )
  return new Set(skipped.map(({ id }) => id))
}

/**
 * The cursors for a plan that keeps these items. What the cursors have counted in goes by the planned times: an item that moved up
 * in front of it would be passed over, and then planned a second time.
 */
export function cursorsFor(cursors: PlanCursors, keep: readonly RundownItem[], rundown: Rundown): PlanCursors {
  const { countedUntilSample } = cursors
  const counted = new Set(rundown.items.filter((item) => item.startSample < countedUntilSample).map(({ id }) => id))
  const movedUp = keep.find(({ id, startSample }) => !counted.has(id) && startSample < countedUntilSample)
  return movedUp ? { ...cursors, countedUntilSample: movedUp.startSample } : cursors
}

/** A placement as a rundown's item: the planned one where playout put it, or one that playout took from the reserve. */
function itemOf(placed: PlacedItem, rundown: Rundown, asRun: readonly AsRunEntry[]): RundownItem | null {
  const { itemId, startSample, endSample } = placed
  const lengthSamples = endSample - startSample
  const planned = rundown.items.find(({ id }) => id === itemId)
  if (planned) {
    const fadeMax = Math.floor(lengthSamples / 2)
    return {
      ...planned,
      startSample,
      lengthSamples,
      fadeInSamples: Math.min(planned.fadeInSamples, fadeMax),
      fadeOutSamples: Math.min(planned.fadeOutSamples, fadeMax),
    }
  }
  const path = asRun.findLast((entry) => entry.itemId === itemId)?.path
  const taken = rundown.reserve.find((playable) => playable.path === path)
  if (!taken) return null
  const fade = Math.min(rundown.crossfadeSamples, fadeSamplesMax({ kind: taken.kind, lengthSamples }))
  return {
    ...taken,
    id: itemId,
    startSample,
    lengthSamples,
    fadeInSamples: fade,
    fadeOutSamples: fade,
    anchored: false,
    reason: 'Playout took it from the rotation.',
  }
}

function isAsPlanned(item: RundownItem, rundown: Rundown): boolean {
  const planned = rundown.items.find(({ id }) => id === item.id)
  return planned?.startSample === item.startSample && planned.lengthSamples === item.lengthSamples
}

function endingBy(item: RundownItem, sample: number): RundownItem {
  if (endSampleOf(item) <= sample) return item
  const lengthSamples = sample - item.startSample
  const fadeInSamples = Math.min(item.fadeInSamples, Math.floor(lengthSamples / 2))
  return { ...item, lengthSamples, fadeInSamples, fadeOutSamples: Math.min(item.fadeOutSamples, fadeInSamples) }
}
