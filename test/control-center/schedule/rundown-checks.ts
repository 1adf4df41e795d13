import { joinSamples } from '../../../media/rundown-joins.ts'
import type { RundownItem } from '../../../schemas/rundown.ts'

export const endOf = (item: RundownItem): number => item.startSample + item.lengthSamples

/**
 * What must hold for any rundown: items in order, neighbours touch or overlap by exactly the fade of the one before,
 * no fade is longer than half of its item, never three at once. Returns sentences; empty when all is well.
 */
export function flawsOf(items: readonly RundownItem[], crossfadeSamples: number): string[] {
  const flaws: string[] = []
  items.forEach((item, index) => {
    const name = `${index} ${item.id}`
    for (const value of [item.startSample, item.lengthSamples, item.fadeInSamples, item.fadeOutSamples])
      if (!Number.isInteger(value) || value < 0) flaws.push(`${name} has a number that is no sample: ${value}`)
    if (item.lengthSamples < 1) flaws.push(`${name} is empty`)
    if (item.fadeInSamples > item.lengthSamples / 2) flaws.push(`${name} fades in for more than half of itself`)
    if (item.fadeOutSamples > item.lengthSamples / 2) flaws.push(`${name} fades out for more than half of itself`)
    const next = items[index + 1]
    if (!next) return
    const overlap = endOf(item) - next.startSample
    if (overlap < 0) flaws.push(`a hole of ${-overlap} samples after ${name}`)
    if (overlap !== item.fadeOutSamples)
      flaws.push(`${name} overlaps by ${overlap}, fades out for ${item.fadeOutSamples}`)
    if (next.fadeInSamples !== 0 && next.fadeInSamples !== overlap)
      flaws.push(`${next.id} fades in for ${next.fadeInSamples} over ${overlap}`)
    if (overlap > Math.max(960, joinSamples(item, next, crossfadeSamples)))
      flaws.push(`${name} overlaps its follower for longer than a crossfade`)
    if (next.startSample <= item.startSample) flaws.push(`${next.id} does not start after ${name}`)
  })
  return flaws
}
