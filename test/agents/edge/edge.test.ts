import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EdgeWorld, startWorld, status, until } from './edge-fixture.ts'
import { titleOf } from './fake-station.ts'

let world: EdgeWorld

beforeAll(async () => {
  world = await startWorld(2)
}, 20_000)

afterAll(async () => {
  await world.stop()
}, 20_000)

const playlistUrl = (): string => `${world.url}/hls/test-radio/high/index.m3u8`
const segmentUrl = (segment: number): string => `${world.url}/hls/test-radio/high/${segment}.m4s`

describe('what players ask of the edge', () => {
  it('answers ranges, revalidation and other origins from the cache, with the bytes of the slicers', async () => {
    const segment = world.station.newestSegment - 1
    const whole = world.station.segmentBody(segment)
    const answer = await fetch(segmentUrl(segment))
    expect(Buffer.from(await answer.arrayBuffer()).equals(whole)).toBe(true)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('cache-control')).toContain('immutable')

    const part = await fetch(segmentUrl(segment), { headers: { range: 'bytes=100-199' } })
    expect(part.status).toBe(206)
    expect(part.headers.get('content-range')).toBe(`bytes 100-199/${whole.length}`)
    expect(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(100, 200))).toBe(true)

    const again = await fetch(segmentUrl(segment), { headers: { 'if-none-match': answer.headers.get('etag')! } })
    expect(again.status).toBe(304)

    const zipped = await fetch(playlistUrl(), { headers: { 'accept-encoding': 'gzip' } })
    const plain = await fetch(playlistUrl(), { headers: { 'accept-encoding': 'identity' } })
    expect((await zipped.text()).split('\n').slice(0, 2)).toEqual((await plain.text()).split('\n').slice(0, 2))
    expect(plain.headers.get('cache-control')).toBe('no-cache')

    const paths = [playlistUrl(), segmentUrl(world.station.newestSegment), `${world.url}/stream/test-radio/high.aac`]
    for (const path of paths) {
      const preflight = await fetch(path, { method: 'OPTIONS' })
      expect(preflight.status, path).toBe(204)
      expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
      expect(preflight.headers.get('access-control-allow-headers')).toMatch(/Range.*Icy-MetaData/)
    }
  })

  it('fetches each new segment before a listener does, and once', async () => {
    const segment = world.station.newestSegment + 1
    const asked = () =>
      world.slicers.flatMap(({ segmentRequests }) =>
        segmentRequests.filter(({ path }) => path.endsWith(`/${segment}.m4s`)),
      )
    // One probe of each slicer and one fetch by nginx.
    await until(() => asked().length === 3, 5_000)
    expect(await status(segmentUrl(segment))).toBe(200)
    expect(asked()).toHaveLength(3)
  })

  it('slows down who asks for segments that are not there, without an error that ends a player', async () => {
    const startedAtMs = performance.now()
    const statuses: number[] = []
    for (let n = 0; n < 8; n += 1) statuses.push(await status(segmentUrl(1_000_000 + n)))
    expect(new Set(statuses)).toEqual(new Set([404]))
    expect(performance.now() - startedAtMs).toBeGreaterThan(1_000)
    expect(await status(segmentUrl(world.station.newestSegment))).toBe(200)
  })

  it('gives the page a policy by which no script but its own runs', async () => {
    const { headers } = await fetch(`${world.url}/`)
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('tells the page its station, and passes on what the control center says for a position', async () => {
    expect(await (await fetch(`${world.url}/listen.json`)).json()).toMatchObject({ station: { name: 'Test Radio' } })
    const answer = await fetch(`${world.url}/api/now-playing?at=4000`)
    expect(await answer.json()).toEqual({ asked: '/api/now-playing?at=4000' })
    expect(await status(`${world.url}/api/nodes`)).toBe(404)
    expect(new Date(await (await fetch(`${world.url}/time`)).text()).getTime()).toBeGreaterThan(1.7e12)
    expect(await (await fetch(`${world.url}/healthz`)).json()).toEqual({ ok: true })
    expect(await (await fetch(`${world.url}/metrics`)).text()).toContain('airtight_edge_origins_used{program="edge"} 2')
  })
})

