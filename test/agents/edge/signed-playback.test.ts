import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EdgeConfiguration, nginxConfiguration } from '../../../agents/edge/nginx/configuration.ts'
import { Nginx } from '../../../agents/edge/nginx/nginx.ts'
import { systemClock } from '../../../platform/clock.ts'
import { playbackKeyOf, playbackSignatureOf } from '../../../platform/credentials.ts'
import { createLogger } from '../../../platform/log.ts'
import { systemProcesses } from '../../../platform/processes.ts'
import { freePort, status, until } from './edge-fixture.ts'

const KEY = playbackKeyOf('a secret with "quotes", a $dollar and a \\')
let folder: string
let nginx: Nginx
let backend: Server
let asked: string[]
let edge: EdgeConfiguration

/** One server stands for slicers, agent and archive: it answers with the path that it was asked for. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'airtight-signed-'))
  nginx = new Nginx(folder, systemProcesses, systemClock, createLogger('nginx', 'silent'))
  asked = []
  const answer = createServer((request, response) => {
    asked.push(request.url!)
    if (request.url!.includes('nothing')) return void response.writeHead(416).end('that time is not kept\n')
    response.setHeader('content-type', request.url!.includes('.m3u8') ? 'application/vnd.apple.mpegurl' : 'audio/mp4')
    if (request.headers.range) response.writeHead(206, { 'content-range': 'bytes 0-3/100' })
    response.end(`${request.url} ${asked.length}`)
  })
  backend = answer
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  const agent = createServer((request, response) => void response.end(request.url))
  await new Promise<void>((resolve) => agent.listen(join(folder, 'agent.sock'), resolve))
  backend.on('close', () => agent.close())
  const url = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`
  edge = {
    origins: [{ id: 'a', url }],
    cacheSalt: 'salt',
    archives: [url],
    playbackKey: KEY,
    listenHost: '127.0.0.1',
    listenPort: await freePort(),
    dataFolder: folder,
    agentSocket: join(folder, 'agent.sock'),
    pageFolder: folder,
    controlUrl: null,
    controlHost: 'control.example',
    workerUser: process.getuid?.() === 0 ? userInfo().username : null,
    workers: 1,
  }
})

afterEach(async () => {
  await nginx.stop()
  backend.closeAllConnections()
  backend.close()
  rmSync(folder, { recursive: true, force: true })
})

async function use(change: Partial<EdgeConfiguration>): Promise<void> {
  expect(await nginx.apply(nginxConfiguration({ ...edge, ...change }))).toBe(true)
  await until(async () => (await status(`http://127.0.0.1:${edge.listenPort}/healthz`)) === 200, 3_000)
}
const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${edge.listenPort}${path}`, init)
const textOf = async (path: string): Promise<string> => {
  const answer = await get(path)
  return `${answer.status} ${await answer.text()}`
}
const nowSeconds = (): number => Math.floor(Date.now() / 1000)
const prefix = (expires: number): string => `/s/${expires}.${playbackSignatureOf(KEY, expires)}`

const HEARD = [
  '/hls/x/master.m3u8',
  '/hls/x/high/index.m3u8',
  '/hls/x/high/447600000.m4s',
  '/hls/x/high/init.mp4',
  '/hls/x/high/447600000.ts',
  '/dash/x/manifest.mpd',
  '/stream/x/high.aac',
  '/stream/x/high.flv',
  '/hls/x/high/catchup.m3u8?from=1',
  '/hls/x/high/catchup/447600000.m4s',
]

describe('signed listening', () => {
  it('refuses every way to hear the station without a good signature, in a sentence that a page may read', async () => {
    await use({})
    const expires = nowSeconds() + 60
    const others = [
      '',
      `/s/${expires + 1}.${playbackSignatureOf(KEY, expires)}`,
      prefix(nowSeconds() - 1),
      `/s/${expires}.${'A'.repeat(22)}`,
    ]
    for (const path of HEARD)
      for (const before of others) {
        const answer = await get(`${before}${path}`)
        expect(`${before}${path} ${answer.status}`).toBe(`${before}${path} 403`)
        expect(answer.headers.get('access-control-allow-origin')).toBe('*')
        expect(answer.headers.get('content-type')).toContain('text/plain')
        expect(await answer.text()).toMatch(/signed|expired/)
      }
    expect(asked).toEqual([])
    for (const path of HEARD) expect(`${path} ${(await get(`${prefix(expires)}${path}`)).status}`).toBe(`${path} 200`)
    // A prefix does not let another prefix in, and a preflight needs none.
    expect((await get(`${prefix(nowSeconds() - 1)}${prefix(expires)}/hls/x/master.m3u8`)).status).not.toBe(200)
    expect((await get(`${prefix(expires)}/hls/x/master.m3u8`, { method: 'OPTIONS' })).status).toBe(204)
    // Podcasts are published; the page and its assets are no secret.
    expect((await get('/podcast.xml')).status).toBe(200)
  })

  it('keeps one copy for all listeners, and tells origins and agent nothing of the signature', async () => {
    await use({})
    const [one, other] = [prefix(nowSeconds() + 60), prefix(nowSeconds() + 3_600)]
    const first = await textOf(`${one}/hls/x/high/5.m4s`)
    expect(await textOf(`${other}/hls/x/high/5.m4s`)).toBe(first)
    expect(asked).toEqual(['/hls/x/high/5.m4s'])
    expect(await textOf(`${one}/stream/x/high.aac`)).toBe('200 /stream/x/high.aac')
    await until(() => readFileSync(join(folder, 'listeners.log'), 'utf8') === '', 2_000)
    await textOf(`${one}/hls/x/high/index.m3u8`)
    await until(() => readFileSync(join(folder, 'listeners.log'), 'utf8').includes('\t/hls/x/high/index.m3u8\t'), 3_000)
  })

  it('keeps its key out of the reach of other users', async () => {
    await use({})
    expect(statSync(join(folder, 'nginx.conf')).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'nginx.next.conf')).mode & 0o777).toBe(0o600)
  })

  it('lets everyone hear a station that is open, under old signed addresses too', async () => {
    await use({ playbackKey: null })
    expect((await get('/hls/x/master.m3u8')).status).toBe(200)
    expect((await get(`${prefix(nowSeconds() - 60)}/hls/x/high/index.m3u8`)).status).toBe(200)
  })
})

describe('past hours and podcasts at the edge', () => {
  it('come from the archive, the span asked for being part of what is remembered', async () => {
    await use({ playbackKey: null })
    const span = (to: number): Promise<string> => textOf(`/hls/x/high/catchup.m3u8?from=1&to=${to}`)
    // It is remembered from the second time on: of what is asked for once nothing is.
    expect(await span(2)).toBe('200 /hls/x/high/catchup.m3u8?from=1&to=2 1')
    for (const _again of [2, 3]) expect(await span(2)).toBe('200 /hls/x/high/catchup.m3u8?from=1&to=2 2')
    expect(await span(3)).toBe('200 /hls/x/high/catchup.m3u8?from=1&to=3 3')
    expect(await textOf('/hls/x/high/catchup.m3u8?from=nothing')).toBe('416 that time is not kept\n')
    expect((await get('/podcast/show.m4a', { headers: { range: 'bytes=0-3' } })).status).toBe(206)
    expect(await textOf('/podcast.xml')).toContain('200 /podcast.xml')
  })

  it('are not for somebody who asks for one span after the other without an end; live goes on for the same one', async () => {
    await use({ playbackKey: null })
    const asking = Array.from({ length: 80 }, (_, to) => get(`/hls/x/high/catchup.m3u8?from=1&to=${to}`))
    const statuses = (await Promise.all(asking)).map(({ status: each }) => each)
    expect(new Set(statuses)).toEqual(new Set([200, 429]))
    expect(statuses.filter((each) => each === 200).length).toBeGreaterThanOrEqual(40)
    expect((await get('/hls/x/high/index.m3u8')).status).toBe(200)
  })

  it('are refused in a sentence where there is no archive, and the live station is not touched by that', async () => {
    await use({ playbackKey: null, archives: [] })
    expect(await textOf('/hls/x/high/catchup.m3u8?from=1')).toBe('404 this station has no archive\n')
    expect(await textOf('/podcast.xml')).toBe('404 this station has no archive\n')
    expect((await get('/hls/x/high/index.m3u8')).status).toBe(200)
  })
})
