import { EventEmitter } from 'node:events'
import { get } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '../../platform/clock.ts'
import { credentialSha256 } from '../../platform/credentials.ts'
import { FrameWaiters } from '../../playout/http/frame-waiters.ts'
import { LiveReaders } from '../../playout/http/live-readers.ts'
import { createServer, type Station } from '../../playout/http/server.ts'
import type { LiveSession, LiveStatus } from '../../schemas/live.ts'
import { silentLog } from '../platform/rtmp/receiving-server.ts'
import { grantFor, SimulatedStation } from './live-sessions/simulated-station.ts'

const CONTROL = { authorization: 'Bearer secret' }
const BY_KEY = { authorization: 'Bearer push.annas-key' }
const byNode = (keyId: string) => ({ authorization: 'Bearer ingest-1.credential', 'x-airtight-key': keyId })

let simulated: SimulatedStation
let app: ReturnType<typeof createServer>
let liveReaders: LiveReaders

beforeEach(() => {
  simulated = new SimulatedStation([grantFor('anna', { keySha256: credentialSha256('annas-key') }), grantFor('ben')])
  for (const key of ['anna', 'ben']) simulated.ingests.connect(0, key, 1)
  simulated.run(2_000)
  liveReaders = new LiveReaders(systemClock)
  simulated.desk.onChange = () => liveReaders.tell()
  const peer = (id: string, role: 'ingest' | 'slicer') => ({
    id,
    role,
    url: '',
    credentialSha256: credentialSha256('credential'),
  })
  app = createServer(
    {
      controlToken: 'secret',
      spools: new Map(),
      waiters: new FrameWaiters(systemClock, 10),
      targets: () => ({ version: 0, targets: [], peers: [peer('ingest-1', 'ingest'), peer('slicer-1', 'slicer')] }),
      live: simulated.desk,
      liveReaders,
      heardFromControlCenter: () => {},
      health: () => ({ ok: true, reason: 'On air.' }),
    } as unknown as Station,
    silentLog,
  )
})
afterEach(async () => {
  liveReaders.close()
  await app.close()
})

const idOf = (keyId: string): string => simulated.living(keyId)!.id
async function post(path: string, headers: Record<string, string>, payload: object = {}) {
  const answer = await app.inject({ method: 'POST', url: path, headers, payload })
  return { status: answer.statusCode, body: answer.json() as { session: LiveSession; message: string } }
}

describe('orders over HTTP', () => {
  it.each([
    ['the control center', CONTROL],
    ["the anchor's ingest node", byNode('anna')],
    ['the holder of the push key', BY_KEY],
  ])('are taken from %s, who is told what is true', async (_who, headers) => {
    const { status, body } = await post(`/live/sessions/${idOf('anna')}/go-live`, headers, { when: 'now' })
    expect(status).toBe(200)
    expect(body.session).toMatchObject({
      state: 'ready',
      pending: { action: 'go-live', when: 'now' },
      onAirFromMs: null,
    })
    simulated.run(2_000)
    const live = (await app.inject({ url: '/live', headers })).json() as LiveStatus
    expect(live.sessions.find(({ keyId }) => keyId === 'anna')).toMatchObject({ state: 'on-air' })
    expect(live.sessions.some(({ keyId }) => keyId === 'ben')).toBe(headers === CONTROL)
  })

  it.each([
    ['nobody', {}, 401],
    ['a wrong key', { authorization: 'Bearer push.another-key' }, 401],
    ['a slicer', { authorization: 'Bearer slicer-1.credential', 'x-airtight-key': 'anna' }, 401],
    ['an ingest node for no key', { authorization: 'Bearer ingest-1.credential' }, 403],
    ["somebody else's key", byNode('ben'), 403],
  ])('are refused to %s', async (_who, headers, wanted) => {
    const { status, body } = await post(`/live/sessions/${idOf('anna')}/go-live`, headers as never, { when: 'now' })
    expect(status).toBe(wanted)
    expect(body.message).toMatch(/\.$/)
    simulated.run(2_000)
    expect(simulated.living('anna')!.state).toBe('ready')
  })

  it('that can not be carried out are refused in a sentence', async () => {
    const [anna, ben] = [idOf('anna'), idOf('ben')]
    expect(await post('/live/sessions/nobody/end', CONTROL)).toMatchObject({ status: 404 })
    expect(await post(`/live/sessions/${anna}/end`, CONTROL)).toMatchObject({
      status: 409,
      body: { message: 'It is not on air.' },
    })
    expect(await post(`/live/sessions/${anna}/go-live`, CONTROL, { when: 'some day' })).toMatchObject({ status: 400 })
    await post(`/live/sessions/${anna}/go-live`, CONTROL, { when: 'now' })
    simulated.run(2_000)
    expect(await post(`/live/sessions/${ben}/go-live`, CONTROL, { when: 'now' })).toMatchObject({
      status: 409,
      body: { message: 'anna is on air: hand over instead.' },
    })
    expect(await post(`/live/sessions/${anna}/hand-over`, CONTROL, { to: 'nobody' })).toMatchObject({ status: 404 })
    expect(await post(`/live/sessions/${anna}/hand-over`, CONTROL, { to: ben })).toMatchObject({ status: 200 })
  })

  it('plan who may send: an older plan is refused', async () => {
    const put = (version: number) =>
      app.inject({ method: 'PUT', url: '/live/plan', headers: CONTROL, payload: { ...simulated.plan, version } })
    expect((await put(7)).json()).toEqual({ version: 7 })
    expect((await put(6)).statusCode).toBe(409)
    expect(simulated.desk.planVersion).toBe(7)
    expect(
      (await app.inject({ method: 'PUT', url: '/live/plan', headers: BY_KEY, payload: simulated.plan })).statusCode,
    ).toBe(401)
  })
})

