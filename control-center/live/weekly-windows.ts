import type { LiveWindow } from '../../schemas/live.ts'
import type { Relay, Show } from '../../schemas/station.ts'
import { expandOccurrences } from '../schedule/occurrences.ts'

export type WeeklySlot = Relay['shows'][number]

/**
 * The spans that weekly slots make around [fromMs, untilMs), whole, in order, joined where they touch. In the station's zone, as the shows
 * of the grid: a slot that a clock change skips moves behind it, one that it doubles holds twice. Throws on a zone that does not exist.
 */
export function weeklyWindows(
  slots: readonly WeeklySlot[],
  timeZone: string,
  fromMs: number,
  untilMs: number,
): LiveWindow[] {
  const shows = slots.map(asShow)
  const occurrences = expandOccurrences({ rotation: { order: 'shuffle' }, shows, fixed: [] }, timeZone, fromMs, untilMs)
  return joined(occurrences.shows.map(({ startMs, endMs }) => ({ fromMs: startMs, untilMs: endMs })))
}

/** Windows that overlap or touch become one: who has the air all day is not cut at midnight. */
export function joined(windows: readonly LiveWindow[]): LiveWindow[] {
  const result: LiveWindow[] = []
  for (const window of [...windows].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = result.at(-1)
    if (last && window.fromMs <= last.untilMs) last.untilMs = Math.max(last.untilMs, window.untilMs)
    else if (window.untilMs > window.fromMs) result.push({ ...window })
  }
  return result
}

const asShow = (slot: WeeklySlot): Show => ({
  ...slot,
  name: 'slot',
  source: { file: 'none' },
  order: 'shuffle',
  whenSkippedBySpring: 'shift',
  whenDoubledByAutumn: 'both',
  waitSecondsMax: 0,
})
