import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { decodeFrameBundle, FRAME_BUNDLE_TYPE } from '../../../media/frame-bundle.ts'
import { bearerOf } from '../../../platform/credentials.ts'
import { unitOf } from './fake-playout.ts'
import { createWorld, eventually, FIRST_FRAME, FIRST_SEGMENT, type TestSlicer, type World } from './world.ts'

/** A second or less each; on a machine that does much else at once, more. */
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const SEGMENT = `/hls/night-radio/high/${FIRST_SEGMENT + 5}.m4s`
let world: World
let slicer: TestSlicer
let authorization: string
beforeAll(async () => {
  world = await createWorld()
  slicer = await world.pushedSlicer('slicer-1')
  const peer = await world.slicer('slicer-2')
  await peer.pushKey()
  authorization = bearerOf('slicer-2', world.control.credentialOf('slicer-2')!)
  world.playout.advance(188 * 8 + 100)
  await slicer.caughtUp()
  await slicer.ready()
})
afterAll(() => world.end())

describe('a listener', () => {
  it('gets a segment whole, with what a cache needs to keep it', async () => {
    const response = await slicer.get(SEGMENT)
    const body = Buffer.from(await response.arrayBuffer())
    expect(response.headers.get('content-length')).toBe(String(body.length))
    expect(response.headers.get('cache-control')).toContain('immutable')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('content-type')).toBe('audio/mp4')
  })

  it('gets a part of it for a Range, and 416 for one beyond its end', async () => {
    const whole = Buffer.from(await (await slicer.get(SEGMENT)).arrayBuffer())
    const part = await slicer.get(SEGMENT, { headers: { range: 'bytes=100-199' } })
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 100-199/${whole.length}`])
    expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(100, 200))
    expect((await slicer.get(SEGMENT, { headers: { range: `bytes=${whole.length}-` } })).status).toBe(416)
    const other = await slicer.get(SEGMENT, { headers: { range: 'bytes=0-9', 'if-range': '"of something else"' } })
    expect(other.status).toBe(200)
  })

  it('is not sent again what it has', async () => {
    for (const path of [SEGMENT, '/hls/night-radio/low/ts.m3u8', '/hls/night-radio/master.m3u8']) {
      const etag = (await slicer.get(path)).headers.get('etag')!
      const again = await slicer.get(path, { headers: { 'if-none-match': `"x", ${etag}` } })
      expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, ''])
    }
  })

  it('may ask for the head alone, and for leave beforehand', async () => {
    const head = await slicer.get(SEGMENT, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(50_000)
    const leave = await slicer.get(SEGMENT, { method: 'OPTIONS' })
    expect([leave.status, leave.headers.get('access-control-allow-methods')]).toEqual([204, 'GET, HEAD, OPTIONS'])
    expect((await slicer.get(SEGMENT, { method: 'POST', body: 'x' })).status).toBe(405)
  })

  it.each([
    `/hls/night-radio/high/${FIRST_SEGMENT + 9}.m4s`,
    `/hls/night-radio/high/${FIRST_SEGMENT - 1}.m4s`,
    '/hls/night-radio/high/-1.m4s',
    '/hls/night-radio/high/12.mp3',
    '/hls/night-radio/other/index.m3u8',
    '/hls/another/master.m3u8',
    '/hls/night-radio/high/../../../etc/passwd',
    '/',
  ])('gets 404 for %s', async (path) => {
    expect(await statusOf(path)).toBe(404)
  })

  it('gets the time, for DASH', async () => {
    expect(await (await slicer.get('/time')).text()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })
})

describe('a node of the station', () => {
  it('gets frames and the markers of sealed segments', async () => {
    const from = FIRST_FRAME + 188 * 7
    const response = await slicer.get(`/frames/low?from=${from}&to=${from + 400}`, { headers: { authorization } })
    expect(response.headers.get('content-type')).toBe(FRAME_BUNDLE_TYPE)
    const bundle = decodeFrameBundle(Buffer.from(await response.arrayBuffer()))
    expect(bundle.frames.map(({ frame }) => frame)).toEqual(Array.from({ length: 288 }, (_, index) => from + index))
    expect(bundle.frames[3]!.unit).toEqual(unitOf('low', from + 3))
    expect(bundle.markers.map(({ segment }) => segment)).toEqual([FIRST_SEGMENT + 7])
  })

  it('may wait for frames that are still to come', async () => {
    const from = world.playout.state.newestFrame + 1
    const waiting = slicer.get(`/frames/high?from=${from}&to=${from + 5}&waitMs=5000`, { headers: { authorization } })
    await eventually(async () => ((await slicer.status()).ok ? true : null), 'the slicer goes on answering')
    world.playout.advance(1)
    const bundle = decodeFrameBundle(Buffer.from(await (await waiting).arrayBuffer()))
    expect(bundle.frames.map(({ frame }) => frame)).toEqual([from])
  })

  it('waits no longer than it asked to', async () => {
    const from = world.playout.state.newestFrame + 1
    const response = await slicer.get(`/frames/high?from=${from}&to=${from + 5}&waitMs=20`, {
      headers: { authorization },
    })
    expect(decodeFrameBundle(Buffer.from(await response.arrayBuffer())).frames).toEqual([])
  })

  it('is known by its credential: nobody else gets a frame', async () => {
    const path = `/frames/high?from=${FIRST_FRAME}&to=${FIRST_FRAME + 9}`
    const shown = [undefined, 'Bearer slicer-2.wrong', bearerOf('slicer-1', world.control.credentialOf('slicer-1')!)]
    for (const one of shown)
      expect((await slicer.get(path, one ? { headers: { authorization: one } } : {})).status).toBe(401)
    expect((await slicer.get('/frames/high?from=9&to=3', { headers: { authorization } })).status).toBe(400)
    expect((await slicer.get('/frames/newest')).status).toBe(200)
  })
})

describe('an operator', () => {
  it('reads how the node is, in sentences and in numbers', async () => {
    expect(await (await slicer.get('/healthz')).json()).toEqual({ ok: true })
    expect(await slicer.status()).toMatchObject({ ok: true, reason: 'serving, on time', framesMissing: 0 })
    const answer = await slicer.get('/metrics')
    expect(answer.headers.get('content-type')).toContain('version=0.0.4')
    const metrics = await answer.text()
    expect(metrics).toMatch(/^airtight_slicer_ready{program="slicer"} 1$/m)
    expect(metrics).toMatch(
      new RegExp(`^airtight_slicer_newest_segment{rendition="high",program="slicer"} ${FIRST_SEGMENT + 7}$`, 'm'),
    )
    for (const line of metrics.trimEnd().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z]+="[^"]*",?)+\})? -?[\d.e+-]+)$/)
  })
})

/** As a client that does not tidy up paths. */
function statusOf(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ port: slicer.httpPort, path }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}
