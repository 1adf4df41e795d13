import { SAMPLE_RATE } from '../../media/timeline.ts'
import type { AsRunEntry, Rundown } from '../../schemas/rundown.ts'

const TOLERANCE_SAMPLES = 2 * SAMPLE_RATE

/**
 * Where playout departed from the plan that it was given: the first such entry as a sentence, null when all went as planned. Only
 * what began after `sinceSample` is looked at, so that a departure is answered once.
 */
export function departureOf(entries: AsRunEntry[], rundown: Rundown, sinceSample: number): string | null {
  const planned = new Map(rundown.items.map((item) => [item.id, item]))
  for (const entry of entries) {
    if (entry.startSample < sinceSample || entry.rung === 'live') continue
    const item = planned.get(entry.itemId)
    if (!item) {
      if (entry.startSample < rundown.fromSample || entry.startSample >= rundown.untilSample) continue
      return `playout played "${entry.title || entry.kind}" instead of what was planned: ${entry.reason}`
    }
    const late = entry.startSample - item.startSample
    if (Math.abs(late) > TOLERANCE_SAMPLES)
      return `"${entry.title}" began ${Math.round(Math.abs(late) / SAMPLE_RATE)} s ${late < 0 ? 'before' : 'after'} its planned time`
  }
  return null
}
