import type { ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { fastify } from 'fastify'
import { type WebSocket, WebSocketServer } from 'ws'
import { pageRoutes } from '../../../control-center/http/routes-pages.ts'
import type { App } from '../../../control-center/http/server.ts'
import { compileValidator } from '../../../control-center/http/validation.ts'
import type { LiveAnswer } from '../../../schemas/api-live.ts'
import type { LiveSession } from '../../../schemas/live.ts'

export type Hello = { type: 'hello'; ticket: string; sampleRate: number; channels: 1 | 2; session: string | null }
export type Order = { by: 'control-center' | 'socket'; path: string; body: unknown }
export type Piece = { sequence: number; pcm: Int16Array }

const CSRF = 'shown-with-each-change'

/**
 * A control center and an ingest node as the studio page meets them, over real HTTP and a real WebSocket: the built page with its own
 * headers, and a station that says what the test wants it to say. Orders are taken, and nothing follows from them by itself.
 */
export class FakeStudio {
  readonly #app = fastify({ forceCloseConnections: true })
  readonly #sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/studio' })
  readonly #streams = new Set<ServerResponse>()
  readonly #connections = new Set<Socket>()
  #isControlThere = true
  #revision = 0
  #page: WebSocket | null = null
  #levels: NodeJS.Timeout | undefined
  person: { id: string; name: string; roles: string[]; hasPassword: boolean } | null = null
  sessions: LiveSession[] = []
  hold = false
  /** Null: playout is heard. */
  playoutProblem: string | null = null
  /** On air all the while, until then. */
  readonly itemEndsAtMs = Date.now() + 83_000
  /** Why the next order is refused. */
  refuseWith: string | null = null
  readonly orders: Order[] = []
  readonly hellos: Hello[] = []
  readonly goodbyes: string[] = []
  pieces: Piece[] = []

  async start(pageFolder: string): Promise<void> {
    const app = this.#app
    app.setValidatorCompiler(compileValidator)
    pageRoutes(app as unknown as App, pageFolder)
    app.server.on('connection', (socket) => {
      this.#connections.add(socket)
      socket.on('close', () => this.#connections.delete(socket))
    })
    app.addHook('onRequest', async (request, reply) => {
      if (!this.#isControlThere) {
        reply.hijack()
        request.raw.destroy()
        return
      }
      const isForeign = request.method !== 'GET' && request.url !== '/api/session'
      if (isForeign && request.headers['x-airtight-csrf'] !== CSRF)
        reply.code(403).send({ error: 'csrf-refused', message: 'The token was not shown.', advice: '' })
    })
    app.get('/api/session', async () => ({ person: this.person, csrf: this.person && CSRF, setupNeeded: false }))
    app.post('/api/session', async (request, reply) => {
      const { name, password } = request.body as { name: string; password: string }
      if (password !== 'right words in a row')
        return reply.code(401).send({ error: 'sign-in-refused', message: 'Name or password is wrong.', advice: '' })
      this.person = { id: 'mia', name, roles: ['anchor'], hasPassword: true }
      return { person: this.person, csrf: CSRF, setupNeeded: false }
    })
    app.delete('/api/session', async () => {
      this.person = null
      return { ok: true }
    })
    app.get('/api/live', async () => this.#live())
    app.get('/api/live/events', (_request, reply) => {
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      this.#streams.add(reply.raw)
      reply.raw.on('close', () => this.#streams.delete(reply.raw))
      reply.raw.write(`event: live\ndata: ${JSON.stringify(this.#live())}\n\n`)
    })
    app.post('/api/live/*', async (request, reply) => {
      const path = request.url.slice('/api/live/'.length)
      if (this.refuseWith !== null)
        return reply.code(409).send({ error: 'order-refused', message: this.refuseWith, advice: '' })
      this.orders.push({ by: 'control-center', path, body: request.body })
      return {}
    })
    app.post('/api/studio/ticket', async () => ({
      ticket: 'studio-mia.9999999999.ticket',
      keyId: 'studio-mia',
      expiresMs: Date.now() + 7_200_000,
      urls: [`ws://127.0.0.1:${(this.#sockets.address() as AddressInfo).port}/studio`],
    }))
    app.get('/api/studio/encoder', async () => ENCODER)
    app.get('/api/status', async () => this.#status())
    app.get('/api/rundown', async () => ({ version: 7, items: this.#items() }))
    app.post('/api/playback-address', async (_request, reply) =>
      reply.code(503).send({ error: 'edge-missing', message: 'No edge is there yet.', advice: '' }),
    )
    this.#sockets.on('connection', (socket) => this.#takePage(socket))
    this.#levels = setInterval(() => this.#tellLevel(), 250)
    await app.listen({ port: 0, host: '127.0.0.1' })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#app.server.address() as AddressInfo).port}/studio`
  }

  async stop(): Promise<void> {
    clearInterval(this.#levels)
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#sockets.close()
    for (const stream of this.#streams) stream.destroy()
    await this.#app.close()
  }

  /** The engine has changed: both ways say so. */
  say(...sessions: LiveSession[]): void {
    this.sessions = sessions
    this.#revision += 1
    const event = `event: live\ndata: ${JSON.stringify(this.#live())}\n\n`
    for (const stream of this.#streams) stream.write(event)
    this.#tellSession()
  }

  /** The control center's process is gone: nothing answers, and what was open breaks. */
  killControlCenter(): void {
    this.#isControlThere = false
    for (const connection of this.#connections) connection.destroy()
  }

  reviveControlCenter(): void {
    this.#isControlThere = true
  }

  /** The page's connection is reset, as by a network that went away. */
  resetSocket(): void {
    this.#page?.terminate()
  }

  get isPageConnected(): boolean {
    return this.#page !== null
  }

  /** Says that an order over the socket is not taken. */
  refuseOrder(reason: string): void {
    this.#page?.send(JSON.stringify({ type: 'order', action: 'go-live', ok: false, reason }))
  }

  #takePage(socket: WebSocket): void {
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) {
        const pcm = new Int16Array(Uint8Array.from(data.subarray(4)).buffer)
        this.pieces.push({ sequence: data.readUInt32BE(0), pcm })
        return
      }
      const said = JSON.parse(data.toString()) as
        | Hello
        | { type: 'order'; action: string; body: unknown }
        | { type: 'bye' }
      if (said.type === 'bye') this.goodbyes.push('bye')
      else if (said.type === 'order') this.orders.push({ by: 'socket', path: said.action, body: said.body })
      else {
        this.hellos.push(said)
        this.#page = socket
        socket.send('{"type":"welcome"}')
        this.#tellSession()
      }
    })
    socket.on('close', () => {
      if (this.#page === socket) this.#page = null
    })
  }

  #tellLevel(): void {
    const sequence = this.pieces.at(-1)?.sequence ?? -1
    const level = { type: 'level', levelDbfs: -18.4, peakDbfs: -9.2, silentForMs: 0, sequence, missing: 0 }
    this.#page?.send(JSON.stringify(level))
    this.#tellSession()
  }

  #tellSession(): void {
    if (this.playoutProblem !== null) return
    const session = this.sessions.find(({ keyId }) => keyId === 'studio-mia') ?? null
    this.#page?.send(JSON.stringify({ type: 'session', session, nowMs: Date.now() }))
  }

  #live(): LiveAnswer {
    const quantiles = { p50: 0, p99: 0, worst: 0 }
    return {
      revision: this.#revision,
      generation: 1,
      nowMs: Date.now(),
      planVersion: 1,
      onAirSessionId: this.sessions.find(({ state }) => state === 'on-air')?.id ?? null,
      hold: this.hold,
      sessions: this.sessions,
      handoffs: [],
      figures: { count: 0, gapMs: quantiles, overlapMs: quantiles, clickToAirMs: quantiles },
      ingests: [{ id: 'ingest-1', connected: true, reason: '' }],
      ageMs: 0,
      problem: this.playoutProblem,
    }
  }

  #status(): unknown {
    const endSample = Math.round(this.itemEndsAtMs * 48)
    const startSample = endSample - 48 * 200_000
    const item = { itemId: 'item-0', kind: 'music', title: 'Night Train', artist: 'The Test Tones' }
    return {
      station: { id: 'evening-air', name: 'Evening Air', timeZone: 'Europe/Berlin' },
      nowMs: Date.now(),
      rundown: { version: 7 },
      playout: { onAir: { ...item, startSample, endSample }, next: null },
    }
  }

  #items(): unknown[] {
    return ['Blue Hour', 'Station ident', 'A Very Long Title That Will Not Fit Into The Line', 'Harbour Lights'].map(
      (title, at) => ({
        id: `item-${at + 1}`,
        title,
        artist: title === 'Station ident' ? '' : 'The Test Tones',
        startMs: this.itemEndsAtMs + at * 180_000,
        endMs: this.itemEndsAtMs + (at + 1) * 180_000,
      }),
    )
  }
}

const ENCODER = {
  keyId: 'studio-mia',
  rtmp: [{ server: 'rtmp://127.0.0.1:1935/live', streamName: 'obs-mia?expires=1&signature=ab', expiresMs: 4e12 }],
  rtmps: [],
  icecast: [
    { host: '127.0.0.1', port: 8005, mount: '/live', user: 'obs-mia', password: 'secret.1.ab', expiresMs: 4e12 },
  ],
  srt: [{ host: '127.0.0.1', port: 9000, passphrase: 'a-long-passphrase' }],
}
