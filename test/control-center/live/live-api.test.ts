import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ingestKeyOf } from '../../../platform/credentials.ts'
import type { AuditAnswer } from '../../../schemas/accounts.ts'
import type { NodesAnswer } from '../../../schemas/api.ts'
import type { HandoffsAnswer, LiveAnswer } from '../../../schemas/api-live.ts'
import type { ErrorAnswer } from '../../../schemas/errors.ts'
import { followEvents } from '../support/event-reader.ts'
import { eventually } from '../support/eventually.ts'
import { sessionOf } from '../support/fake-live.ts'
import { type Browser, makeFirstAdmin, signedIn, tokenOf } from '../support/people.ts'
import { joinNode, type Station, startStation } from '../support/station.ts'

type Person = Awaited<ReturnType<typeof signedIn>>

let station: Station
let admin: Browser
let anna: Person
let ben: Person
let operator: { authorization: string }
beforeAll(async () => {
  station = await startStation()
  admin = await makeFirstAdmin(station)
  anna = await signedIn(admin, station.url, 'Anna Anchor', ['anchor'])
  ben = await signedIn(admin, station.url, 'Ben Anchor', ['anchor'])
  operator = await tokenOf(admin, 'operator')
  station.playout.live.tell({ sessions: [sessionOf('s-anna', anna.id), sessionOf('s-ben', ben.id)] })
})
afterAll(() => station.end())

const errorOf = async (answer: Response): Promise<ErrorAnswer> => (await answer.json()) as ErrorAnswer
const order = (browser: Browser, id: string, action: string, body: unknown = {}): Promise<Response> =>
  browser.ask('POST', `/api/live/sessions/${id}/${action}`, body)

describe('what is true about live', () => {
  it('is told to those who have to do with it, and to nobody else', async () => {
    expect((await fetch(`${station.url}/api/live`)).status).toBe(401)
    await eventually(() => station.playout.live.followers.size).toBe(1)
    const answer = await anna.browser.get<LiveAnswer>('/api/live')
    expect(answer.sessions.map(({ id }) => id)).toEqual(['s-anna', 's-ben'])
    expect(answer).toMatchObject({ problem: null, ageMs: 0 })
    const handoffs = await anna.browser.get<HandoffsAnswer>('/api/live/handoffs')
    expect(handoffs).toMatchObject({ handoffs: [], figures: { count: 0 }, problem: null })
  })

  it('comes at once and at each change, to many over one connection to playout', async () => {
    const headers = { cookie: anna.browser.kept.cookie }
    const clients = await Promise.all([1, 2, 3].map(() => followEvents(station.url, headers)))
    for (const client of clients) await client.next(({ sessions }) => sessions.length === 2)
    station.playout.live.tell({ onAirSessionId: 's-anna' })
    for (const client of clients) await client.next(({ onAirSessionId }) => onAirSessionId === 's-anna')
    expect(station.playout.live.followers.size).toBe(1)
    for (const client of clients) await client.end()
    station.playout.live.tell({ onAirSessionId: null })
  })
})

describe('orders', () => {
  it('a thousand at once are not passed on to the program that makes the air; others may still give theirs', async () => {
    const token = await tokenOf(admin, 'operator')
    const ask = (headers: object): Promise<Response> =>
      fetch(`${station.url}/api/live/hold`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ on: false }),
      })
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(token)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(60)
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(140)
    expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await ask(operator)).status).toBe(200)
  })

  it('an anchor gives for the own session, an operator for all; playout hears them, and the audit log too', async () => {
    expect((await order(anna.browser, 's-anna', 'go-live', { when: 'now' })).status).toBe(200)
    expect(station.playout.live.orders.at(-1)).toEqual({
      path: '/live/sessions/s-anna/go-live',
      body: { when: 'now' },
    })
    expect((await anna.browser.ask('POST', '/api/live/sessions/s-anna/kick')).status).toBe(200)
    const before = station.playout.live.orders.length
    const foreign = await order(anna.browser, 's-ben', 'end')
    expect([foreign.status, (await errorOf(foreign)).error]).toEqual([403, 'session-of-another'])
    expect(station.playout.live.orders.length).toBe(before)
    const asOperator = await fetch(`${station.url}/api/live/sessions/s-ben/kick`, {
      method: 'POST',
      headers: { ...operator, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'The wrong stream is connected.' }),
    })
    expect(asOperator.status).toBe(200)
    expect(station.playout.live.orders.at(-1)).toEqual({
      path: '/live/sessions/s-ben/kick',
      body: { reason: 'The wrong stream is connected.', refuseMs: 30_000 },
    })
    const { lines } = await admin.get<AuditAnswer>('/api/audit')
    expect(lines.slice(0, 4).map(({ who, action, subject, outcome }) => [who.name, action, subject, outcome])).toEqual([
      ['test operator', 'kick', `s-ben (Anchor ${ben.id})`, 'done'],
      ['Anna Anchor', 'end', 's-ben', `The session s-ben is Anchor ${ben.id}'s.`],
      ['Anna Anchor', 'kick', `s-anna (Anchor ${anna.id})`, 'done'],
      ['Anna Anchor', 'go-live', `s-anna (Anchor ${anna.id})`, 'done'],
    ])
  })

  it('that make no sense are refused before playout; what playout refuses is told in its own words', async () => {
    expect((await order(anna.browser, 's-anna', 'go-live', { when: 'later' })).status).toBe(400)
    expect((await order(anna.browser, 'nobody', 'end')).status).toBe(404)
    station.playout.live.refusal.next = { status: 409, message: 'The session has ended.' }
    const refused = await order(anna.browser, 's-anna', 'talk-over', { on: true })
    expect([refused.status, await errorOf(refused)]).toMatchObject([
      409,
      { error: 'order-refused', message: 'The session has ended.' },
    ])
  })

  it('a session that came a moment ago is known, though no event told of it yet', async () => {
    station.playout.live.status.sessions.push(sessionOf('s-new', anna.id))
    expect((await order(anna.browser, 's-new', 'end')).status).toBe(200)
    station.playout.live.status.sessions.pop()
  })

  it('hold is for operators', async () => {
    expect((await anna.browser.ask('POST', '/api/live/hold', { on: true })).status).toBe(403)
    const headers = { ...operator, 'content-type': 'application/json' }
    const held = await fetch(`${station.url}/api/live/hold`, { method: 'POST', headers, body: '{"on":true}' })
    expect(held.status).toBe(200)
    expect(station.playout.live.orders.at(-1)).toEqual({ path: '/live/hold', body: { on: true } })
  })
})

