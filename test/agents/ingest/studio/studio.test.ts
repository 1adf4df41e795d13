import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type StudioOptions, type StudioServer, startStudio } from '../../../../agents/ingest/studio/studio.ts'
import { systemClock } from '../../../../platform/clock.ts'
import { createHttpClient } from '../../../../platform/http-client.ts'
import { createLogger } from '../../../../platform/log.ts'
import { systemProcesses } from '../../../../platform/processes.ts'
import type { LiveSession, LiveStatus } from '../../../../schemas/live.ts'
import { toneOf } from '../support/tone-of-feed.ts'
import { anchorGrant, createWayIn, ticketOf, type WayIn } from '../support/way-in.ts'

type Said = { type: string; [field: string]: unknown }
type Asked = { path: string; authorization: string; key: string; body: unknown }

const http = createHttpClient(systemClock)
const pages: WebSocket[] = []
const orders: Asked[] = []
const followers = new Set<ServerResponse>()
let sessions: LiveSession[] = []
let playout: Server
let way: WayIn
let studio: StudioServer

const statusText = (): string => {
  const figures = { p50: 0, p99: 0, worst: 0 }
  const status: LiveStatus = {
    ...{ revision: 1, generation: 1, nowMs: 1_000_000, planVersion: 1, onAirSessionId: null, hold: false, sessions },
    ...{ handoffs: [], ingests: [] },
    figures: { count: 0, gapMs: figures, overlapMs: figures, clickToAirMs: figures },
  }
  return `event: live\ndata: ${JSON.stringify(status)}\n\n`
}

/** As much of playout as a studio page meets. */
async function answerAsPlayout(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = '', headers } = request
  if (url === '/healthz') return void response.end('{}')
  if (url === '/live/events') {
    followers.add(response)
    response.on('close', () => followers.delete(response))
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    return void response.write(statusText())
  }
  const body = JSON.parse(Buffer.concat(await request.toArray()).toString())
  orders.push({ path: url, authorization: headers.authorization!, key: String(headers['x-airtight-key']), body })
  if (url.endsWith('/end')) response.writeHead(409)
  response.end(JSON.stringify(url.endsWith('/end') ? { error: 409, message: 'It is not on air.' } : {}))
}

beforeAll(async () => {
  playout = createServer((request, response) => void answerAsPlayout(request, response))
  await new Promise<void>((resolve) => playout.listen(0, '127.0.0.1', resolve))
  way = createWayIn(['anna', 'ben', 'carla', 'dora'].map((keyId) => anchorGrant(keyId)))
  studio = await startStudio(studioOptions())
})

/** What the control center tells when it is asked. */
let onNews = (): void => {}

function studioOptions(): StudioOptions {
  return {
    host: '127.0.0.1',
    port: 0,
    tls: null,
    feeds: way.feeds,
    grants: () => way.grants,
    news: async () => onNews(),
    playoutAddress: () => ({
      url: `http://127.0.0.1:${(playout.address() as AddressInfo).port}`,
      id: 'ingest-1',
      credential: 'the-credential',
    }),
    http,
    processes: systemProcesses,
    clock: systemClock,
    random: () => 0.5,
    log: createLogger('test', 'silent'),
  }
}

afterAll(async () => {
  for (const page of pages) page.terminate()
  await studio.close()
  http.close()
  playout.closeAllConnections()
  await new Promise((resolve) => playout.close(resolve))
})

class Page {
  readonly socket = new WebSocket(`ws://127.0.0.1:${studio.port}/studio`)
  readonly said: Said[] = []
  sequence = 0
  #samples = 0

  constructor() {
    pages.push(this.socket)
    this.socket.on('error', () => {})
    this.socket.on('message', (data: Buffer) => this.said.push(JSON.parse(data.toString()) as Said))
  }