describe('endless streams', () => {
  it('hand out every frame once and in order while the slicer behind them is replaced twice', async () => {
    const [one, two] = world.slicers
    const listener = openStream('/stream/test-radio/high.aac')
    await until(() => listener.frames().length > 180, 5_000)
    await one!.setFault('hangs')
    await until(() => listener.frames().length > 300, 6_000)
    await one!.setFault('none')
    await two!.setFault('refuses')
    await until(() => listener.frames().length > 420, 6_000)
    await two!.setFault('none')
    listener.close()

    const frames = listener.frames()
    expect(frames).toEqual(frames.map((_, index) => frames[0]! + index))
    // The pause that a listener sees stays well below the 4 s that it was given at the start.
    expect(listener.longestPauseMs()).toBeLessThan(1_800)
  }, 25_000)

  it('tell titles at their frames to who asks for them', async () => {
    const listener = openStream('/stream/test-radio/high.aac', { 'icy-metadata': '1' })
    await until(() => listener.text().includes('StreamTitle'), 5_000)
    listener.close()
    expect(listener.headers()['icy-name']).toBe('Test Radio')
    const metaint = Number(listener.headers()['icy-metaint'])
    expect(metaint).toBe(16_000)
    const body = listener.body()
    const titled = body.toString('latin1', metaint + 1, metaint + 1 + body[metaint]! * 16)
    const lastFrame = Number(/frame (\d+) /g.exec(body.toString('latin1', metaint - 200, metaint))![1])
    expect(titled).toContain(`StreamTitle='${titleOf(Math.floor(lastFrame / 188))}';`)
  })

  it('come as FLV too, about two seconds behind', async () => {
    const listener = openStream('/stream/test-radio/high.flv')
    await until(() => listener.frames().length > 94, 5_000)
    listener.close()
    expect(listener.body().toString('latin1', 0, 3)).toBe('FLV')
    const [first] = listener.frames()
    expect(world.station.newestFrame - first!).toBeLessThan(220)
    expect(await status(`${world.url}/stream/test-radio/medium.aac`)).toBe(404)
  })
})

describe('listeners', () => {
  it('are counted by path: players by address and user agent, endless ones by connection', async () => {
    const poll = (agent: string) =>
      fetch(playlistUrl(), { headers: { 'user-agent': agent } }).then((answer) => answer.text())
    await Promise.all([poll('car'), poll('kitchen'), poll('car')])
    const stream = openStream('/stream/test-radio/high.aac')
    const paths = ['/hls/test-radio/high/index.m3u8', '/stream/test-radio/high.aac'] as const
    const counted = () => paths.map((path) => world.edge.listeners().byPath[path])
    // The third player is this test itself, which has asked before.
    await until(() => counted()[0] === 3 && counted()[1] === 1, 6_000)
    stream.close()
    await until(() => counted()[1] === undefined, 4_000)
    const told = (await (await fetch(`${world.url}/listeners`)).json()) as { peak: number; now: number }
    expect(told.peak).toBeGreaterThan(told.now)
  })
})

describe('the edge itself', () => {
  it('starts nginx again at once when it is killed, and leaves no worker behind', async () => {
    const before = world.edge.nginxPid()!
    process.kill(before, 'SIGKILL')
    await until(() => world.edge.nginxPid() !== null && world.edge.nginxPid() !== before, 3_000)
    await until(async () => (await status(playlistUrl())) === 200, 3_000)
  })

  it('forgets what nginx has stored when the wall clock is stepped, and goes on answering', async () => {
    const salt = () => /proxy_cache_key "(\w+) \$uri"/.exec(readFileSync(join(world.folder, 'nginx.conf'), 'utf8'))![1]
    const before = salt()
    world.wallOffsetMs = -3_600_000
    await until(() => salt() !== before, 4_000)
    expect(await status(playlistUrl())).toBe(200)
    world.wallOffsetMs = 0
  })

  it('is back after a restart with the control center gone', async () => {
    await world.control.stop()
    await world.restartEdge()
    await until(async () => (await status(playlistUrl())) === 200, 4_000)
    expect(await (await fetch(`${world.url}/listen.json`)).json()).toMatchObject({ station: { id: 'test-radio' } })
  }, 10_000)
})

function openStream(path: string, headers: Record<string, string> = {}) {
  const parts: Buffer[] = []
  let told: Record<string, string | string[] | undefined> = {}
  let lastAtMs = performance.now()
  let longestPauseMs = 0
  const asking = request(`${world.url}${path}`, { headers }, (response) => {
    told = response.headers
    response.on('data', (part: Buffer) => {
      longestPauseMs = Math.max(longestPauseMs, performance.now() - lastAtMs)
      lastAtMs = performance.now()
      parts.push(part)
    })
    response.on('error', () => undefined)
  })
  asking.on('error', () => undefined)
  asking.end()
  const body = (): Buffer => Buffer.concat(parts)
  return {
    body,
    text: () => body().toString('latin1'),
    headers: () => told,
    frames: () =>
      [
        ...body()
          .toString('latin1')
          .matchAll(/frame (\d+) x/g),
      ].map((match) => Number(match[1])),
    longestPauseMs: () => longestPauseMs,
    close: () => asking.destroy(),
  }
}
