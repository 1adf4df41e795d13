import { describe, expect, it } from 'vitest'
import { type GrantedKey, grantsOf } from '../../../control-center/live/grants.ts'
import { started, stillInForce, stopped } from '../../../control-center/live/on-demand.ts'
import { relayKeyIds } from '../../../control-center/live/relay-keys.ts'
import { joined, weeklyWindows } from '../../../control-center/live/weekly-windows.ts'
import { defaultStation } from '../../../platform/station-file.ts'
import type { Relay, StationFile } from '../../../schemas/station.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const ALL_DAYS: Relay['shows'][number]['days'] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const at = (text: string): number => Date.parse(text)
const local = (ms: number): string => new Date(ms).toISOString()

const station = (relays: Relay[] = []): StationFile => {
  const file = defaultStation()
  return { ...file, timeZone: 'Europe/Berlin', live: { ...file.live, relays } }
}
const key = (keyId: string, slots: GrantedKey['slots'] = null): GrantedKey => ({
  ...{ keyId, anchorId: 'person-1', name: 'Anna', keySha256: 'a'.repeat(64), signingKey: 's', goLive: 'manual' },
  ...{ slots, srt: null },
})
const news: Relay = {
  name: 'Partner News',
  url: 'https://partner.example.org/live.mp3',
  shows: [{ days: ['fri'], start: '20:00', end: '21:00' }],
}

describe('weekly slots', () => {
  it('are windows in the zone of the station, an end before the start being on the next day', () => {
    const windows = weeklyWindows(
      [{ days: ['fri', 'sat'], start: '22:00', end: '02:00' }],
      'Europe/Berlin',
      at('2026-11-20T12:00Z'),
      at('2026-11-22T12:00Z'),
    )
    expect(windows.map(({ fromMs, untilMs }) => [local(fromMs), local(untilMs)])).toEqual([
      ['2026-11-20T21:00:00.000Z', '2026-11-21T01:00:00.000Z'],
      ['2026-11-21T21:00:00.000Z', '2026-11-22T01:00:00.000Z'],
    ])
  })

  it('move out of the hour that spring leaves out, and hold in both of the hours that autumn has twice', () => {
    const slot = [{ days: ALL_DAYS, start: '02:15', end: '02:45' }]
    const spring = weeklyWindows(slot, 'Europe/Berlin', at('2026-03-28T12:00Z'), at('2026-03-29T12:00Z'))
    expect(spring.map(({ fromMs }) => local(fromMs))).toEqual(['2026-03-29T01:00:00.000Z'])
    const autumn = weeklyWindows(slot, 'Europe/Berlin', at('2026-10-24T12:00Z'), at('2026-10-25T12:00Z'))
    expect(autumn.map(({ fromMs }) => local(fromMs))).toEqual(['2026-10-25T00:15:00.000Z', '2026-10-25T01:15:00.000Z'])
  })

  it('that touch are one window: nobody is cut at midnight', () => {
    const fromMs = at('2026-11-20T12:00Z')
    const slots = [{ days: ALL_DAYS, start: '00:00', end: '24:00' }]
    const windows = weeklyWindows(slots, 'Europe/Berlin', fromMs, fromMs + 2 * DAY_MS)
    expect(windows).toHaveLength(1)
    expect(windows[0]!.untilMs - windows[0]!.fromMs).toBe(3 * DAY_MS)
    expect(joined([{ fromMs: 5, untilMs: 5 }])).toEqual([])
  })
})

describe('grants', () => {
  const nowMs = at('2026-11-20T12:00Z')

  it('of an anchor without slots hold always; with slots for two days ahead; an anchor may finish', () => {
    const slots = [{ days: ALL_DAYS, start: '20:00', end: '22:00' }]
    const [always, limited] = grantsOf([key('key-1'), key('key-2', slots)], station(), {}, nowMs)
    expect(always).toMatchObject({ windows: null, endsWithWindow: false, kind: 'anchor', relayUrl: null })
    expect(limited!.windows!.map(({ fromMs }) => local(fromMs))).toEqual([
      '2026-11-20T19:00:00.000Z',
      '2026-11-21T19:00:00.000Z',
    ])
  })

  it('stay the same while nothing comes into sight and nothing goes by', () => {
    const slots = [{ days: ALL_DAYS, start: '20:00', end: '22:00' }]
    const of = (ms: number) => grantsOf([key('key-2', slots), key('key-1')], station([news]), {}, ms)
    expect(of(nowMs + 60_000)).toEqual(of(nowMs))
    expect(of(nowMs + 12 * HOUR_MS)).not.toEqual(of(nowMs))
  })

  it('of a relay go on air by themselves, within its shows alone', () => {
    const [relay] = grantsOf([], station([news]), {}, nowMs)
    expect(relay).toMatchObject({
      ...{ kind: 'relay', goLive: 'automatic', endsWithWindow: true, relayUrl: news.url, keySha256: null },
      windows: [{ fromMs: at('2026-11-20T19:00Z'), untilMs: at('2026-11-20T20:00Z') }],
    })
  })
})

describe('a relay on demand', () => {
  const nowMs = at('2026-11-20T12:00Z')
  const showMs = at('2026-11-20T19:30Z')
  const [keyId] = relayKeyIds([news])
  const windowsAt = (ms: number, orders: Parameters<typeof grantsOf>[2]) =>
    grantsOf([], station([news]), orders, ms)[0]!.windows!
  const isOn = (ms: number, orders: Parameters<typeof grantsOf>[2]): boolean =>
    windowsAt(ms, orders).some(({ fromMs, untilMs }) => fromMs <= ms && ms < untilMs)
  const own = (ms: number) => weeklyWindows(news.shows, 'Europe/Berlin', ms, ms + 1)

  it('has an id that comes of its name: other names, other ids, in any script', () => {
    expect(keyId).toMatch(/^relay-partner-news-[0-9a-f]{8}$/)
    const ids = relayKeyIds([news, { name: 'Новости' }, { name: 'partner news' }, news, { name: 'x'.repeat(100) }])
    expect(new Set(ids).size).toBe(5)
    expect(ids[0]).toBe(keyId)
    for (const id of ids) expect(id).toMatch(/^[a-z0-9][a-z0-9-]{0,62}$/)
  })

  it('started by hand it is on until it is stopped, or until the instant that was said', () => {
    const orders = started({}, keyId!, nowMs, null)
    expect(isOn(nowMs, orders)).toBe(true)
    expect(isOn(nowMs + 30 * DAY_MS, orders)).toBe(true)
    expect(isOn(nowMs + 1_000, stopped(orders, keyId!, own(nowMs), nowMs + 1_000))).toBe(false)
    const hour = started({}, keyId!, nowMs, nowMs + HOUR_MS)
    expect([isOn(nowMs + HOUR_MS - 1, hour), isOn(nowMs + HOUR_MS, hour)]).toEqual([true, false])
  })

  it('stopped within its show it stays off for the rest of it, and is there for the next one', () => {
    const orders = stopped(started({}, keyId!, nowMs, null), keyId!, own(showMs), showMs)
    expect(isOn(showMs, orders)).toBe(false)
    expect(isOn(showMs + 29 * 60_000, orders)).toBe(false)
    expect(isOn(showMs + 7 * DAY_MS, orders)).toBe(true)
    expect(isOn(showMs, started(orders, keyId!, showMs, null))).toBe(true)
    expect(stillInForce(orders, [keyId!], showMs + HOUR_MS)).toEqual({})
    expect(stillInForce(orders, [], showMs)).toEqual({})
  })
})
