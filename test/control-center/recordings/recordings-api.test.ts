import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Archive, startArchive } from '../../../agents/archive/archive.ts'
import { msOfFrame } from '../../../media/timeline.ts'
import { systemClock } from '../../../platform/clock.ts'
import { systemProcesses } from '../../../platform/processes.ts'
import type { AuditAnswer } from '../../../schemas/accounts.ts'
import type { ErrorAnswer } from '../../../schemas/errors.ts'
import type { Recording, RecordingAnswer, RecordingsView } from '../../../schemas/recordings.ts'
import { FIRST_FRAME, startFrameServer } from '../../agents/archive/archive-world.ts'
import { eventually } from '../../agents/slicer/world.ts'
import { type Browser, makeFirstAdmin, signedIn, tokenOf } from '../support/people.ts'
import { JOIN_TOKEN, joinNode, type Station, startStation } from '../support/station.ts'

let station: Station
let admin: Browser
let anna: Awaited<ReturnType<typeof signedIn>>
let programmer: { authorization: string }
let operator: { authorization: string }
let archive: Archive
let frames: Awaited<ReturnType<typeof startFrameServer>>
let slicer: Awaited<ReturnType<typeof joinNode>>

beforeAll(async () => {
  station = await startStation({ stationFile: 'archive:\n  minFreeGigabytes: 0\n' })
  admin = await makeFirstAdmin(station)
  anna = await signedIn(admin, station.url, 'Anna Anchor', ['anchor'])
  programmer = await tokenOf(admin, 'programmer')
  operator = await tokenOf(admin, 'operator')
})
afterAll(async () => {
  slicer?.die()
  await archive?.stop(false)
  await frames?.stop()
  await station.end()
})

