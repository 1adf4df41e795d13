import { DateTime, IANAZone } from 'luxon'
import { describe, expect, it } from 'vitest'
import { gridSpans } from '../../../control-center/schedule/grid-spans.ts'
import { expandOccurrences, type Occurrences } from '../../../control-center/schedule/occurrences.ts'
import { madeStation } from './made-library.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MUSIC = { folder: 'music' }

function expand(zone: string, programme: object, from: string, days: number): Occurrences {
  const fromMs = DateTime.fromISO(from, { zone }).toMillis()
  return expandOccurrences(madeStation(zone, programme).programme, zone, fromMs, fromMs + days * DAY_MS)
}

const local = (ms: number, zone: string): string =>
  DateTime.fromMillis(ms, { zone }).toFormat("yyyy-MM-dd HH:mm:ss 'UTC'ZZ")

const shownAs = (zone: string, show: object, from: string, days = 1): string[] =>
  expand(zone, { shows: [{ name: 'Show', source: MUSIC, ...show }] }, from, days).shows.map(
    ({ startMs, endMs }) => `${local(startMs, zone)} for ${(endMs - startMs) / 60_000} min`,
  )

const fixedAs = (zone: string, at: object, from: string, days = 1): string[] =>
  expand(zone, { fixed: [{ name: 'Ident', at, source: MUSIC }] }, from, days).fixed.map(({ atMs }) => local(atMs, zone))

describe('a show of the weekly grid', () => {
  it('takes place on its days, at its local time, in winter and in summer', () => {
    const days = { days: ['fri', 'sun'], start: '20:00', end: '22:00' }
    expect(shownAs('Europe/Berlin', days, '2026-03-26T00:00', 5)).toEqual([
      '2026-03-27 20:00:00 UTC+01:00 for 120 min',
      '2026-03-29 20:00:00 UTC+02:00 for 120 min',
    ])
  })

  it('runs over midnight, to 24:00, and around the whole clock', () => {
    expect(shownAs('Europe/Berlin', { days: ['mon'], start: '23:00', end: '01:30' }, '2026-06-02T00:00')).toEqual([
      '2026-06-01 23:00:00 UTC+02:00 for 150 min',
    ])
    expect(shownAs('Asia/Kathmandu', { days: ['mon'], start: '23:15', end: '24:00' }, '2026-06-01T00:00')).toEqual([
      '2026-06-01 23:15:00 UTC+05:45 for 45 min',
    ])
    expect(shownAs('UTC', { days: ['mon'], start: '06:00', end: '06:00' }, '2026-06-01T00:00')).toEqual([
      '2026-06-01 06:00:00 UTC+00:00 for 1440 min',
    ])
  })

  it('is an hour shorter or longer when it runs through a clock change', () => {
    const night = { start: '22:00', end: '06:00' }
    expect(shownAs('Europe/Berlin', night, '2026-03-28T12:00')).toEqual(['2026-03-28 22:00:00 UTC+01:00 for 420 min'])
    expect(shownAs('Europe/Berlin', night, '2026-10-24T12:00')).toEqual(['2026-10-24 22:00:00 UTC+02:00 for 540 min'])
  })

  it('whose start is skipped in spring begins at the change, or does not take place', () => {
    const early = { start: '02:30', end: '03:30' }
    expect(shownAs('Europe/Berlin', early, '2026-03-29T00:00')).toEqual(['2026-03-29 03:00:00 UTC+02:00 for 30 min'])
    const skip = { ...early, whenSkippedBySpring: 'skip' }
    expect(shownAs('Europe/Berlin', skip, '2026-03-29T00:00')).toEqual([])
    expect(shownAs('Europe/Berlin', skip, '2026-03-30T00:00')).toEqual(['2026-03-30 02:30:00 UTC+02:00 for 60 min'])
  })

  it('that is skipped whole lasts as long as written, but gives way to one in its own time', () => {
    const skipped = { name: 'Skipped', start: '02:00', end: '03:00', source: MUSIC }
    expect(shownAs('Europe/Berlin', skipped, '2026-03-29T00:00')).toEqual(['2026-03-29 03:00:00 UTC+02:00 for 60 min'])
    const inTime = { name: 'In time', start: '03:00', end: '03:20', source: MUSIC }
    const { shows } = expand('Europe/Berlin', { shows: [inTime, skipped] }, '2026-03-29T00:00', 1)
    const spans = gridSpans(shows, shows[0]!.startMs, shows[0]!.startMs + HOUR_MS)
    expect(spans.map(({ occurrence, startMs, endMs }) => [occurrence?.show.name, (endMs - startMs) / 60_000])).toEqual([
      ['In time', 20],
      ['Skipped', 40],
    ])
  })

  it('whose start comes twice in autumn takes the first, the second, or both', () => {
    const show = (whenDoubledByAutumn: string) =>
      shownAs('Europe/Berlin', { start: '02:15', end: '02:45', whenDoubledByAutumn }, '2026-10-25T00:00')
    const first = '2026-10-25 02:15:00 UTC+02:00 for 30 min'
    const second = '2026-10-25 02:15:00 UTC+01:00 for 30 min'
    expect(show('first')).toEqual([first])
    expect(show('second')).toEqual([second])
    expect(show('both')).toEqual([first, second])
  })

  it('ends the first time that its end is shown', () => {
    expect(shownAs('Europe/Berlin', { start: '01:30', end: '02:30' }, '2026-10-25T00:00')).toEqual([
      '2026-10-25 01:30:00 UTC+02:00 for 60 min',
    ])
    expect(shownAs('Europe/Berlin', { start: '01:30', end: '02:30' }, '2026-03-29T00:00')).toEqual([
      '2026-03-29 01:30:00 UTC+01:00 for 30 min',
    ])
  })

  it('keeps its time on Lord Howe Island, where the change is half an hour', () => {
    const show = { start: '01:45', end: '02:45' }
    expect(shownAs('Australia/Lord_Howe', show, '2026-04-05T00:00')).toEqual([
      '2026-04-05 01:45:00 UTC+11:00 for 60 min',
    ])
    const skipped = { start: '02:10', end: '03:00' }
    expect(shownAs('Australia/Lord_Howe', skipped, '2026-10-04T00:00')).toEqual([
      '2026-10-04 02:30:00 UTC+11:00 for 30 min',
    ])
  })

  it('does not take place on the day that Apia skipped', () => {
    const show = { start: '20:00', end: '21:00' }
    expect(shownAs('Pacific/Apia', show, '2011-12-29T00:00', 2)).toEqual([
      '2011-12-29 20:00:00 UTC-10:00 for 60 min',
      '2011-12-31 20:00:00 UTC+14:00 for 60 min',
    ])
  })

  it('begins at one o’clock where the clocks skip midnight', () => {
    expect(shownAs('America/Santiago', { start: '00:00', end: '02:00' }, '2026-09-05T12:00')).toEqual([
      '2026-09-06 01:00:00 UTC-03:00 for 60 min',
    ])
  })
})

