import { IANAZone } from 'luxon'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Two changes of a zone's offset never lie closer together than this. */
const STEP_MS = 3 * HOUR_MS

/** A stretch of time with one offset from UTC; local time = instant + offset. */
export type OffsetSpan = { fromMs: number; untilMs: number; offsetMs: number }

/** A local date and time written as if it were UTC, in milliseconds. */
export type LocalMs = number

/** The offsets of a zone around [fromMs, untilMs), with two days of margin on both sides. Throws on a zone that does not exist. */
export function offsetSpans(zoneName: string, fromMs: number, untilMs: number): OffsetSpan[] {
  const zone = zoneName.toUpperCase() === 'UTC' ? null : IANAZone.create(zoneName)
  if (zone && !zone.isValid) throw new Error(`there is no time zone named ${zoneName}`)
  const offsetAt = (ms: number): number => (zone ? Math.round(zone.offset(ms) * 60_000) : 0)
  const endMs = untilMs + 2 * DAY_MS
  let startMs = fromMs - 2 * DAY_MS
  let offsetMs = offsetAt(startMs)
  const spans: OffsetSpan[] = []
  for (let probedMs = startMs; probedMs < endMs; probedMs += STEP_MS) {
    if (offsetAt(probedMs + STEP_MS) === offsetMs) continue
    const changeMs = changeBetween(probedMs, probedMs + STEP_MS, offsetAt)
    spans.push({ fromMs: startMs, untilMs: changeMs, offsetMs })
    startMs = changeMs
    offsetMs = offsetAt(changeMs)
  }
  return [...spans, { fromMs: startMs, untilMs: endMs + STEP_MS, offsetMs }]
}

/** The first instant after `lowMs` at which the offset is another one, to the second. */
function changeBetween(lowMs: number, highMs: number, offsetAt: (ms: number) => number): number {
  const before = offsetAt(lowMs)
  let low = Math.floor(lowMs / 1000)
  let high = Math.ceil(highMs / 1000)
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(middle * 1000) === before) low = middle
    else high = middle
  }
  return high * 1000
}

/** The instants at which a zone's clocks show a local time: one, none in a spring change, two in an autumn change. */
export function instantsOf(localMs: LocalMs, spans: readonly OffsetSpan[]): number[] {
  return spans
    .map((span) => ({ span, atMs: localMs - span.offsetMs }))
    .filter(({ span, atMs }) => atMs >= span.fromMs && atMs < span.untilMs)
    .map(({ atMs }) => atMs)
}

/** The first instant whose local time is not before `localMs`: for a skipped time, the moment of the change. */
export function nextValidInstant(localMs: LocalMs, spans: readonly OffsetSpan[]): number {
  for (const span of spans) {
    const atMs = Math.max(span.fromMs, localMs - span.offsetMs)
    if (atMs < span.untilMs) return atMs
  }
  throw new Error('the local time lies outside the offsets that were looked up')
}

/** The calendar days (local midnights) that the spans touch. A day that a zone skipped altogether is not among them. */
export function localDays(spans: readonly OffsetSpan[]): LocalMs[] {
  const days = new Set<LocalMs>()
  for (const { fromMs, untilMs, offsetMs } of spans) {
    const first = Math.floor((fromMs + offsetMs) / DAY_MS) * DAY_MS
    for (let day = first; day < untilMs + offsetMs; day += DAY_MS) days.add(day)
  }
  return [...days].sort((a, b) => a - b)
}