const ask = (who: { authorization: string }, method: string, path: string, body?: unknown) =>
  fetch(`${station.url}${path}`, {
    method,
    headers: { ...who, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
const errorOf = async (answer: Response): Promise<string> => {
  const { error } = (await answer.json()) as ErrorAnswer
  return `${answer.status} ${error}`
}

/** A real archive beside the real control center: its frames come from a slicer, since this playout has none. */
async function startRealArchive(): Promise<void> {
  frames = await startFrameServer()
  frames.hasSegments(6)
  slicer = await joinNode(station.url, 'slicer-1', { httpPort: Number(new URL(frames.url).port) })
  const folder = join(station.folder, 'archive')
  // A show that Anna had; its sound is lost, which is no matter here.
  const hers = { sessionId: 's1', anchorId: anna.id, anchorName: 'Anna Anchor', title: 'Her show', state: 'failed' }
  const rest = { fromFrame: FIRST_FRAME, untilFrame: FIRST_FRAME + 9, published: false, reason: 'None of it.' }
  mkdirSync(join(folder, 'recordings', 'live-s1'), { recursive: true })
  const stored = { id: 'live-s1', ...hers, ...rest, rendition: 'high', silentFrames: 9, m4aBytes: null }
  writeFileSync(join(folder, 'recordings', 'live-s1', 'recording.json'), JSON.stringify(stored))
  archive = await startArchive({
    controlUrl: station.url,
    joinToken: JOIN_TOKEN,
    folder,
    id: 'archive-1',
    host: '127.0.0.1',
    address: '127.0.0.1',
    httpPort: 0,
    softwareVersion: '0.1.0',
    pace: { roundMs: 50, housekeepingMs: 1_000 },
    clock: systemClock,
    processes: systemProcesses,
    random: () => 0.5,
    log: pino({ level: 'silent' }),
  })
}

describe('recordings at the control center', () => {
  it('are nothing for strangers, and say what is missing while there is no archive', async () => {
    expect((await fetch(`${station.url}/api/recordings`)).status).toBe(401)
    expect(await errorOf(await ask(operator, 'GET', '/api/recordings'))).toBe('503 archive-missing')
    const page = await fetch(`${station.url}/recordings`)
    expect(page.headers.get('content-security-policy')).toContain("media-src 'self'")
    expect(await page.text()).toContain('/accounts/recordings.js')
  })

  it('are ordered by operators, published and deleted by programmers; each sentence of the archive arrives', async () => {
    await startRealArchive()
    const order = {
      title: 'The news',
      fromMs: msOfFrame(FIRST_FRAME + 70) + 1,
      untilMs: msOfFrame(FIRST_FRAME + 300) + 1,
    }
    const made = await eventually(async () => {
      const answer = await ask(operator, 'POST', '/api/recordings', order)
      return answer.ok ? ((await answer.json()) as RecordingAnswer).recording : null
    }, 'the archive takes orders')
    const path = `/api/recordings/${made.id}`
    const isFinished = async (): Promise<Recording | null> => {
      const { recordings } = (await (await ask(operator, 'GET', '/api/recordings')).json()) as RecordingsView
      return recordings.find(({ id, state }) => id === made.id && state === 'finished') ?? null
    }
    expect(await eventually(isFinished, 'it is recorded')).toMatchObject({ fromFrame: FIRST_FRAME + 70, silentMs: 0 })
    expect(await errorOf(await ask(operator, 'PATCH', path, { published: true }))).toBe('403 role-missing')
    expect(await errorOf(await ask(programmer, 'POST', '/api/recordings', { ...order, fromMs: 5 }))).toBe(
      '409 recording-conflict',
    )
    expect(await errorOf(await ask(programmer, 'POST', `${path}/stop`))).toBe('409 recording-conflict')
    const published = await ask(programmer, 'PATCH', path, { published: true, title: 'News' })
    expect(await published.json()).toMatchObject({ recording: { published: true, title: 'News' } })

    const whole = Buffer.from(await (await ask(operator, 'GET', `${path}/audio.m4a`)).arrayBuffer())
    const part = await fetch(`${station.url}${path}/audio.m4a`, { headers: { ...operator, range: 'bytes=10-19' } })
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-19/${whole.length}`])
    expect(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(10, 20))).toBe(true)
    expect((await ask(operator, 'GET', `${path}/waveform.svg`)).headers.get('content-type')).toBe('image/svg+xml')
    expect(await (await ask(operator, 'GET', `${path}/index.m3u8`)).text()).toContain('#EXT-X-ENDLIST')
    expect((await ask(operator, 'HEAD', `${path}/audio.mp3`)).headers.get('content-type')).toBe('audio/mpeg')
    expect((await ask(operator, 'GET', `${path}/recording.json`)).status).toBe(400)

    expect((await ask(programmer, 'DELETE', path)).status).toBe(200)
    expect(await errorOf(await ask(programmer, 'DELETE', path))).toBe('404 recording-unknown')
    const { lines } = await admin.get<AuditAnswer>('/api/audit')
    const actions = lines
      .filter(({ subject, outcome }) => subject === made.id && outcome === 'done')
      .map(({ action }) => action)
    expect(actions).toEqual(['delete recording', 'change recording', 'record'])
  })

  it('show an anchor the own ones, and nothing else', async () => {
    const other = await ask(operator, 'POST', '/api/recordings', { title: 'Not hers' })
    const { recording } = (await other.json()) as RecordingAnswer
    const view = await anna.browser.get<RecordingsView>('/api/recordings')
    expect(view.recordings.map(({ id }) => id)).toEqual(['live-s1'])
    expect(view.may).toEqual({ record: false, publish: false })
    expect(view.catchupUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/hls\/test-radio\/high\/catchup\.m3u8$/)
    expect(await errorOf(await anna.browser.ask('GET', `/api/recordings/${recording.id}/audio.m4a`))).toBe(
      '403 recording-of-another',
    )
    expect(await errorOf(await anna.browser.ask('GET', '/api/recordings/live-s1/audio.m4a'))).toBe(
      '409 recording-conflict',
    )
    expect(await errorOf(await anna.browser.ask('POST', '/api/recordings', { title: 'x' }))).toBe('403 role-missing')
  })
})