describe('live events', () => {
  it('tell the whole truth at once and at each change', async () => {
    await app.listen({ host: '127.0.0.1', port: 0 })
    const address = app.server.address() as { port: number }
    const states: string[] = []
    await new Promise<void>((resolve, reject) => {
      const request = get({ port: address.port, path: '/live/events', headers: BY_KEY }, (response) => {
        let rest = ''
        response.setEncoding('utf8').on('data', (text: string) => {
          const events = (rest + text).split('\n\n')
          rest = events.pop()!
          for (const event of events) {
            expect(event).toMatch(/^event: live\ndata: \{/)
            const status = JSON.parse(event.slice(event.indexOf('{'))) as LiveStatus
            expect(status.sessions.map(({ keyId }) => keyId)).toEqual(['anna'])
            states.push(status.sessions[0]!.state)
          }
          if (states.length === 1) {
            simulated.order(idOf('anna'), { order: 'go-live', when: { when: 'now' } })
            simulated.run(2_000)
          } else if (states.at(-1) === 'on-air') {
            response.destroy()
            resolve()
          }
        })
      })
      request.on('error', reject)
    })
    expect(states[0]).toBe('ready')
  })

  it('let go of a reader who takes nothing, and give a slow one the newest when it can take it', () => {
    const time = { ms: 0, beat: () => {} }
    const clock: Clock = {
      wallMs: () => time.ms,
      monotonicMs: () => time.ms,
      after(_delayMs, callback) {
        callback()
        return () => {}
      },
      every(_intervalMs, callback) {
        time.beat = callback
        return () => {}
      },
    }
    const readers = new LiveReaders(clock)
    const socket = Object.assign(new EventEmitter(), {
      taken: [] as string[],
      writableNeedDrain: false,
      isDestroyed: false,
      writeHead: () => {},
      write: (text: string) => void socket.taken.push(text),
      destroy() {
        socket.isDestroyed = true
      },
    })
    let truth = 'one'
    readers.add(socket as never, () => truth)
    socket.writableNeedDrain = true
    for (truth of ['two', 'three']) readers.tell()
    expect(socket.taken).toEqual(['event: live\ndata: one\n\n'])
    socket.writableNeedDrain = false
    socket.emit('drain')
    expect(socket.taken.slice(1)).toEqual(['event: live\ndata: three\n\n'])
    socket.writableNeedDrain = true
    for (time.ms = 10_000; time.ms <= 20_000; time.ms += 10_000) time.beat()
    expect(socket.isDestroyed).toBe(true)
  })
})
