import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { SAMPLE_RATE, sampleAtMs } from '../../../media/timeline.ts'
import type {
  AsRunDayAnswer,
  HistoryAnswer,
  NowPlayingAnswer,
  RundownAnswer,
  StationAnswer,
  StatusAnswer,
} from '../../../schemas/api.ts'
import type { ErrorAnswer } from '../../../schemas/errors.ts'
import type { AsRunEntry } from '../../../schemas/rundown.ts'
import { eventually } from '../support/eventually.ts'
import { joinNode, type Station, startStation } from '../support/station.ts'

type OpenApi = { openapi: string; paths: Record<string, Record<string, Operation>> }
type Operation = { summary: string; responses: Record<string, { content: Record<string, { schema: object }> }> }

describe('the API', () => {
  let station: Station
  beforeAll(async () => {
    station = await startStation()
    await vi.waitUntil(async () => (await station.get<StatusAnswer>('/api/status')).playout.onAir, { timeout: 10_000 })
  })
  afterAll(() => station.end())

  it('tells the station and where its streams are', async () => {
    expect(await station.get<StationAnswer>('/api/station')).toMatchObject({
      id: 'test-radio',
      timeZone: 'Europe/Berlin',
      paths: { hls: '/hls/test-radio/master.m3u8', streams: expect.arrayContaining(['/stream/test-radio/low.aac']) },
    })
  })

  it('shows a rundown of a day and more, with local times and reasons, and no paths of files', async () => {
    const rundown = await station.get<RundownAnswer>('/api/rundown')
    expect(rundown.untilMs - Date.now()).toBeGreaterThan(24 * 3_600_000)
    expect(rundown.version).toBe(station.playout.held.rundown!.version)
    const [item] = rundown.items
    expect(item?.reason).toMatch(/\S \S/)
    expect(Date.parse(item!.localStart)).toBeCloseTo(item!.startMs, -1)
    expect(item?.localStart).toMatch(/\+0[12]:00$/)
    expect(JSON.stringify(rundown)).not.toContain('/music/')
  })

  it('plans a week ahead on the dry, and refuses a year', async () => {
    expect(await station.get('/api/rundown/dry-run?days=3')).toMatchObject({
      days: 3,
      items: expect.any(Number),
      warnings: expect.any(Array),
    })
    expect(await station.get('/api/rundown/dry-run')).toMatchObject({ days: 7 })
    expect(await station.get<ErrorAnswer>('/api/rundown/dry-run?days=365')).toMatchObject({
      error: 'request-invalid',
      problems: [{ path: 'days' }],
    })
  })

  it("answers for a listener's own position, and keeps the as-run of a day when playout dies", async () => {
    const nowSample = sampleAtMs(Date.now())
    const entry = (itemId: string, agoSeconds: number, seconds: number, kind: AsRunEntry['kind']): AsRunEntry => ({
      itemId,
      kind,
      rung: 'scheduled',
      title: itemId,
      artist: '',
      startSample: nowSample - agoSeconds * SAMPLE_RATE,
      endSample: nowSample - (agoSeconds - seconds) * SAMPLE_RATE,
      plannedStartSample: null,
      reason: 'planned',
      generation: 7,
    })
    station.playout.held.asRun = [
      entry('older', 7_300, 100, 'music'),
      entry('ident', 7_200, 10, 'ident'),
      entry('newer', 7_190, 60, 'music'),
    ]
    station.playout.restart()
    const at = Date.now() - 7_150_000
    const heardAt = () => station.get<NowPlayingAnswer>(`/api/now-playing?at=${at}`)
    await eventually(async () => (await heardAt()).now?.title).toBe('newer')
    const heard = await heardAt()
    expect(heard.now?.startedAtMs).toBeCloseTo((nowSample / SAMPLE_RATE - 7_190) * 1000, 0)
    expect(heard.recent.map(({ title }) => title)).toEqual(['older'])
    const studio = await station.get<NowPlayingAnswer>('/api/now-playing')
    expect(studio.now?.title).toMatch(/^Song [A-G]$/)
    expect(studio.next).toMatchObject({ from: 'plan' })
    expect(studio.now!.endsAtMs - studio.next!.startedAtMs).toBeCloseTo(3_000, 0)
    expect((await station.get<HistoryAnswer>('/api/history?limit=2')).items).toHaveLength(2)

    const today = await station.get<AsRunDayAnswer>('/api/as-run')
    expect(today.stale).toBeNull()
    expect(today.entries.map(({ itemId }) => itemId)).toEqual(['older', 'ident', 'newer'])
    await station.playout.stop()
    await eventually(async () => (await station.get<AsRunDayAnswer>('/api/as-run')).stale).toMatch(/^Read .* min ago/)
    const unknown = await station.get<ErrorAnswer>('/api/as-run?day=2020-01-01')
    expect(unknown).toMatchObject({ error: 'playout-unreachable', advice: expect.stringContaining('--playout') })
    expect((await heardAt()).now?.title).toBe('newer')
    await station.playout.start()
    await eventually(async () => (await station.get<StatusAnswer>('/api/status')).playout.problem).toBeNull()
  })

  it('gives every error the same shape, whatever went wrong', async () => {
    const errors = await Promise.all([
      fetch(`${station.url}/api/nothing`),
      fetch(`${station.url}/api/nodes/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"id":',
      }),
      fetch(`${station.url}/api/nodes/register`, {
        method: 'POST',
        headers: { 'content-type': 'text/plain' },
        body: 'hello',
      }),
      fetch(`${station.url}/api/nodes/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ id: 'x'.repeat(70_000) }),
      }),
      fetch(`${station.url}/api/nodes/nobody/leave`, { method: 'POST' }),
      fetch(`${station.url}/api/now-playing?at=yesterday`),
    ])
    const answers = await Promise.all(
      errors.map(async (answer) => ({ status: answer.status, body: (await answer.json()) as ErrorAnswer })),
    )
    expect(answers.map(({ status, body }) => `${status} ${body.error}`)).toEqual([
      '404 not-found',
      '400 body-not-json',
      '415 media-type-unsupported',
      '413 body-too-large',
      '401 credential-wrong',
      '400 request-invalid',
    ])
    for (const { body } of answers) {
      expect(body.message).toMatch(/\S+ .*\S/)
      expect(body.advice).toMatch(/\.$/)
    }
  })

  it('documents itself, page and all, without leaving the machine', async () => {
    const document = await station.get<OpenApi>('/docs/json')
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/api/nodes/register', '/api/nodes/{id}/heartbeat', '/api/now-playing']),
    )
    expect(Object.keys(document.paths)).toContain('/metrics')
    for (const [path, methods] of Object.entries(document.paths))
      for (const { summary, responses } of Object.values(methods)) {
        expect(summary, path).toMatch(/\w+ \w+/)
        expect(Object.keys(responses), path).toEqual(expect.arrayContaining(['200', 'default']))
        for (const { content } of Object.values(responses))
          for (const { schema } of Object.values(content)) expect(JSON.stringify(schema), path).toMatch(/^\{.*"type":/)
      }
    const page = await (await fetch(`${station.url}/docs`)).text()
    expect(page).toContain('swagger-ui')
    expect(page).not.toMatch(/(src|href)="https?:/)
  })

  it('has numbers for Prometheus and a line of health', async () => {
    const metrics = await (await fetch(`${station.url}/metrics`)).text()
    expect(metrics).toMatch(/^airtight_control_playout_reachable\{program="control-center"\} 1$/m)
    expect(metrics).toMatch(/^process_resident_memory_bytes\{program="control-center"\} \d{6,}$/m)
    expect(await station.get('/healthz')).toEqual({ ok: true })
  })

  it('may be read by a page of another origin, but not written', async () => {
    expect((await fetch(`${station.url}/api/now-playing`)).headers.get('access-control-allow-origin')).toBe('*')
    const preflight = await fetch(`${station.url}/api/nodes/register`, { method: 'OPTIONS' })
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('never shows a secret of a node', async () => {
    const node = await joinNode(station.url, 'slicer-secret')
    await eventually(station.playout.targetIds).toContain('slicer-secret')
    const { pushKey } = station.playout.held.targets!.targets.find(({ id }) => id === 'slicer-secret')!
    for (const path of ['/api/nodes', '/api/status', '/', '/report', '/metrics']) {
      const text = await (await fetch(station.url + path)).text()
      expect(text).not.toContain(node.registered.credential)
      expect(text).not.toContain(pushKey)
    }
    node.die()
  })
})
