import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nginxConfiguration } from '../../../agents/edge/nginx/configuration.ts'
import { Nginx } from '../../../agents/edge/nginx/nginx.ts'
import { systemClock } from '../../../platform/clock.ts'
import { createLogger } from '../../../platform/log.ts'
import { systemProcesses } from '../../../platform/processes.ts'
import { freePort, until } from './edge-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'airtight-paths-'))
const nginx = new Nginx(folder, systemProcesses, systemClock, createLogger('nginx', 'silent'))
const asked: string[] = []
let origin: Server
let port: number

/** Stands for slicers, archive and control center: it knows plain paths, as they do, and answers 404 to every other spelling. */
beforeAll(async () => {
  origin = createServer((incoming, response) => {
    asked.push(incoming.url!)
    const isPlain = /^\/(hls|dash|podcast|api)(\/[a-z0-9-]+)*(\.[a-z0-9]+)?(\?.*)?$/.test(incoming.url!)
    response.writeHead(isPlain ? 200 : 404).end(`answer to ${incoming.url}`)
  })
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`
  port = await freePort()
  const isApplied = await nginx.apply(
    nginxConfiguration({
      ...{ origins: [{ id: 'a', url }], archives: [url], controlUrl: url, controlHost: 'control.example' },
      ...{ cacheSalt: 'salt', playbackKey: null, listenHost: '127.0.0.1', listenPort: port },
      ...{ dataFolder: folder, agentSocket: join(folder, 'agent.sock'), pageFolder: folder },
      ...{ workerUser: process.getuid?.() === 0 ? userInfo().username : null, workers: 1 },
    }),
  )
  expect(isApplied).toBe(true)
  await until(
    () =>
      get('/').then(
        () => true,
        () => false,
      ),
    3_000,
  )
}, 15_000)
afterAll(async () => {
  await nginx.stop()
  origin.closeAllConnections()
  origin.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The path goes out as it is written: `fetch` would tidy it up. */
const get = (path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers }, (answer) => {
      let text = ''
      answer.on('data', (part: Buffer) => {
        text += part.toString('utf8')
      })
      answer.on('end', () => resolve({ status: answer.statusCode!, text }))
    })
      .on('error', reject)
      .end()
  })

const SPELLINGS = (path: string): string[] => [
  `/${path}`,
  `/nowhere/..${path}`,
  `/nowhere/..%2f${path.slice(1)}`,
  `/.${path}`,
  path.replace('/x', '/%78'),
  path.replace('/x', '//x'),
]

describe('odd spellings of a path', () => {
  it.each([
    ['a segment', '/hls/x/high/447600001.m4s'],
    ['a playlist', '/hls/x/high/index.m3u8'],
    ['a segment of a past hour', '/hls/x/high/catchup/447600002.m4s'],
    ['the manifest of DASH', '/dash/x/manifest.mpd'],
  ])('never spoil %s for everybody', async (_what, path) => {
    for (const spelling of SPELLINGS(path)) {
      asked.length = 0
      const { status, text } = await get(spelling)
      expect([spelling, status, text]).toEqual([spelling, 200, `answer to ${path}`])
      expect(asked.every((each) => each === path)).toBe(true)
    }
    expect(await get(path)).toEqual({ status: 200, text: `answer to ${path}` })
  })

  it('a query that is no part of the key makes no other answer; one that is goes through as it came', async () => {
    const segment = '/hls/x/high/447600003.m4s'
    expect((await get(`${segment}?other=1`)).text).toBe(`answer to ${segment}`)
    const past = '/hls/x/high/catchup.m3u8?from=2026-03-01T20%3A00%3A00%2B01%3A00&to=5'
    expect((await get(past)).text).toBe(`answer to ${past}`)
    expect((await get('//api/now-playing?at=4000')).text).toBe('answer to /api/now-playing?at=4000')
  })

  it('a playlist is asked anew by whoever knows the salt, for everybody; by nobody else', async () => {
    const path = '/hls/x/low/index.m3u8'
    await get(path)
    asked.length = 0
    await get(path, { 'x-airtight-renew': 'guessed' })
    expect(asked).toEqual([])
    await get(path, { 'x-airtight-renew': 'salt' })
    expect(asked).toEqual([path])
    await get(path)
    expect(asked).toEqual([path])
  })

  it('line breaks in a path become no headers', async () => {
    asked.length = 0
    await get('/hls/x/high%0d%0aX-Evil:%201/447600004.m4s')
    expect(asked.filter((each) => /[\r\n]/.test(each))).toEqual([])
  })
})
