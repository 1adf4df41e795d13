import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { credentialSha256, ingestKeyOf } from '../../../platform/credentials.ts'
import type { KeyMade } from '../../../schemas/accounts.ts'
import type { RelaysAnswer } from '../../../schemas/api-live.ts'
import type { LiveGrant } from '../../../schemas/live.ts'
import type { NodeBriefing } from '../../../schemas/nodes.ts'
import { eventually } from '../support/eventually.ts'
import { type Browser, makeFirstAdmin, signedIn, tokenOf } from '../support/people.ts'
import { joinNode, type Station, startStation } from '../support/station.ts'

const RELAY = `live:
  bufferMilliseconds: 700
  crossfadeSeconds: 0.25
  relays:
    - name: Partner News
      url: http://user:hunter2@127.0.0.1:9/live.mp3
`
const waysIn = { rtmp: 1935, rtmps: 1936, icecast: 8005, studio: 8007, secure: true }

let station: Station
let admin: Browser
let operator: { authorization: string }
beforeAll(async () => {
  station = await startStation({ stationFile: RELAY })
  admin = await makeFirstAdmin(station)
  operator = await tokenOf(admin, 'operator')
})
afterAll(() => station.end())

const plan = () => station.playout.held.livePlan
const anchors = (grants: readonly LiveGrant[] | undefined): LiveGrant[] =>
  (grants ?? []).filter(({ kind }) => kind === 'anchor')
const post = (path: string, body: unknown = {}): Promise<Response> =>
  fetch(station.url + path, {
    method: 'POST',
    headers: { ...operator, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

describe('who may be heard', () => {
  it('is told to playout and to ingest nodes within moments of a key being made; other nodes hear nothing of it', async () => {
    const anna = await signedIn(admin, station.url, 'Anna Anchor', ['anchor'])
    const ingest = await joinNode(station.url, 'ingest-1', {
      ...{ role: 'ingest', httpPort: 8006, waysIn, packagingVersions: [] },
    })
    const slicer = await joinNode(station.url, 'slicer-1')
    const archive = await joinNode(station.url, 'archive-1', { role: 'archive', httpPort: 8010 })
    const slots = [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], start: '00:00', end: '24:00' }]
    const made = await admin.change<KeyMade>('POST', `/api/people/${anna.id}/keys`, {
      ...{ label: 'OBS', goLive: 'automatic', slots },
      srt: { port: 9001, passphrase: 'correct-horse' },
    })
    await eventually(() => anchors(plan()?.grants).length).toBe(1)
    const [grant] = anchors(plan()!.grants)
    expect(grant).toMatchObject({
      ...{ keyId: made.key.keyId, anchorId: anna.id, name: 'Anna Anchor', goLive: 'automatic', endsWithWindow: false },
      ...{ keySha256: credentialSha256(made.pushKey), srt: { port: 9001, passphrase: 'correct-horse' } },
    })
    expect(grant!.windows).toHaveLength(1)
    expect(plan()).toMatchObject({
      settings: { bufferMs: 700, crossfadeMs: 250, graceMs: 10_000, silenceDbfs: -50, levelLufs: -16 },
      ingests: [{ id: 'ingest-1', url: 'http://127.0.0.1:8006', readKey: ingestKeyOf(ingest.registered.credential) }],
      holdFile: null,
    })
    await eventually(() => ingest.heard.briefing.ingest?.grants).toEqual(plan()!.grants)
    expect(ingest.heard.briefing.ingest!.settings).toEqual(plan()!.settings)
    const silentOf = ({ ingest: _live, playbackSecret: _secret, ...rest }: NodeBriefing): NodeBriefing => rest
    expect(slicer.heard.briefing).toEqual(silentOf(slicer.heard.briefing))
    expect(archive.heard.briefing.archive).toEqual({
      ...{ days: 7, recordingDays: null, minFreeBytes: 2e9, automatic: true, publicUrl: 'http://localhost:8000' },
    })
    expect(archive.heard.briefing.ingest).toBeUndefined()
    await eventually(() => slicer.heard.briefing.peers.map(({ id }) => id)).toEqual(['archive-1', 'ingest-1'])
    for (const node of [ingest, slicer, archive]) node.die()
  })

  it('keeps its version while nothing changes, over a restart too, and with Redis and the accounts on disk gone', async () => {
    const before = structuredClone(plan())
    const puts = () => station.playout.seen.puts.filter((put) => put.startsWith('/live/plan')).length
    const sent = puts()
    await station.stopCenter()
    await station.redis.kill()
    rmSync(join(station.folder, 'control-center/accounts.json'))
    const statuses = station.playout.seen.statuses
    await station.startCenter()
    await eventually(() => station.playout.seen.statuses).toBeGreaterThan(statuses + 3)
    expect(plan()).toEqual(before)
    expect(puts()).toBe(sent)
    // Playout has lost its disk: it is given the last good plan all the same.
    station.playout.held.livePlan = null
    await eventually(() => plan()).toEqual(before)
    await station.redis.start()
    await eventually(async () => (await admin.get<{ people: unknown[] }>('/api/people')).people.length).toBe(2)
    await eventually(() => plan()?.grants).toEqual(before!.grants)
  })

  it('forgets a key that is revoked', async () => {
    const [grant] = anchors(plan()!.grants)
    await admin.change('DELETE', `/api/people/${grant!.anchorId}/keys/${grant!.keyId}`)
    await eventually(() => anchors(plan()?.grants)).toEqual([])
  })
})

describe('a relay without times of its own', () => {
  const relays = () => admin.get<RelaysAnswer>('/api/relays')
  const windows = () => plan()!.grants.find(({ kind }) => kind === 'relay')!.windows

  it('is off until somebody starts it, on after a restart, and off when it is stopped; its password is shown to nobody', async () => {
    const [relay] = (await relays()).relays
    expect(relay).toMatchObject({ name: 'Partner News', windows: [], order: null, sessionId: null })
    expect(JSON.stringify(relay)).not.toContain('hunter2')
    const start = `${station.url}/api/relays/${relay!.keyId}/start`
    expect((await fetch(start, { method: 'POST', headers: operator })).status).toBe(200)
    await eventually(windows).toHaveLength(1)
    const started = structuredClone(windows())
    await station.stopCenter()
    await station.startCenter()
    expect((await relays()).relays[0]).toMatchObject({ order: 'start', windows: started })
    expect((await post(`/api/relays/${relay!.keyId}/stop`)).status).toBe(200)
    await eventually(windows).toEqual([])
    expect((await post('/api/relays/relay-of-nobody/stop')).status).toBe(404)
    expect((await post(`/api/relays/${relay!.keyId}/start`, { untilMs: 1 })).status).toBe(409)
    const audit = readFileSync(join(station.folder, 'control-center/audit', auditDay()), 'utf8')
    expect(audit).toContain('start relay')
  })

  it('comes back from Redis when the disk of the control center is lost', async () => {
    const [relay] = (await relays()).relays
    await post(`/api/relays/${relay!.keyId}/start`)
    await eventually(windows).toHaveLength(1)
    const started = structuredClone(windows())
    await station.stopCenter()
    rmSync(join(station.folder, 'control-center/relays-on-demand.json'))
    rmSync(join(station.folder, 'control-center/live-plan.json'))
    await station.startCenter()
    await eventually(async () => (await relays()).relays[0]!.windows).toEqual(started)
  })
})

const auditDay = (): string => `${new Date().toISOString().slice(0, 10)}.jsonl`
