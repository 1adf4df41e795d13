import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { whyOff } from '../../../control-center/live/relay-out-state.ts'
import type { AuditAnswer } from '../../../schemas/accounts.ts'
import type { StatusAnswer } from '../../../schemas/api.ts'
import type { RelayOutAnswer, RelayOutView, RelaysOutAnswer } from '../../../schemas/api-live.ts'
import type { ErrorAnswer } from '../../../schemas/errors.ts'
import { eventually } from '../support/eventually.ts'
import { type Browser, makeFirstAdmin, signedIn } from '../support/people.ts'
import { joinNode, type Station, startStation } from '../support/station.ts'

const STREAM_NAME = 'live_4711_very-secret-stream-name'
const ALL_DAY = `programme:
  shows:
    - { name: All Day, start: '00:00', end: '24:00', source: { folder: day } }
    - { name: Never, days: [mon], start: '00:00', end: '00:01', source: { folder: day } }
`
/** The second show is on for a minute a week; this is not it. */
const isMondayMidnight = (): boolean => /^Mon.* 00:0/.test(new Date().toString())

describe('a relay out', () => {
  let station: Station
  let admin: Browser
  let made: RelayOutView
  beforeAll(async () => {
    station = await startStation({ stationFile: ALL_DAY })
    admin = await makeFirstAdmin(station)
    await joinNode(station.url, 'slicer-1').then(({ die }) => die())
  })
  afterAll(() => station.end())
  const list = async () => (await admin.get<RelaysOutAnswer>('/api/relays-out')).relaysOut
  const foreign = () => station.playout.held.targets?.targets.filter(({ pushKey }) => pushKey === null)
  const change = async (body: unknown) =>
    (await admin.change<RelayOutAnswer>('PATCH', `/api/relays-out/${made.id}`, body)).relayOut
  const refusal = async (method: string, path: string, body?: unknown): Promise<[number, string]> => {
    const answer = await admin.ask(method, path, body)
    return [answer.status, ((await answer.json()) as ErrorAnswer).error]
  }

  it('is pushed to within a moment, beside the slicers, under its stream name; which nobody is shown again', async () => {
    const asked = { name: 'Other Platform', url: 'rtmps://live.example.org/app', streamName: STREAM_NAME }
    made = (await admin.change<RelayOutAnswer>('POST', '/api/relays-out', asked)).relayOut
    expect(made).toMatchObject({
      ...{ name: 'Other Platform', rendition: 'high', enabled: true, shows: null },
      ...{ streamNameMasked: '…me', state: 'unknown' },
    })
    await eventually(foreign).toEqual([
      {
        ...{ id: `out.${made.id}`, url: asked.url, pushKey: null, renditions: ['high'], generation: 0 },
        streamName: STREAM_NAME,
      },
    ])
    expect(station.playout.targetIds()[0]).toBe('slicer-1')
    const seen = [await list(), await station.get('/api/status'), await admin.get<AuditAnswer>('/api/audit')]
    expect(JSON.stringify(seen)).not.toContain('secret')
    const audit = readdirSync(join(station.folder, 'control-center/audit'))
    for (const file of audit)
      expect(readFileSync(join(station.folder, 'control-center/audit', file), 'utf8')).not.toContain('secret')
  })

  it('is shown as playout says that it stands, and as not known while playout is silent', async () => {
    const counters = { queuedBytes: 10, framesSent: 4711, framesDropped: 12 }
    const id = `out.${made.id}`
    station.playout.statuses.push({ id, rendition: 'high', state: 'waiting', reason: 'it refuses', ...counters })
    await eventually(async () => (await list())[0]).toMatchObject({
      state: 'waiting',
      reason: 'it refuses',
      ...counters,
    })
    await station.playout.stop()
    await eventually(async () => (await list())[0]).toMatchObject({ state: 'unknown', reason: 'Playout is not heard.' })
    await station.playout.start()
    await eventually(async () => (await list())[0]!.state).toBe('waiting')
    const { alarms } = await station.get<StatusAnswer>('/api/status')
    expect(alarms.filter((alarm) => alarm.includes('it refuses'))).toEqual([])
  })

  it('is pushed to only while one of its shows is on, and while it is switched on', async () => {
    expect(await change({ shows: ['All Day'] })).toMatchObject({ state: 'waiting' })
    if (!isMondayMidnight()) {
      expect(await change({ shows: ['Never'] })).toMatchObject({
        ...{ state: 'off', reason: 'None of its shows is on: Never.' },
      })
      await eventually(foreign).toEqual([])
    }
    expect((await change({ shows: null, enabled: false })).reason).toBe('It is switched off.')
    await eventually(foreign).toEqual([])
    await change({ enabled: true, streamName: 'another-name', rendition: 'low' })
    await eventually(() => foreign()?.[0]).toMatchObject({ streamName: 'another-name', renditions: ['low'] })
  })

  it('that makes no sense is refused with a sentence; only operators may have one', async () => {
    const asked = { name: 'X', url: 'rtmp://host/app', streamName: 'key' }
    const path = '/api/relays-out'
    expect(await refusal('POST', path, { ...asked, url: 'http://host/app' })).toEqual([400, 'request-invalid'])
    expect(await refusal('POST', path, { ...asked, url: 'rtmp://user:secret@host/app' })).toEqual([
      400,
      'request-invalid',
    ])
    expect(await refusal('POST', path, { ...asked, rendition: 'huge' })).toEqual([409, 'relay-conflict'])
    expect(await refusal('POST', path, { ...asked, shows: ['Nobody'] })).toEqual([409, 'relay-conflict'])
    expect(await refusal('PATCH', `${path}/nobody`, { enabled: true })).toEqual([404, 'relay-unknown'])
    const anchor = await signedIn(admin, station.url, 'Anna Anchor', ['anchor'])
    expect((await anchor.browser.ask('POST', path, asked)).status).toBe(403)
  })

  it('outlives a restart, with Redis dead, and the loss of the disk', async () => {
    const before = await list()
    await station.stopCenter()
    await station.redis.kill()
    await station.startCenter()
    await eventually(async () => (await list())[0]!.state).toBe('unknown')
    expect((await list()).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    await station.redis.start()
    await station.stopCenter()
    rmSync(join(station.folder, 'control-center/relays-out.json'))
    await station.startCenter()
    await eventually(async () => (await list()).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    await admin.change('DELETE', `/api/relays-out/${made.id}`)
    await eventually(foreign).toEqual([])
    expect(await list()).toEqual([])
  })
})

it('of several shows one is enough', () => {
  const relayOut = {
    ...{ id: 'a', name: 'A', url: 'rtmp://a/b', streamName: 's', rendition: 'high', enabled: true },
    shows: ['Morning', 'Evening'],
  }
  expect(whyOff(relayOut, new Set(['Evening']))).toBeNull()
  expect(whyOff(relayOut, new Set(['Noon']))).toContain('Morning, Evening')
  expect(whyOff({ ...relayOut, enabled: false }, new Set(['Evening']))).toContain('switched off')
})
