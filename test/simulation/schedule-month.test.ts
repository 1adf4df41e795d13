import { DateTime } from 'luxon'
import { beforeAll, describe, expect, it } from 'vitest'
import { freshCursors, type PlanCursors } from '../../control-center/schedule/cursors.ts'
import { committedItems, planRundown } from '../../control-center/schedule/plan.ts'
import { msOfSample, SAMPLE_RATE, sampleAtMs } from '../../media/timeline.ts'
import type { Rundown, RundownItem } from '../../schemas/rundown.ts'
import { madeLibrary, madePlayable, madeSongs, madeStation, seconds } from '../control-center/schedule/made-library.ts'
import { endOf, flawsOf } from '../control-center/schedule/rundown-checks.ts'

const HOUR_MS = 3_600_000
const DAYS = 30

const library = madeLibrary({
  music: madeSongs('/m/music', 1_500, 200),
  evening: madeSongs('/m/evening', 150, 40),
  serial: Array.from({ length: 40 }, (_, part) =>
    madePlayable(`/m/serial/${String(part).padStart(2, '0')}.mp3`, 28 * 60),
  ),
  'mix.mp3': [madePlayable('/m/mix.mp3', 4 * 3600)],
  jingles: [madePlayable('/m/j/1.wav', 5), madePlayable('/m/j/2.wav', 7)],
  'ident.wav': [madePlayable('/m/ident.wav', 8)],
  'weather.wav': [madePlayable('/m/weather.wav', 40)],
})

const programme = {
  rotation: { source: { folder: 'music' } },
  jingles: { source: { folder: 'jingles' }, everyItems: 4 },
  shows: [
    { name: 'Evening', start: '20:15', end: '22:15', source: { folder: 'evening' } },
    { name: 'Serial', start: '18:30', end: '19:00', order: 'in-order', source: { folder: 'serial' } },
    {
      name: 'Night',
      days: ['sat', 'sun'],
      start: '23:30',
      end: '02:30',
      source: { folder: 'evening' },
      waitSecondsMax: 120,
    },
    { name: 'Mix', days: ['fri'], start: '14:00', end: '17:00', source: { file: 'mix.mp3' } },
    { name: 'Early', start: '02:30', end: '03:15', source: { folder: 'evening' }, whenDoubledByAutumn: 'both' },
  ],
  fixed: [
    { name: 'Top of the hour', at: { everyHourAt: '00:00' }, source: { file: 'ident.wav' } },
    {
      name: 'Weather',
      at: { time: '07:30:15', days: ['mon', 'tue', 'wed', 'thu', 'fri'] },
      source: { file: 'weather.wav' },
      waitSecondsMax: 90,
    },
  ],
}

/** Thirty days, planned anew every few hours for the next 24, of which each time only what was committed is played. */
function playMonth(
  timeZone: string,
  from: string,
  everyHours: number,
): { played: RundownItem[]; fromMs: number; untilMs: number } {
  const station = madeStation(timeZone, programme)
  const fromMs = DateTime.fromISO(from, { zone: timeZone }).toMillis()
  const untilMs = fromMs + DAYS * 24 * HOUR_MS
  const played = new Map<string, RundownItem>()
  let cursors: PlanCursors = freshCursors
  let rundown: Rundown | null = null
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += everyHours * HOUR_MS - 1_234) {
    const keep: RundownItem[] = rundown ? committedItems(rundown, nowMs) : []
    for (const item of keep) played.set(item.id, item)
    const [fromSample, untilSample] = [sampleAtMs(nowMs), sampleAtMs(nowMs + 24 * HOUR_MS)]
    const plan = planRundown({
      station,
      library,
      fromSample,
      untilSample,
      keep,
      cursors,
      version: played.size + 1,
      nowMs,
    })
    cursors = plan.cursors
    rundown = plan.rundown
  }
  return { played: [...played.values()].sort((a, b) => a.startSample - b.startSample), fromMs, untilMs }
}

