import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, get, type Server } from 'node:http'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EdgeConfiguration, nginxConfiguration } from '../../../agents/edge/nginx/configuration.ts'
import { boundedLines } from '../../../agents/edge/nginx/log-lines.ts'
import { Nginx } from '../../../agents/edge/nginx/nginx.ts'
import { retiredWorkers } from '../../../agents/edge/nginx/stray-workers.ts'
import { systemClock } from '../../../platform/clock.ts'
import { createLogger } from '../../../platform/log.ts'
import { systemProcesses } from '../../../platform/processes.ts'
import { freePort, status, until } from './edge-fixture.ts'

const RETIRED_MAX = 2
let folder: string
let nginx: Nginx
let agent: Server
let edge: EdgeConfiguration

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'airtight-nginx-'))
  nginx = new Nginx(folder, systemProcesses, systemClock, createLogger('nginx', 'silent'), RETIRED_MAX)
  edge = {
    origins: [{ id: 'a', url: 'http://127.0.0.1:9' }],
    cacheSalt: 'salt',
    archives: [],
    playbackKey: null,
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
  agent = createServer((request, response) => {
    if (!request.url!.startsWith('/stream/')) return void response.end('ok')
    response.writeHead(200)
    const ticking = setInterval(() => response.write('tick '), 20)
    response.on('close', () => clearInterval(ticking))
  })
  await new Promise<void>((resolve) => agent.listen(edge.agentSocket, resolve))
})

afterEach(async () => {
  await nginx.stop()
  agent.closeAllConnections()
  agent.close()
  rmSync(folder, { recursive: true, force: true })
})

/** An endless listener: how much it has got, and whether it has been cut off. */
function listen() {
  const state = { bytes: 0, isOver: false }
  const request = get(`http://127.0.0.1:${edge.listenPort}/stream/x/y.aac`, (response) => {
    response.on('data', (part: Buffer) => {
      state.bytes += part.length
    })
    response.on('error', () => undefined)
    response.on('close', () => {
      state.isOver = true
    })
  })
  request.on('error', () => undefined)
  return { state, close: () => request.destroy() }
}

describe('nginx under the agent', () => {
  it('keeps endless streams through reloads, and bounds what that leaves behind', async () => {
    expect(await nginx.apply(nginxConfiguration(edge))).toBe(true)
    await until(async () => (await status(`http://127.0.0.1:${edge.listenPort}/healthz`)) === 200, 3_000)
    const retired = new Set<number>()
    const listeners: ReturnType<typeof listen>[] = []
    for (let reload = 0; reload < 4; reload += 1) {
      const listener = listen()
      listeners.push(listener)
      await until(() => listener.state.bytes > 0, 2_000)
      expect(await nginx.apply(nginxConfiguration({ ...edge, cacheSalt: `salt${reload}` }))).toBe(true)
      // Until then new listeners may still come to the old worker.
      await until(() => retiredWorkers(folder, nginx.pid!).some((pid) => !retired.has(pid)), 2_000, 5)
      for (const pid of retiredWorkers(folder, nginx.pid!)) retired.add(pid)
    }
    const [, , , newest] = listeners
    const before = newest!.state.bytes
    await until(() => newest!.state.bytes > before + 50, 2_000)
    expect(newest!.state.isOver).toBe(false)
    await until(() => listeners[0]!.state.isOver, 3_000)
    await until(() => retiredWorkers(folder, nginx.pid!).length <= RETIRED_MAX, 2_000)
    for (const listener of listeners) listener.close()
  }, 20_000)

  it('refuses a configuration that nginx does not take, says why, and goes on with the old one', async () => {
    await nginx.apply(nginxConfiguration(edge))
    const good = readFileSync(join(folder, 'nginx.conf'), 'utf8')
    expect(await nginx.apply(good.replace('proxy_cache_lock on;', 'proxy_cache_luck on;'))).toBe(false)
    expect(nginx.alarm).toContain('unknown directive "proxy_cache_luck"')
    expect(readFileSync(join(folder, 'nginx.conf'), 'utf8')).toBe(good)
    await until(async () => (await status(`http://127.0.0.1:${edge.listenPort}/healthz`)) === 200, 3_000)
    expect(await nginx.apply(good)).toBe(true)
    expect(nginx.alarm).toBeNull()
  })

  it('answers 503 for the station, and not nothing, while no slicer serves', async () => {
    await nginx.apply(nginxConfiguration({ ...edge, origins: [] }))
    const url = `http://127.0.0.1:${edge.listenPort}`
    await until(async () => (await status(`${url}/healthz`)) === 200, 3_000)
    expect(await status(`${url}/hls/x/high/index.m3u8`)).toBe(503)
  })
})

describe('the configuration', () => {
  it('names every serving origin in both groups and nothing in a cache key but salt and path', () => {
    const origins = ['a', 'b'].map((id, index) => ({ id, url: `http://10.0.0.${index + 1}:8101` }))
    const text = nginxConfiguration({ ...edge, origins })
    expect(text.match(/server 10\.0\.0\.[12]:8101 max_fails=1 fail_timeout=5s;/g)).toHaveLength(4)
    expect(text).toContain('proxy_cache_key "salt $uri";')
    expect(text.replace(/#.*/g, '')).not.toMatch(/updating|ip_hash|backup/)
    expect(() => nginxConfiguration({ ...edge, dataFolder: '/srv/$HOME' })).toThrow('dollar sign')
  })
})

describe('what nginx says', () => {
  it('is handed on, but not thousands of times a minute', async () => {
    const stream = new PassThrough()
    const lines: string[] = []
    let nowMs = 0
    boundedLines(stream, { ...systemClock, monotonicMs: () => nowMs }, (line) => lines.push(line))
    stream.write(`${'upstream timed out\n'.repeat(5_000)}half a`)
    await until(() => lines.length === 60, 1_000)
    nowMs = 61_000
    stream.write(' line\n')
    await until(() => lines.length === 62, 1_000)
    expect(lines.slice(-2)).toEqual(['4940 more lines were left out', 'half a line'])
  })
})
