import { endSampleOf } from '../../media/rundown-joins.ts'
import { SAMPLE_RATE } from '../../media/timeline.ts'
import type { Rundown } from '../../schemas/rundown.ts'

/** A shorter hole is a blemish of the plan, and stands in its warnings. */
const HOLE_SAMPLES_MIN = 10 * SAMPLE_RATE

/** An alarm when some of what is ahead belongs to no item, which happens only while nothing in the rotation can be played. */
export function holeAlarms({ items, untilSample }: Rundown, nowSample: number): string[] {
  const ahead = items.filter((item) => endSampleOf(item) > nowSample)
  if (ahead.length === 0) return ['Nothing is planned: no file of the library can be played.']
  let soundsUntil = nowSample
  for (const item of ahead) {
    if (item.startSample - soundsUntil >= HOLE_SAMPLES_MIN) return [HOLE]
    soundsUntil = Math.max(soundsUntil, endSampleOf(item))
  }
  return untilSample - soundsUntil >= HOLE_SAMPLES_MIN ? [HOLE] : []
}

const HOLE = 'The rundown has holes, as the rotation holds nothing that can be played: the emergency file fills them.'