  async hello(ticket: string, more: { sampleRate?: number; channels?: 1 | 2; session?: string } = {}): Promise<Said> {
    await once(this.socket, 'open')
    this.say({ type: 'hello', ticket, sampleRate: 48_000, channels: 1, session: null, ...more })
    return this.hears((said) => said.type === 'welcome' || said.type === 'refused')
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message))
  }

  /** So many pieces of 20 ms of a 1 kHz tone. */
  sing(pieces: number, sampleRate = 48_000): void {
    for (let piece = 0; piece < pieces; piece += 1) {
      const message = Buffer.alloc(4 + (sampleRate / 50) * 2)
      message.writeUInt32BE(this.sequence++)
      for (let at = 4; at < message.length; at += 2) {
        const value = Math.sin((2 * Math.PI * 1000 * this.#samples++) / sampleRate)
        message.writeInt16LE(Math.round(value * 16_000), at)
      }
      this.socket.send(message)
    }
  }

  async hears(wanted: (said: Said) => boolean): Promise<Said> {
    for (;;) {
      const found = this.said.find(wanted)
      if (found) return found
      await once(this.socket, 'message', { signal: AbortSignal.timeout(5_000) })
    }
  }
}

const session = (id: string, keyId: string, state: LiveSession['state']): LiveSession => ({
  ...{ id, keyId, state, anchorId: keyId, anchorName: keyId, kind: 'anchor', source: 'browser', ingest: 'ingest-1' },
  ...{ title: '', reason: '', stateSinceMs: 0, onAirFromMs: null, onAirUntilMs: null, onAirFromSample: null },
  ...{ onAirUntilSample: null, covered: null, pending: null, talkOver: false, notes: [] },
  sender: {
    ...{ connected: true, depthMs: 0, levelDbfs: -20, peakDbfs: -10, heardAgoMs: 0, format: '', driftPpm: 0 },
    ...{ losses: 0, problems: [] },
  },
})

describe('a studio page', () => {
  it('is heard sample by sample, is told its level and its session, and gives orders for it', async () => {
    sessions = [session('of-ben', 'ben', 'ready'), session('of-anna', 'anna', 'ready')]
    const page = new Page()
    expect(await page.hello(ticketOf('anna'))).toEqual({ type: 'welcome' })
    page.sing(50)
    const feed = await way.until('anna', ({ newestSample }) => newestSample === 48_000)
    expect(feed.describe()).toMatchObject({ source: 'browser', format: 'PCM, 48 kHz, mono' })
    const heard = toneOf(feed, 1000)
    expect(heard.seconds).toBeGreaterThan(0.9)
    expect(heard.worstStepSamples).toBeLessThan(0.1)
    expect(heard.amplitudes.map((amplitude) => amplitude.toFixed(2))).toEqual(['0.49', '0.49'])
    const level = await page.hears(({ type, sequence }) => type === 'level' && sequence === 49)
    expect(level).toMatchObject({ levelDbfs: expect.closeTo(-9.2, 0), peakDbfs: expect.closeTo(-6.2, 0), missing: 0 })
    const told = await page.hears(({ type }) => type === 'session')
    expect(told).toMatchObject({ session: { id: 'of-anna' }, nowMs: expect.any(Number) })

    page.say({ type: 'order', action: 'go-live', body: { when: 'now' } })
    expect(await page.hears(({ type }) => type === 'order')).toMatchObject({ action: 'go-live', ok: true })
    expect(orders).toEqual([
      {
        path: '/live/sessions/of-anna/go-live',
        authorization: 'Bearer ingest-1.the-credential',
        key: 'anna',
        body: { when: 'now' },
      },
    ])
    page.say({ type: 'order', action: 'end', body: {} })
    expect(await page.hears(({ action }) => action === 'end')).toMatchObject({ ok: false, reason: 'It is not on air.' })

    sessions = [session('of-anna', 'anna', 'on-air')]
    for (const follower of followers) follower.write(statusText())
    await page.hears(({ session }) => (session as LiveSession | undefined)?.state === 'on-air')
    page.say({ type: 'bye' })
    await way.until('anna', ({ state }) => state === 'ended')
  })

  it('that is closed without a goodbye is lost; the same page goes on in the same run, another one waits its turn', async () => {
    sessions = [session('of-ben', 'ben', 'ready')]
    const page = new Page()
    await page.hello(ticketOf('ben'))
    for (const follower of followers) follower.write(statusText())
    await page.hears(({ session }) => (session as LiveSession | undefined)?.id === 'of-ben')
    page.sing(10)
    const feed = await way.until('ben', ({ newestSample }) => newestSample === 9_600)
    const stranger = new Page()
    expect(await stranger.hello(ticketOf('ben'))).toMatchObject({ reason: expect.stringContaining('in use') })
    // The network is cut so that the node sees nothing of it: the page comes back by another way.
    const back = new Page()
    expect(await back.hello(ticketOf('ben'), { session: 'of-ben' })).toEqual({ type: 'welcome' })
    back.sequence = 12
    back.sing(10)
    await way.until('ben', ({ newestSample }) => newestSample === 19_200)
    expect(feed.describe()).toMatchObject({ connection: 2, connectionFromSample: 9_600, state: 'connected' })
    back.socket.terminate()
    await way.until('ben', ({ state }) => state === 'lost')
  })

  it('of another rate is resampled, and what it threw away is counted', async () => {
    const page = new Page()
    await page.hello(ticketOf('carla'), { sampleRate: 44_100 })
    page.sing(50, 44_100)
    page.sequence += 7
    page.sing(25, 44_100)
    await page.hears(({ type, missing }) => type === 'level' && missing === 7)
    page.say({ type: 'bye' })
    const feed = await way.until('carla', ({ state }) => state === 'ended')
    expect(Math.abs(feed.ring.newestSample - 72_000)).toBeLessThan(200)
    expect(toneOf(feed, 1000)).toMatchObject({ weakest: expect.closeTo(1, 1), purity: expect.closeTo(1, 2) })
  })

  it('that shows no good ticket, or talks nonsense, is told why and closed; nothing of it is kept', async () => {
    for (const [ticket, reason] of [
      ['nonsense', /ticket is none/],
      [ticketOf('dora', -5), /has expired/],
      [ticketOf('dora').replace(/.$/, (digit) => (digit === '0' ? '1' : '0')), /not signed/],
      [ticketOf('unknown'), /not signed/],
    ] as const) {
      const page = new Page()
      const closed = once(page.socket, 'close')
      expect(await page.hello(ticket)).toMatchObject({ type: 'refused', reason: expect.stringMatching(reason) })
      page.sing(5)
      expect((await closed)[0]).toBe(1008)
    }
    const mute = new Page()
    await once(mute.socket, 'open')
    mute.sing(1)
    await mute.hears(({ type }) => type === 'refused')
    const huge = new Page()
    await huge.hello(ticketOf('dora'))
    huge.socket.send(Buffer.alloc(60_000))
    expect((await once(huge.socket, 'close'))[0]).toBe(1009)
    await way.until('dora', ({ state, newestSample }) => state === 'lost' && newestSample === 0)
  })

  it('whose key was made a moment ago is let in with what it sent meanwhile, once the control center has told of the key', async () => {
    onNews = () => void way.grants.push(anchorGrant('eve'))
    const page = new Page()
    const welcomed = page.hello(ticketOf('eve'))
    await once(page.socket, 'open')
    page.sing(10)
    expect((await welcomed).type).toBe('welcome')
    onNews = () => {}
    await page.hears((said) => said.type === 'level' && said.sequence === 9)
  })

  it('comes by TLS where there is a certificate', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'airtight-studio-'))
    const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')]
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    const files = ['-keyout', key, '-out', certificate]
    execFileSync('openssl', ['req', '-x509', ...curve, '-subj', '/CN=localhost', ...files], { stdio: 'ignore' })
    const tls = { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') }
    rmSync(folder, { recursive: true })
    const secure = await startStudio({ ...studioOptions(), tls })
    const socket = new WebSocket(`wss://127.0.0.1:${secure.port}/studio`, { rejectUnauthorized: false })
    await once(socket, 'open')
    socket.send(JSON.stringify({ type: 'hello', ticket: 'none', sampleRate: 48_000, channels: 1, session: null }))
    const [answer] = await once(socket, 'message')
    expect(JSON.parse(String(answer))).toMatchObject({ type: 'refused' })
    await secure.close()
  })
})
