import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { INGEST_LIMITS } from '../../../agents/ingest/limits.ts'
import { parse } from '../../../schemas/check.ts'
import { type Feed, FeedsLine } from '../../../schemas/live.ts'
import { run, temporaryFolder } from '../../platform/rtmp/tools.ts'
import { skippingClock } from '../slicer/world.ts'
import { heard } from './heard.ts'
import { bodiesOfTone, connectEncoder } from './scripted-encoder.ts'
import { createIngestWorld, type IngestWorld, keyOf, SETTINGS } from './world.ts'

const folder = temporaryFolder()
const clock = skippingClock()
let world: IngestWorld
/** A sequence header, and 94 frames: two seconds. */
let tone: Buffer[]
beforeAll(async () => {
  world = await createIngestWorld({ clock })
  tone = await bodiesOfTone(folder.path('tone.flv'), 400, ['-ar', '48000', '-ac', '2', '-c:a', 'aac'], 2)
})
afterAll(async () => {
  await world.end()
  folder.remove()
})

const connect = (name: string) => connectEncoder(world.ingest.waysIn.rtmp!, keyOf(name))
const whenDecoded = (keyId: string, frames: number): Promise<Feed> =>
  world.feed(keyId, ({ newestSample }) => newestSample === frames * 1_024, `${frames} frames are decoded`)
const statusOf = async (path: string): Promise<number> => {
  const answer = await world.get(path)
  answer.destroy()
  return answer.statusCode ?? 0
}

/** The path goes out as it is written. */
const statusOfBare = (path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(world.url('/'))
    const asking = request({ hostname, port, path }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    asking.on('error', reject)
    asking.end()
  })

