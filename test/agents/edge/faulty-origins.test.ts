import { describe, expect, it, vi } from 'vitest'
import { startWorld, status, until } from './edge-fixture.ts'
import type { FakeStation, Fault } from './fake-station.ts'

/** A listener as players are: polls the playlist, fetches each new segment, tries again after a timeout or a broken body. */
async function listen(url: string, station: FakeStation, ending: AbortSignal) {
  const heard = new Map<number, number>()
  const problems: string[] = []
  let playlistErrors = 0
  let brokenConnections = 0
  while (!ending.aborted) {
    try {
      const playlist = await fetch(`${url}/hls/test-radio/high/index.m3u8`, { signal: AbortSignal.timeout(4_000) })
      const text = await playlist.text()
      if (playlist.status !== 200) {
        playlistErrors += 1
        continue
      }
      const newest = Number(/(\d+)\.m4s\n$/.exec(text)![1])
      const next = heard.size === 0 ? newest - 1 : Math.max(...heard.keys()) + 1
      for (let segment = next; segment <= newest; segment += 1) {
        const startedAtMs = performance.now()
        let body: Buffer | null = null
        for (let attempt = 0; attempt < 4 && body === null; attempt += 1) body = await fetchSegment(url, segment)
        if (body === null) problems.push(`segment ${segment} could not be had`)
        else if (!body.equals(station.segmentBody(segment))) problems.push(`segment ${segment} has wrong bytes`)
        heard.set(segment, performance.now() - startedAtMs)
      }
    } catch {
      // A kept connection that nginx closed at a reload, or a body that broke off: any player asks again.
      brokenConnections += 1
    }
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  return { heard, problems, playlistErrors, brokenConnections }
}

async function fetchSegment(url: string, segment: number): Promise<Buffer | null> {
  try {
    const answer = await fetch(`${url}/hls/test-radio/high/${segment}.m4s`, { signal: AbortSignal.timeout(4_000) })
    const body = Buffer.from(await answer.arrayBuffer())
    return answer.status === 200 ? body : null
  } catch {
    return null
  }
}

vi.setConfig({ maxConcurrency: 10 })

const FAULTS: [Fault, RegExp][] = [
  ['refuses', /ECONNREFUSED/],
  ['hangs', /did not answer within/],
  ['answers 503', /answered with 503/],
  ['misses its newest segments', /answered with 404/],
  ['is frozen', /while another slicer lists/],
  ['dies within bodies', /can't be fetched/],
  ['drips', /did not answer within/],
  ['serves wrong bytes', /not made of playout's frames/],
]

describe.concurrent('an origin goes bad', () => {
  it.each(FAULTS)(
    'one of three %s: listeners go on, it is out within 5 s and back when it is well',
    async (fault, reason) => {
      const world = await startWorld(3)
      const ending = new AbortController()
      try {
        const listening = listen(world.url, world.station, ending.signal)
        const [, bad] = world.slicers
        await bad!.setFault(fault)
        const out = () => world.control.lastHeartbeat?.takenOut ?? []
        const outAfterMs = await until(() => out().length > 0, 8_000)
        expect(outAfterMs).toBeLessThan(5_000)
        expect(out()).toEqual([{ id: 'slicer-2', reason: expect.stringMatching(reason) }])

        await bad!.setFault('none')
        await until(() => out().length === 0, 12_000)
        ending.abort()
        const { heard, problems, playlistErrors, brokenConnections } = await listening
        const wrongAllowed = fault === 'serves wrong bytes'
        if (!wrongAllowed) expect(problems).toEqual([])
        expect(playlistErrors).toBe(0)
        expect(brokenConnections).toBeLessThanOrEqual(4)
        const numbers = [...heard.keys()]
        expect(numbers.length).toBeGreaterThan(5)
        expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index))
        expect(Math.max(...heard.values())).toBeLessThan(6_000)
      } finally {
        ending.abort()
        await world.stop()
      }
    },
    40_000,
  )

  it('first one of two, then the other: the last one is never taken out, and the first to mend helps at once', async () => {
    const world = await startWorld(2)
    try {
      const [one, two] = world.slicers
      const playlistUrl = `${world.url}/hls/test-radio/high/index.m3u8`
      const out = () => world.control.lastHeartbeat?.takenOut?.map(({ id }) => id) ?? []
      await one!.setFault('answers 503')
      await until(() => out().length === 1, 6_000)
      await two!.setFault('answers 503')
      await until(() => world.control.lastHeartbeat?.reason.startsWith('nobody is taken out') === true, 6_000)
      expect(out()).toEqual(['slicer-1'])
      // Every origin fails: the last playlist goes on being served.
      expect(await status(playlistUrl)).toBe(200)
      await one!.setFault('none')
      await until(() => out()[0] === 'slicer-2', 4_000)
    } finally {
      await world.stop()
    }
  }, 30_000)

  it('the whole station is late: nobody is taken out, and what there was stays', async () => {
    const world = await startWorld(2)
    try {
      await until(() => world.edge.listeners().now === 0 && world.control.lastHeartbeat !== null, 4_000)
      world.station.stall()
      await until(() => (world.control.lastHeartbeat?.newestSegmentAgeMs.high ?? 0) > 5_000, 12_000)
      expect(world.control.lastHeartbeat).toMatchObject({ ready: true, takenOut: [] })
      expect(await status(`${world.url}/hls/test-radio/high/index.m3u8`)).toBe(200)
    } finally {
      await world.stop()
    }
  }, 30_000)
})
