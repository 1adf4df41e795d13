import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Relays, startRelays } from '../../../../agents/ingest/relay/relays.ts'
import { createIcyInterleaver, ICY_METAINT } from '../../../../media/icy.ts'
import { systemClock } from '../../../../platform/clock.ts'
import { createLogger } from '../../../../platform/log.ts'
import { type Processes, systemProcesses } from '../../../../platform/processes.ts'
import { toneOf } from '../support/tone-of-feed.ts'
import { createWayIn, relayGrant, type WayIn } from '../support/way-in.ts'

const folder = mkdtempSync(join(tmpdir(), 'airtight-relay-'))
const started: string[] = []
const processes: Processes = {
  start(command, args, options) {
    started.push([command, ...args].join(' '))
    return systemProcesses.start(command, args, options)
  },
}
const passwords: string[] = []
/** Endless answers that are being given, to break them off. */
const streams = new Set<ServerResponse>()
let isHung = false
let mp3: Buffer
let segmenter: ChildProcess
let upstream: Server
let way: WayIn
let relays: Relays

/** An Icecast server of somebody else's: what it has saved up at once, then at the pace of sound; and a folder of HLS. */
function serve(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? ''
  if (path.startsWith('/hls/')) {
    try {
      response.end(readFileSync(join(folder, path.slice('/hls/'.length))))
    } catch {
      response.writeHead(404).end()
    }
    return
  }
  if (request.headers.authorization === undefined) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="theirs"' }).end()
    return
  }
  passwords.push(request.headers.authorization)
  streams.add(response)
  const icy = createIcyInterleaver(ICY_METAINT)
  icy.setTitle({ artist: 'Elsewhere', title: 'Their song' })
  response.writeHead(200, { 'content-type': 'audio/mpeg', 'icy-metaint': String(ICY_METAINT) })
  let at = 0
  const give = (bytes: number): void => {
    if (isHung) return
    response.write(icy.push(mp3.subarray(at, at + bytes)))
    at += bytes
  }
  give(32_000)
  const stop = systemClock.every(100, () => give(1_600))
  response.on('close', () => {
    streams.delete(response)
    stop()
  })
}

beforeAll(async () => {
  const tone = ['-f', 'lavfi', '-i', 'sine=frequency=1000:sample_rate=48000']
  mp3 = execFileSync('ffmpeg', [
    ...['-v', 'error', ...tone, '-t', '40', '-c:a', 'libmp3lame', '-b:a', '128k', '-f', 'mp3', 'pipe:1'],
  ])
  const live = ['-c:a', 'aac', '-f', 'hls', '-hls_time', '1', '-hls_list_size', '5', '-hls_flags', 'delete_segments']
  segmenter = spawn('ffmpeg', ['-v', 'error', '-re', ...tone, ...live, join(folder, 'live.m3u8')], { stdio: 'ignore' })
  upstream = createServer(serve)
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const { port } = upstream.address() as AddressInfo
  const now = systemClock.wallMs()
  way = createWayIn([
    relayGrant('icecast', `http://me:hidden@127.0.0.1:${port}/radio`, [
      { fromMs: now + 10_000, untilMs: now + 60_000 },
    ]),
    relayGrant('hls', `http://127.0.0.1:${port}/hls/live.m3u8`, [{ fromMs: now, untilMs: now + 60_000 }]),
    relayGrant('stopped', `http://127.0.0.1:${port}/radio`, null),
  ])
  relays = startRelays({
    ...{ feeds: way.feeds, grants: () => way.grants, processes, clock: systemClock },
    ...{ random: () => 0.5, log: createLogger('test', 'silent') },
  })
})

afterAll(async () => {
  relays.close()
  segmenter.kill('SIGKILL')
  upstream.closeAllConnections()
  await new Promise((resolve) => upstream.close(resolve))
  rmSync(folder, { recursive: true, force: true })
})

describe.concurrent('a relay', () => {
  it('of an Icecast stream flows evenly, with its titles, and a broken pull is bridged by what is in hand', async () => {
    const feed = await way.until('icecast', ({ newestSample, title }) => newestSample > 24_000 && title !== '')
    expect(feed.describe()).toMatchObject({
      ...{ source: 'relay', state: 'connected', title: 'Elsewhere - Their song', format: 'MP3, 48 kHz, mono' },
      ...{ remoteAddress: '127.0.0.1', problems: [] },
    })
    expect(passwords[0]).toBe(`Basic ${Buffer.from('me:hidden').toString('base64')}`)
    expect(started.filter((line) => line.includes('hidden'))).toEqual([])

    for (const stream of streams) stream.destroy()
    await way.until('icecast', ({ problems }) => problems.length === 1)
    await way.until('icecast', ({ problems }) => problems.length === 0)
    const { connection, state, newestSample } = feed.describe()
    expect({ connection, state }).toEqual({ connection: 1, state: 'connected' })
    await way.until('icecast', (later) => later.newestSample > newestSample + 24_000)
    // A decoder that begins in the middle of an MP3 stream is silent for a frame or two; there is no other hole.
    expect(toneOf(feed, 1000).purity).toBeGreaterThan(0.9)

    // Two seconds were saved up there: they are held here, and not handed on at once.
    const beforeMs = systemClock.monotonicMs()
    const before = feed.ring.newestSample
    await way.until('icecast', (later) => later.newestSample > before + 48_000)
    const tookMs = systemClock.monotonicMs() - beforeMs
    expect(tookMs).toBeGreaterThan(500)

    isHung = true
    for (const stream of streams) stream.destroy()
    await way.until('icecast', ({ state }) => state === 'lost', 12_000)
    isHung = false
    await way.until('icecast', (later) => later.state === 'connected' && later.connection === 2, 25_000)
    way.grants.splice(0, 1)
    await way.until('icecast', ({ state }) => state === 'ended')
  }, 60_000)

  it('of HLS flows evenly though it comes by the segment', async () => {
    const feed = await way.until('hls', ({ newestSample }) => newestSample > 0, 25_000)
    const begunMs = systemClock.monotonicMs()
    const begun = feed.ring.newestSample
    const aheadMs: number[] = []
    const stop = systemClock.every(100, () => {
      const heardMs = (feed.ring.newestSample - begun) / 48
      aheadMs.push(heardMs - (systemClock.monotonicMs() - begunMs))
    })
    await way.until('hls', ({ newestSample }) => newestSample > 4 * 48_000)
    stop()
    // Several seconds are there at once; how even it is on a machine with nothing else to do, the pacer's own test says.
    expect(Math.max(...aheadMs)).toBeLessThan(1_500)
    const heard = toneOf(feed, 1000)
    expect(heard.seconds).toBeGreaterThan(3.8)
    expect(heard.weakest).toBeGreaterThan(0.7)
    expect(heard.worstStepSamples).toBeLessThan(3)
    expect(way.feeds.ofKey('stopped')).toBeNull()
    expect(relays.pulling()).not.toContain('stopped')
  }, 40_000)
})