describe('the preview', () => {
  let ingest: Server
  const listeners: { request: IncomingMessage; response: ServerResponse }[] = []
  beforeAll(async () => {
    ingest = createServer((request, response) => {
      listeners.push({ request, response })
      response.writeHead(200, { 'content-type': 'audio/aac' }).write('adts')
    })
    await new Promise<void>((listening) => ingest.listen(0, '127.0.0.1', listening))
  })
  afterAll(() => {
    ingest.closeAllConnections()
    ingest.close()
  })

  it('is what the ingest node hears, shown its own key, and ends with the listener', async () => {
    const impossible = await anna.browser.ask('GET', '/api/live/sessions/s-anna/preview')
    expect([impossible.status, (await errorOf(impossible)).error]).toEqual([503, 'preview-impossible'])
    const node = await joinNode(station.url, 'ingest-1', {
      ...{ role: 'ingest', httpPort: (ingest.address() as AddressInfo).port },
      waysIn: { rtmp: 1935, rtmps: null, icecast: 8005, studio: 8007, secure: false },
    })
    expect((await ben.browser.ask('GET', '/api/live/sessions/s-anna/preview')).status).toBe(403)
    const abort = new AbortController()
    const headers = { cookie: anna.browser.kept.cookie }
    const heard = await fetch(`${station.url}/api/live/sessions/s-anna/preview`, { headers, signal: abort.signal })
    expect(heard.headers.get('content-type')).toBe('audio/aac')
    const { value } = await heard.body!.getReader().read()
    expect(Buffer.from(value!).toString()).toBe('adts')
    const { request, response } = listeners.at(-1)!
    expect(request.url).toBe(`/feeds/key-of-${anna.id}/preview.aac`)
    expect(request.headers.authorization).toBe(`Bearer ${ingestKeyOf(node.registered.credential)}`)
    const closed = new Promise((resolve) => response.once('close', resolve))
    abort.abort()
    await closed
    const { nodes } = await station.get<NodesAnswer>('/api/nodes')
    expect(nodes[0]).toMatchObject({ id: 'ingest-1', waysIn: { rtmp: 1935 } })
    expect(JSON.stringify(nodes)).not.toContain(ingestKeyOf(node.registered.credential))
    node.die()
  })

  it('goes to eight listeners at once, and no more', async () => {
    const abort = new AbortController()
    const listen = () =>
      fetch(`${station.url}/api/live/sessions/s-anna/preview`, { headers: operator, signal: abort.signal })
    const many = await Promise.all(Array.from({ length: 8 }, listen))
    expect(many.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200))
    const refused = await listen()
    expect([refused.status, (await errorOf(refused)).error]).toEqual([429, 'previews-too-many'])
    abort.abort()
  })
})

describe('playout falls silent', () => {
  it('and live says so, with the age of what it knows; orders are answered with a sentence; all is well when it is back', async () => {
    const client = await followEvents(station.url, { cookie: anna.browser.kept.cookie })
    await client.next(({ problem }) => problem === null)
    await station.playout.stop()
    const silent = await client.next(({ problem }) => problem !== null)
    expect(silent.problem).toContain("can't be")
    expect(silent.sessions.length).toBe(2)
    const known = await anna.browser.get<LiveAnswer>('/api/live')
    expect(known.ageMs).toBeGreaterThan(0)
    const refused = await order(anna.browser, 's-anna', 'end')
    expect([refused.status, (await errorOf(refused)).error]).toEqual([503, 'order-unanswered'])
    await station.playout.start()
    station.playout.live.status.hold = true
    await client.next(({ hold, problem }) => hold && problem === null)
    await client.end()
  })
})