describe('a fixed item', () => {
  it('sounds at real hours: none in the skipped one, two in the repeated one', () => {
    expect(
      fixedAs('Europe/Berlin', { everyHourAt: '00:00' }, '2026-03-29T00:00')
        .slice(0, 4)
        .map((text) => text.slice(11, 16)),
    ).toEqual(['00:00', '01:00', '03:00', '04:00'])
    const autumn = fixedAs('Europe/Berlin', { everyHourAt: '59:45' }, '2026-10-25T01:00')
    expect(autumn.slice(0, 4)).toEqual([
      '2026-10-25 01:59:45 UTC+02:00',
      '2026-10-25 02:59:45 UTC+02:00',
      '2026-10-25 02:59:45 UTC+01:00',
      '2026-10-25 03:59:45 UTC+01:00',
    ])
  })

  it('follows the local hour where it is not a whole one from UTC', () => {
    expect(fixedAs('Asia/Kathmandu', { everyHourAt: '00:00' }, '2026-06-01T00:00')[1]).toBe(
      '2026-06-01 01:00:00 UTC+05:45',
    )
  })

  it('at a time of day comes once: at the change when skipped, the first time when doubled', () => {
    const at = { time: '02:30' }
    expect(fixedAs('Europe/Berlin', at, '2026-03-29T00:00')).toEqual(['2026-03-29 03:00:00 UTC+02:00'])
    expect(fixedAs('Europe/Berlin', at, '2026-10-25T00:00')).toEqual(['2026-10-25 02:30:00 UTC+02:00'])
    expect(fixedAs('UTC', { time: '24:00', days: ['mon'] }, '2026-06-02T00:00')).toEqual([
      '2026-06-02 00:00:00 UTC+00:00',
    ])
  })
})

