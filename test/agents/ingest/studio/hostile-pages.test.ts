import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type StudioServer, startStudio } from '../../../../agents/ingest/studio/studio.ts'
import { systemClock } from '../../../../platform/clock.ts'
import { createHttpClient } from '../../../../platform/http-client.ts'
import { createLogger } from '../../../../platform/log.ts'
import { systemProcesses } from '../../../../platform/processes.ts'
import { anchorGrant, createWayIn, ticketOf } from '../support/way-in.ts'

const http = createHttpClient(systemClock)
const open: { destroy(): void }[] = []
const orders: string[] = []
let playout: Server
let studio: StudioServer

/** Playout knows one session, of anna, and counts the orders that reach it. */
beforeAll(async () => {
  const figures = { p50: 0, p99: 0, worst: 0 }
  const status = {
    ...{ revision: 1, generation: 1, nowMs: 1_000_000, planVersion: 1, onAirSessionId: null, hold: false },
    sessions: [sessionOf('anna'), sessionOf('ben')],
    ...{ handoffs: [], ingests: [] },
    figures: { count: 0, gapMs: figures, overlapMs: figures, clickToAirMs: figures },
  }
  playout = createServer((request, response) => {
    if (request.method === 'POST') orders.push(`${request.url} as ${request.headers['x-airtight-key']}`)
    if (request.url !== '/live/events') return void response.end('{}')
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`event: live\ndata: ${JSON.stringify(status)}\n\n`)
  })
  await new Promise<void>((resolve) => playout.listen(0, '127.0.0.1', resolve))
  const way = createWayIn(['anna', 'ben', 'carla'].map((keyId) => anchorGrant(keyId)))
  studio = await startStudio({
    ...{ host: '127.0.0.1', port: 0, tls: null, feeds: way.feeds, grants: () => way.grants, news: async () => {} },
    playoutAddress: () => ({
      url: `http://127.0.0.1:${(playout.address() as AddressInfo).port}`,
      id: 'ingest-1',
      credential: 'the-credential',
    }),
    ...{ http, processes: systemProcesses, clock: systemClock, random: () => 0.5, log: createLogger('t', 'silent') },
  })
})
afterAll(async () => {
  for (const each of open) each.destroy()
  await studio.close()
  http.close()
  playout.closeAllConnections()
  playout.close()
})

const sessionOf = (keyId: string) => ({
  ...{ id: `of-${keyId}`, keyId, state: 'ready', anchorId: keyId, anchorName: keyId, kind: 'anchor' },
  ...{ source: 'browser', ingest: 'ingest-1', title: '', reason: '', stateSinceMs: 0, onAirFromMs: null },
  ...{ onAirUntilMs: null, covered: null, pending: null, talkOver: false, notes: [] },
  ...{ onAirFromSample: null, onAirUntilSample: null },
  sender: {
    ...{ connected: true, depthMs: 0, levelDbfs: -20, peakDbfs: -10, heardAgoMs: 0, format: '', driftPpm: 0 },
    ...{ losses: 0, problems: [] },
  },
})

/** A page that has said hello; `until` resolves with the first message that is as wished. */
async function pageOf(keyId: string, localAddress = '127.0.0.1') {
  const socket = new WebSocket(`ws://127.0.0.1:${studio.port}/studio`, { localAddress })
  open.push({ destroy: () => socket.terminate() })
  const said: { type: string; ok?: boolean; reason?: string }[] = []
  socket.on('message', (data: Buffer) => said.push(JSON.parse(data.toString('utf8'))))
  const until = async (isIt: (message: (typeof said)[number]) => boolean) => {
    for (;;) {
      const found = said.find(isIt)
      if (found) return found
      await once(socket, 'message', { signal: AbortSignal.timeout(4_000) })
    }
  }
  await once(socket, 'open')
  socket.send(
    JSON.stringify({ type: 'hello', ticket: ticketOf(keyId), sampleRate: 48_000, channels: 1, session: null }),
  )
  await until(({ type }) => type === 'welcome')
  return { socket, said, until }
}

/** A bare connection that sends these bytes, and never closes its side. */
function bare(text: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect({ port: studio.port, host: '127.0.0.1', allowHalfOpen: true })
    open.push(socket)
    socket.on('error', () => {})
    socket.resume()
    socket.once('connect', () => {
      socket.write(text)
      resolve(socket)
    })
  })
}

describe('studio pages that mean no good', () => {
  it('order a thousand times: a few reach playout, and only for their own session; the others are told so', async () => {
    const page = await pageOf('anna')
    await page.until(({ type }) => type === 'session')
    for (let count = 0; count < 1_000; count += 1)
      page.socket.send(
        JSON.stringify({ type: 'order', action: 'go-live', body: { when: 'now', session: 'of-ben', id: 'of-ben' } }),
      )
    const isOrder = ({ type }: { type: string }): boolean => type === 'order'
    await page.until(() => page.said.filter(isOrder).length === 1_000)
    expect(orders.length).toBeGreaterThanOrEqual(10)
    expect(orders.length).toBeLessThan(20)
    expect(new Set(orders)).toEqual(new Set(['/live/sessions/of-anna/go-live as anna']))
    expect(page.said.find(({ ok }) => ok === false)!.reason).toContain('too many orders')
  })

  it('ask for another path and stay: they are let go', async () => {
    const upgrade = 'Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    const socket = await bare(`GET /elsewhere HTTP/1.1\r\n${upgrade}`)
    await once(socket, 'end')
    // Who writes to a connection that is closed on the other side, not only half, is told by a reset.
    const isClosed = new Promise((resolve) => socket.once('close', resolve))
    const stop = systemClock.every(20, () => void socket.write('still here'))
    await isClosed.finally(stop)
  })

  it('hold hundreds of connections of one address open: a page of another one comes in at once', async () => {
    const sockets = await Promise.all(Array.from({ length: 300 }, () => bare('')))
    const page = await pageOf('carla', '127.0.0.2')
    expect(page.said[0]).toEqual({ type: 'welcome' })
    expect(sockets.filter(({ readableEnded, destroyed }) => readableEnded || destroyed).length).toBeGreaterThan(200)
  })
})