describe('what playout is told, and given', { timeout: 20_000 }, () => {
  it('nothing without the key', async () => {
    for (const path of ['/feeds/events', '/feeds/anna/0123456789abcdef/pcm?from=0', '/feeds/anna/preview.aac'])
      expect((await world.get(path, false)).statusCode).toBe(401)
    expect((await fetch(world.url('/feeds/anna/kick'), { method: 'POST', body: '{}' })).status).toBe(401)
    // What is no address at all is nobody's defect, and fills no log.
    for (const path of ['//', '//[', 'http://[']) expect([path, await statusOfBare(path)]).toEqual([path, 404])
    expect((await world.kick('nobody', {})).status).toBe(404)
    expect((await world.kick('anna', { refuseMs: -1 })).status).toBe(400)
  })

  it('audio from any offset that is held, from the newest, and what comes after', async () => {
    const encoder = await connect('anna')
    encoder.send(tone.slice(0, 51))
    const feed = await whenDecoded('anna', 50)
    const path = `/feeds/anna/${feed.run}/pcm`
    const all = await world.pcm(feed)
    const part = await world.pcm(feed, 10_000)
    expect(part).toEqual(all.subarray(20_000))
    expect(await statusOf(`${path}?from=${feed.newestSample + 1}`)).toBe(416)
    expect(await statusOf(`${path}?from=-1`)).toBe(400)
    expect(await statusOf(`/feeds/anna/${'0'.repeat(16)}/pcm?from=0`)).toBe(410)
    const newest = await world.get(`${path}?from=newest`)
    expect(newest.headers['x-airtight-from']).toBe(String(feed.newestSample))
    encoder.send(tone.slice(51, 61))
    let bytes = 0
    for await (const piece of newest as AsyncIterable<Buffer>) {
      bytes += piece.length
      if (bytes === 10 * 1_024 * 8) break
    }
    await encoder.goodbye()
  })

  it('levels and sound; and who leaves and comes back at once is let in', async () => {
    const encoder = await connect('bert')
    encoder.send(tone)
    const loud = await whenDecoded('bert', tone.length - 1)
    // 0.3 as a sine, spread to two sides: 13.5 dB below full scale, its RMS 3 dB lower.
    expect(Math.abs(loud.peakDbfs + 13.5)).toBeLessThan(0.3)
    expect(Math.abs(loud.levelDbfs + 16.5)).toBeLessThan(0.3)
    expect(loud).toMatchObject({ silentForMs: 0 })
    expect(loud.soundForMs).toBeGreaterThan(1_900)
    await encoder.goodbye()
    const back = await connect('bert')
    const again = await world.feed('bert', ({ connection }) => connection === 2, 'it may come back at once')
    expect(again.connectionFromSample).toBe(loud.newestSample)
    await back.goodbye()
  })

  it('a line at once, and four a second', async () => {
    const events = await world.get('/feeds/events')
    const started = performance.now()
    let lines = 0
    for await (const text of events as AsyncIterable<Buffer>) {
      for (const line of text.toString('utf8').trim().split('\n')) {
        expect(parse(FeedsLine, JSON.parse(line)).node).toBe('ingest-1')
        lines += 1
      }
      if (lines >= 5) break
    }
    expect(performance.now() - started).toBeLessThan(2_500)
  })

  it('that a feed is forgotten: its readers are at their end, and the next one is another run', async () => {
    const encoder = await connect('bert')
    const feed = await world.feed('bert', ({ state }) => state === 'connected', 'it is connected')
    const reader = await world.get(`/feeds/bert/${feed.run}/pcm?from=newest`)
    reader.resume()
    await encoder.goodbye()
    await world.feed('bert', ({ state }) => state === 'ended', 'it has ended')
    clock.skip(SETTINGS.graceMs + INGEST_LIMITS.forgetMs)
    await once(reader, 'end')
    const next = await connect('bert')
    next.send(tone.slice(0, 11))
    const anew = await whenDecoded('bert', 10)
    expect(anew.run).not.toBe(feed.run)
    expect(anew).toMatchObject({ connection: 1, connectionFromSample: 0 })
    await next.goodbye()
  })

  it('a preview, as AAC', async () => {
    const encoder = await connect('anna')
    await world.feed('anna', ({ state }) => state === 'connected', 'it is connected')
    const authorization = world.headers().authorization
    const listener = run('ffmpeg', [
      ...['-v', 'error', '-y', '-headers', `Authorization: ${authorization}\r\n`],
      ...['-i', world.url('/feeds/anna/preview.aac'), '-t', '0.5', '-ar', '48000', '-ac', '2', '-f', 'f32le'],
      folder.path('preview.raw'),
    ])
    const metrics = async (): Promise<string> => (await fetch(world.url('/metrics'))).text()
    while (!(await metrics()).includes('airtight_ingest_previews{program="ingest"} 1'));
    encoder.send(tone)
    expect(await listener.done).toEqual({ code: 0, output: '' })
    const bytes = new Uint8Array(await readFile(folder.path('preview.raw')))
    expect(heard(new Float32Array(bytes.buffer), { a: 400 })).toMatch(/^[.a]{0,8}a{40,}$/)
    while (!(await metrics()).includes('airtight_ingest_previews{program="ingest"} 0'));
    await encoder.goodbye()
  })
})

describe('an ingest node that is restarted', { timeout: 20_000 }, () => {
  it('says that its senders are lost, not that they have ended: they come back', async () => {
    const restarted = await createIngestWorld()
    try {
      const encoder = await connectEncoder(restarted.ingest.waysIn.rtmp!, keyOf('anna'))
      await restarted.feed('anna', ({ state }) => state === 'connected', 'anna is connected')
      const lost = restarted.feed('anna', ({ state }) => state !== 'connected', 'the end is told')
      await restarted.feed('anna', () => true, 'the events are followed')
      await restarted.restart()
      expect(await lost).toMatchObject({ state: 'lost' })
      expect(await encoder.closed).toContain('The station restarts its way in')
    } finally {
      await restarted.end()
    }
  })
})

describe('an ingest node whose control center is dead', { timeout: 20_000 }, () => {
  it('takes the keys that it knew, after a restart too', async () => {
    const lonely = await createIngestWorld()
    try {
      await lonely.control.die()
      await lonely.restart()
      expect((await fetch(lonely.url('/healthz'))).status).toBe(200)
      const encoder = await connectEncoder(lonely.ingest.waysIn.rtmp!, keyOf('anna'))
      encoder.send(tone)
      await lonely.feed('anna', ({ newestSample }) => newestSample > 48_000, 'a second is decoded')
      await encoder.goodbye()
    } finally {
      await lonely.end()
    }
  })
})
