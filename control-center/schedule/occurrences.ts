import type { FixedItem, Programme, Show, Weekday } from '../../schemas/station.ts'
import { originsOf } from './origins.ts'
import { instantsOf, type LocalMs, localDays, nextValidInstant, type OffsetSpan, offsetSpans } from './zone-offsets.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const WEEKDAYS: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

export type ShowOccurrence = {
  show: Show
  origin: string
  startMs: number
  endMs: number
  /** Its own time was skipped by a clock change; a show that starts in its own time goes before it. */
  isShifted: boolean
}

export type FixedOccurrence = { item: FixedItem; origin: string; atMs: number }

export type Occurrences = {
  /** In order of their start. They may overlap. */
  shows: ShowOccurrence[]
  /** In order of their instant, then as in the station file. */
  fixed: FixedOccurrence[]
}

/**
 * What the weekly grid means between two instants (milliseconds since the epoch), in the station's zone. Shows that overlap
 * [fromMs, untilMs), fixed items within it. Throws on a zone that does not exist.
 *
 * Around clock changes: a show whose start is skipped begins at the moment of the change (or not at all, by its policy), and ends at
 * its written time, or when that is over too, lasts as long as written. One whose start comes twice takes the first, the second or
 * both, and lasts as long as written; others end the first time that their end is shown. A fixed item at a time of day follows
 * shift and first; an hourly one sounds whenever the clocks show its minute: twice in a repeated hour. On a day that a zone
 * leaves out nothing takes place.
 */
export function expandOccurrences(programme: Programme, zone: string, fromMs: number, untilMs: number): Occurrences {
  const spans = offsetSpans(zone, fromMs, untilMs)
  const days = localDays(spans)
  const origins = originsOf(programme)
  const shows = programme.shows.flatMap((show, index) =>
    daysOf(days, show.days).flatMap((day) => occurrencesOfShow(show, origins.shows[index]!, day, spans)),
  )
  const fixed = programme.fixed.flatMap((item, index) =>
    instantsOfFixed(item, days, spans).map((atMs) => ({ item, origin: origins.fixed[index]!, atMs })),
  )
  return {
    shows: shows
      .filter(({ startMs, endMs }) => startMs < untilMs && endMs > fromMs)
      .sort((a, b) => a.startMs - b.startMs),
    fixed: fixed.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs).sort((a, b) => a.atMs - b.atMs),
  }
}

function occurrencesOfShow(show: Show, origin: string, day: LocalMs, spans: readonly OffsetSpan[]): ShowOccurrence[] {
  const start = day + msOfTimeOfDay(show.start)
  const sameDayEnd = day + msOfTimeOfDay(show.end)
  const end = sameDayEnd > start ? sameDayEnd : sameDayEnd + DAY_MS
  const starts = instantsOf(start, spans)
  if (!reaches(spans, end)) return []
  if (starts.length === 0) {
    if (show.whenSkippedBySpring === 'skip' || start < firstLocal(spans)) return []
    const startMs = nextValidInstant(start, spans)
    const endMs = firstInstantAfter(startMs, end, spans)
    return [{ show, origin, startMs, endMs: endMs > startMs ? endMs : startMs + (end - start), isShifted: true }]
  }
  if (starts.length === 1) {
    const startMs = starts[0]!
    return [{ show, origin, startMs, endMs: firstInstantAfter(startMs, end, spans), isShifted: false }]
  }
  const chosen = { first: starts.slice(0, 1), second: starts.slice(-1), both: starts }[show.whenDoubledByAutumn]
  return chosen.map((startMs) => ({ show, origin, startMs, endMs: startMs + (end - start), isShifted: false }))
}

/** The first time after `startMs` that the clocks show the end; a skipped end is the moment of the change. */
function firstInstantAfter(startMs: number, end: LocalMs, spans: readonly OffsetSpan[]): number {
  return instantsOf(end, spans).find((atMs) => atMs > startMs) ?? nextValidInstant(end, spans)
}

function instantsOfFixed(item: FixedItem, days: readonly LocalMs[], spans: readonly OffsetSpan[]): number[] {
  if ('everyHourAt' in item.at) {
    const past = msOfTimeOfDay(`00:${item.at.everyHourAt}`)
    return spans.flatMap((span) => hourlyInstants(span, past))
  }
  const time = msOfTimeOfDay(item.at.time)
  return daysOf(days, item.at.days ?? WEEKDAYS).flatMap((day) => {
    const local = day + time
    if (local < firstLocal(spans) || !reaches(spans, local)) return []
    return [instantsOf(local, spans)[0] ?? nextValidInstant(local, spans)]
  })
}

function hourlyInstants({ fromMs, untilMs, offsetMs }: OffsetSpan, pastTheHourMs: number): number[] {
  const instants: number[] = []
  const firstHour = Math.ceil((fromMs + offsetMs - pastTheHourMs) / HOUR_MS) * HOUR_MS
  for (let atMs = firstHour + pastTheHourMs - offsetMs; atMs < untilMs; atMs += HOUR_MS) instants.push(atMs)
  return instants
}

const daysOf = (days: readonly LocalMs[], wanted: readonly Weekday[]): LocalMs[] =>
  days.filter((day) => wanted.includes(WEEKDAYS[new Date(day).getUTCDay()]!))

/** `07:30`, `07:30:15` or `24:00` in milliseconds since midnight. */
function msOfTimeOfDay(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number)
  return ((hours * 60 + minutes) * 60 + seconds) * 1000
}

const firstLocal = (spans: readonly OffsetSpan[]): LocalMs => spans[0]!.fromMs + spans[0]!.offsetMs

function reaches(spans: readonly OffsetSpan[], local: LocalMs): boolean {
  const last = spans[spans.length - 1]!
  return local < last.untilMs + last.offsetMs
}