describe.each([
  ['Europe/Berlin in spring', 'Europe/Berlin', '2026-03-10T00:00', 1],
  ['Europe/Berlin in autumn', 'Europe/Berlin', '2026-10-05T00:00', 5],
  ['Australia/Sydney in its autumn', 'Australia/Sydney', '2026-03-20T00:00', 5],
  ['Australia/Sydney in its spring', 'Australia/Sydney', '2026-09-20T00:00', 5],
])('thirty days of schedule: %s', (_, timeZone, from, everyHours) => {
  let played: RundownItem[] = []
  let [fromMs, untilMs] = [0, 0]
  beforeAll(() => {
    const month = playMonth(timeZone, from, everyHours)
    played = month.played
    fromMs = month.fromMs
    untilMs = month.untilMs
  }, 120_000)
  const local = (ms: number): DateTime => DateTime.fromMillis(Math.round(ms), { zone: timeZone })

  it('has no hole and no overlap but fades', () => {
    expect(played[0]!.startSample).toBe(sampleAtMs(fromMs))
    expect(endOf(played.at(-1)!)).toBeGreaterThan(sampleAtMs(untilMs - 8 * HOUR_MS))
    expect(flawsOf(played, seconds(3))).toEqual([])
  })

  it('sounds the ident at each of its 720 hours, on the sample, on the last day as on the first', () => {
    const idents = played.filter(({ path }) => path === '/m/ident.wav')
    const last = Math.floor((msOfSample(endOf(played.at(-1)!)) - fromMs) / HOUR_MS)
    expect(last).toBeGreaterThan(DAYS * 24 - 9)
    expect(idents.slice(0, last).map(({ startSample }) => startSample)).toEqual(
      Array.from({ length: last }, (_, hour) => sampleAtMs(fromMs + hour * HOUR_MS)),
    )
  })

  it('waits for the song before the weather for at most 90 s', () => {
    const weather = played.filter(({ path }) => path === '/m/weather.wav')
    expect(weather.length).toBeGreaterThan(18)
    for (const { startSample, fixed } of weather) {
      expect(local(fixed!.atMs).toFormat('HH:mm:ss')).toBe('07:30:15')
      expect(startSample - sampleAtMs(fixed!.atMs)).toBeGreaterThanOrEqual(0)
      expect(startSample - sampleAtMs(fixed!.atMs)).toBeLessThanOrEqual(seconds(90))
    }
  })

  it('begins each show at its local time, before and after the change', () => {
    const firstOf = (show: string): RundownItem[] =>
      played.filter((item) => item.show === show && item.anchored && item.id.split('.')[2] === '0')
    const times = (show: string): string[] =>
      firstOf(show).map(({ startSample }) => local(msOfSample(startSample)).toFormat('HH:mm:ss.SSS'))
    expect(times('Evening').length).toBeGreaterThanOrEqual(29)
    expect(new Set(times('Evening'))).toEqual(new Set(['20:15:00.000']))
    expect(new Set(times('Serial'))).toEqual(new Set(['18:30:00.000']))
    for (const { startSample, fixed } of firstOf('Night')) {
      expect(local(fixed!.atMs).toFormat('HH:mm')).toBe('23:30')
      expect(startSample - sampleAtMs(fixed!.atMs)).toBeLessThanOrEqual(seconds(120))
    }
    const early = firstOf('Early').map(({ startSample }) => local(msOfSample(startSample)))
    for (const start of early) if (start.hour !== 3) expect(start.toFormat('HH:mm')).toBe('02:30')
    const days = early.map((start) => start.toISODate())
    const changesBack = local(fromMs).offset > local(untilMs).offset
    expect(days.length - new Set(days).size).toBe(changesBack ? 1 : 0)
  })

  it('plays the serial in order, one part a day', () => {
    const parts = played.filter(({ show }) => show === 'Serial').map(({ path }) => Number(path.slice(-6, -4)))
    expect(parts.slice(0, 29).filter((part, index) => index % 2 === 0 && part !== parts[index])).toEqual([])
    const distinct = parts.filter((part, index) => part !== parts[index - 1])
    expect(distinct).toEqual(distinct.map((_, index) => index % 40))
    expect(distinct.length).toBeGreaterThan(29)
  })

  it('goes on with the Friday mix after each ident', () => {
    const mixes = new Map<string, RundownItem[]>()
    for (const item of played.filter(({ show }) => show === 'Mix')) {
      const day = item.id.split('.')[1]!
      mixes.set(day, [...(mixes.get(day) ?? []), item])
    }
    expect(mixes.size).toBeGreaterThanOrEqual(4)
    for (const parts of mixes.values()) {
      expect(parts).toHaveLength(3)
      parts.slice(1).forEach(({ cueInSample }, index) => {
        const before = parts[index]!
        expect(cueInSample).toBe(before.cueInSample + before.lengthSamples - before.fadeOutSamples)
      })
    }
  })

  it('keeps songs and artists apart, and ids unique', () => {
    const songs = played.filter(({ kind }) => kind === 'music')
    const lastAt = new Map<string, number>()
    let nearest = Number.POSITIVE_INFINITY
    songs.forEach(({ path }, index) => {
      nearest = Math.min(nearest, index - (lastAt.get(path) ?? Number.NEGATIVE_INFINITY))
      lastAt.set(path, index)
    })
    expect(nearest).toBeGreaterThan(50)
    const together = songs.filter(({ artist }, index) => artist === songs[index - 1]?.artist)
    expect(together).toEqual([])
    const rotation = songs.filter(({ path }) => path.startsWith('/m/music/'))
    expect(new Set(rotation.slice(0, 1_400).map(({ path }) => path)).size).toBeGreaterThan(1_330)
    expect(new Set(played.map(({ id }) => id)).size).toBe(played.length)
  })

  it('cuts little off the songs: on average a few seconds an hour', () => {
    const cutSamples = played
      .filter(({ kind }) => kind === 'music')
      .reduce((sum, { uncutSamples, lengthSamples }) => sum + (uncutSamples ? uncutSamples - lengthSamples : 0), 0)
    expect(cutSamples / SAMPLE_RATE / (DAYS * 24)).toBeLessThan(15)
  })
})
