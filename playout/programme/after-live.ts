import { endSampleOf } from '../../media/rundown-joins.ts'
import { SAMPLE_RATE, sampleAtMs } from '../../media/timeline.ts'
import type { RundownItem } from '../../schemas/rundown.ts'

/** The plan for what comes after a voice that ends under a fade from `from` to `until`. Pure. */

const dueUntilSample = ({ fixed }: RundownItem): number =>
  fixed ? sampleAtMs(fixed.atMs) + Math.round(fixed.waitSecondsMax * SAMPLE_RATE) : Number.POSITIVE_INFINITY

/** Items of a fixed time that came and went meanwhile, the time they may wait included. */
export const fixedTimesPassed = (plan: readonly RundownItem[], from: number): RundownItem[] =>
  plan.filter((item) => dueUntilSample(item) < from && item.startSample < from)

/**
 * What is left of it: fixed times that have passed are out; a show that should have begun by now, or a fixed time that comes during the
 * fade, follows on as any other item does, from its beginning.
 */
export function planFrom(plan: readonly RundownItem[], from: number, until: number): RundownItem[] {
  const passed = new Set(fixedTimesPassed(plan, from))
  return plan
    .filter((item) => !passed.has(item) && endSampleOf(item) > from)
    .map((item) => (item.anchored && item.startSample <= until ? { ...item, anchored: false } : item))
}