const ZONES = [
  ...[
    'Europe/Berlin',
    'Europe/London',
    'Europe/Lisbon',
    'Europe/Dublin',
    'Europe/Chisinau',
    'Atlantic/Azores',
    'America/Nuuk',
  ],
  ...[
    'America/New_York',
    'America/Los_Angeles',
    'America/St_Johns',
    'America/Havana',
    'America/Santiago',
    'America/Asuncion',
  ],
  ...[
    'Australia/Sydney',
    'Australia/Adelaide',
    'Australia/Lord_Howe',
    'Pacific/Auckland',
    'Pacific/Chatham',
    'Pacific/Norfolk',
  ],
  ...[
    'Pacific/Easter',
    'Asia/Jerusalem',
    'Asia/Beirut',
    'Africa/Cairo',
    'Africa/Casablanca',
    'Africa/El_Aaiun',
    'Antarctica/Troll',
  ],
  ...['Asia/Kathmandu', 'Asia/Kolkata', 'Asia/Tokyo', 'Pacific/Apia', 'Pacific/Kiritimati', 'Pacific/Marquesas', 'UTC'],
]

const offsetMinutes = (zone: string, ms: number): number => (zone === 'UTC' ? 0 : IANAZone.create(zone).offset(ms))

/** `2026-03-29 03:00 +120`: what the clocks of the zone show, by the runtime's own calendar. */
function shownAt(ms: number, zone: string): string {
  const offset = offsetMinutes(zone, ms)
  return `${new Date(ms + offset * 60_000).toISOString().slice(0, 16).replace('T', ' ')} ${offset}`
}

/** Noon (UTC) before each day in which the zone changes its clocks, and one ordinary day. */
function daysToTry(zone: string): number[] {
  const days = [Date.UTC(2026, 5, 15, 12)]
  for (let ms = Date.UTC(2026, 0, 1, 12); ms < Date.UTC(2029, 0, 1); ms += DAY_MS)
    if (offsetMinutes(zone, ms) !== offsetMinutes(zone, ms + DAY_MS)) days.push(ms)
  return days
}

it('tries all six changes in Berlin, and those around Ramadan in Casablanca', () => {
  expect(daysToTry('Europe/Berlin')).toHaveLength(1 + 6)
  expect(daysToTry('Africa/Casablanca').length).toBeGreaterThan(1 + 4)
})

describe.each(ZONES)('every clock change of %s from 2026 to 2028', (zone) => {
  it('leaves shows at their local time and idents at every real hour', () => {
    const starts = ['00:00', '00:30', '01:00', '01:45', '02:00', '02:30', '03:00', '05:15', '23:30']
    const shows = starts.map((start) => ({
      name: start,
      start,
      end: '24:00',
      source: MUSIC,
      whenSkippedBySpring: 'skip',
    }))
    const fixed = [{ name: 'Ident', at: { everyHourAt: '00:00' }, source: MUSIC }]
    const { programme } = madeStation(zone, { shows, fixed })
    for (const fromMs of daysToTry(zone)) {
      const untilMs = fromMs + 2 * DAY_MS
      const found = expandOccurrences(programme, zone, fromMs, untilMs)
      const wanted: string[] = []
      const hours: string[] = []
      for (let atMs = fromMs; atMs < untilMs; atMs += 15 * 60_000) {
        const shown = shownAt(atMs, zone)
        const time = shown.slice(11, 16)
        const isRepeated = wanted.some((other) => other.slice(0, 16) === shown.slice(0, 16))
        if (starts.includes(time) && !isRepeated) wanted.push(shown)
        if (time.endsWith(':00')) hours.push(shown)
      }
      const begun = found.shows.filter(({ startMs }) => startMs >= fromMs).map(({ startMs }) => shownAt(startMs, zone))
      expect(begun).toEqual(wanted)
      expect(found.fixed.map(({ atMs }) => shownAt(atMs, zone))).toEqual(hours)
    }
  })
})
