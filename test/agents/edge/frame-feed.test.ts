import { EventEmitter } from 'node:events'
import { createServer, get, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { FrameFeed } from '../../../agents/edge/streams/frame-feed.ts'
import { endlessAac } from '../../../agents/edge/streams/stream-format.ts'
import { feedListener, runsOfOneTitle } from '../../../agents/edge/streams/stream-listener.ts'
import type { FrameClient } from '../../../agents/shared/frame-client.ts'
import type { NumberedFrame } from '../../../media/frame-bundle.ts'
import { systemClock } from '../../../platform/clock.ts'
import { createLogger } from '../../../platform/log.ts'
import type { Title } from '../../../schemas/markers.ts'
import { until } from './edge-fixture.ts'

/** Frames by source: what each of them has. */
type Holdings = Record<string, { has(frame: number): boolean; newest: number; firstAvailable: number }>

function clientOf(holdings: Holdings): FrameClient {
  return {
    async fetchNewest(url) {
      const { newest, firstAvailable } = holdings[url]!
      return { generation: 1, newestFrame: { high: newest }, firstAvailableFrame: firstAvailable }
    },
    async fetchFrames(url, _rendition, from, to) {
      const { has, newest } = holdings[url]!
      const frames = []
      for (let frame = from; frame < Math.min(to, newest + 1); frame += 1) {
        if (has(frame)) frames.push({ frame, unit: Buffer.from(String(frame)) })
      }
      return { frames, markers: [] }
    },
  }
}

let feed: FrameFeed
afterEach(() => feed.stop())

function startFeed(holdings: Holdings): FrameFeed {
  feed = new FrameFeed({
    rendition: 'high',
    sources: () => Object.keys(holdings),
    client: clientOf(holdings),
    clock: systemClock,
    log: createLogger('feed', 'silent'),
  })
  feed.subscribe(() => undefined)
  return feed
}

const numbers = (): number[] => feed.frames.map(({ frame }) => frame)

describe('the feed of frames', () => {
  it('fills the hole of one slicer from another, with each number once and in order', async () => {
    startFeed({
      one: { has: (frame) => frame < 9_600 || frame > 9_650, newest: 10_000, firstAvailable: 0 },
      two: { has: () => true, newest: 9_990, firstAvailable: 0 },
    })
    await until(() => numbers().at(-1) === 10_000, 3_000)
    expect(numbers()).toEqual(numbers().map((_, index) => numbers()[0]! + index))
    expect(feed.counters.framesSkipped).toBe(0)
  })

  it('passes over frames that playout has given up, at once', async () => {
    const holdings: Holdings = {
      one: { has: (frame) => frame <= 9_900 || frame >= 10_152, newest: 9_900, firstAvailable: 0 },
    }
    startFeed(holdings)
    await until(() => numbers().at(-1) === 9_900, 2_000)
    Object.assign(holdings.one!, { newest: 10_200, firstAvailable: 10_152 })
    await until(() => numbers().at(-1) === 10_200, 3_000)
    expect(feed.counters.framesSkipped).toBe(10_152 - 9_901)
    expect(new Set(numbers()).size).toBe(numbers().length)
  })
})

describe('a listener who reads nothing', () => {
  it('is cut off, while the one beside misses no frame', async () => {
    const holdings: Holdings = { one: { has: () => true, newest: 20_000, firstAvailable: 0 } }
    const large = clientOf(holdings)
    feed = new FrameFeed({
      rendition: 'high',
      sources: () => ['one'],
      client: {
        ...large,
        async fetchFrames(url, rendition, from, to, waitMs) {
          holdings.one!.newest += 300
          const { frames } = await large.fetchFrames(url, rendition, from, to, waitMs)
          return {
            markers: [],
            frames: frames.map(({ frame }) => ({ frame, unit: Buffer.alloc(8_000, `frame ${frame} `) })),
          }
        },
      },
      clock: systemClock,
      log: createLogger('feed', 'silent'),
    })
    const ends: string[] = []
    const rendition = { id: 'high', bitrateKbps: 128, channels: 2 } as const
    const server = createServer((request, response) =>
      feedListener(feed, endlessAac('Radio', rendition, false), response, (why) => ends.push(`${request.url} ${why}`)),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const heard: number[] = []
    const good = get(`http://127.0.0.1:${port}/good`, (response) => {
      let rest = Buffer.alloc(0)
      response.on('data', (part: Buffer) => {
        rest = Buffer.concat([rest, part])
        for (; rest.length >= 8_007; rest = rest.subarray(8_007)) {
          heard.push(Number(/frame (\d+) /.exec(rest.toString('latin1', 7, 40))![1]))
        }
      })
    })
    const bad = get(`http://127.0.0.1:${port}/bad`, (response) => response.pause())
    for (const request of [good, bad]) request.on('error', () => undefined)
    try {
      await until(() => ends.length > 0, 10_000)
      expect(ends).toEqual(['/bad too slow'])
      const heardThen = heard.length
      await until(() => heard.length > heardThen + 300, 4_000)
      expect(heard).toEqual(heard.map((_, index) => heard[0]! + index))
    } finally {
      good.destroy()
      bad.destroy()
      server.close()
      server.closeAllConnections()
    }
  }, 15_000)
})

describe('a listener whose source stood still for a while', () => {
  it('misses no frame of the largest answer there is', async () => {
    const holdings: Holdings = { one: { has: () => true, newest: 20_000, firstAvailable: 0 } }
    startFeed(holdings)
    const sent: number[] = []
    const rendition = { id: 'high', bitrateKbps: 128, channels: 2 } as const
    const format = endlessAac('Radio', rendition, false)
    const response = Object.assign(new EventEmitter(), {
      writeHead: () => undefined,
      flushHeaders: () => undefined,
      writableLength: 0,
      write: () => true,
      destroy: () => undefined,
    })
    const noting = {
      ...format,
      frames(frames: readonly NumberedFrame[]) {
        sent.push(...frames.map(({ frame }) => frame))
        return Buffer.alloc(0)
      },
    }
    feedListener(feed, noting, response as unknown as ServerResponse, () => undefined)
    await until(() => sent.at(-1) === 20_000 - format.delayFrames, 3_000)
    holdings.one!.newest += 752
    await until(() => sent.at(-1) === 20_752 - format.delayFrames, 3_000)
    response.emit('close')
    expect(sent).toEqual(sent.map((_, index) => sent[0]! + index))
  })
})

describe('titles', () => {
  it('cut a row of frames exactly where they change', () => {
    const title = (frame: number): Title => ({
      frame,
      title: `from ${frame}`,
      artist: '',
      kind: 'music',
      itemId: 'i',
      startSample: 0,
    })
    const frames = [10, 11, 12, 13].map((frame) => ({ frame, unit: Buffer.alloc(1) }))
    const runs = runsOfOneTitle(frames, [title(3), title(12)])
    expect(runs.map((run) => [run.title?.title, run.frames.map(({ frame }) => frame)])).toEqual([
      ['from 3', [10, 11]],
      ['from 12', [12, 13]],
    ])
    expect(runsOfOneTitle(frames, [])).toEqual([{ title: null, frames }])
  })
})
