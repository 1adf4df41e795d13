import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { startSlicer } from '../../../agents/slicer/slicer.ts'
import { type Clock, systemClock } from '../../../platform/clock.ts'
import { pushKeyOf } from '../../../platform/credentials.ts'
import type { Peer } from '../../../schemas/nodes.ts'
import { type FakeControl, startFakeControl } from '../shared/fake-control.ts'
import { type FakePlayout, RENDITIONS, startFakePlayout, station } from './fake-playout.ts'

/** A frame of the year 2026, the first of its segment. */
export const FIRST_SEGMENT = 447_600_000
export const FIRST_FRAME = FIRST_SEGMENT * 188

/** Real time, which a test may move on at once. */
export function skippingClock(): Clock & { skip(ms: number): void } {
  let skippedMs = 0
  return {
    ...systemClock,
    monotonicMs: () => systemClock.monotonicMs() + skippedMs,
    skip(ms) {
      skippedMs += ms
    },
  }
}

export type TestSlicer = Awaited<ReturnType<World['slicer']>>
export type World = Awaited<ReturnType<typeof createWorld>>

/** A station for one test: a playout, a control center, and as many slicers as are asked for. */
export async function createWorld(firstFrame = FIRST_FRAME) {
  const playout: FakePlayout = await startFakePlayout({ firstFrame })
  const control: FakeControl = await startFakeControl(station, playout.url)
  const root = mkdtempSync(join(tmpdir(), 'airtight-test-'))
  const stops = new Set<() => Promise<void>>()

  /** Starts a slicer by its name; the same name again finds its folder again. */
  async function slicer(id: string, changes: { joinToken?: string | null } = {}) {
    const clock = skippingClock()
    const running = await startSlicer({
      controlUrl: control.url,
      joinToken: control.joinToken,
      folder: join(root, id),
      id,
      host: '127.0.0.1',
      address: '127.0.0.1',
      httpPort: null,
      rtmpPort: null,
      softwareVersion: '0.0.0',
      clock,
      random: () => 0.5,
      log: pino({ level: process.env.AIRTIGHT_LOG_LEVEL ?? 'silent' }),
      ...changes,
    })
    let isRunning = true
    const stop = async (): Promise<void> => {
      if (!isRunning) return
      isRunning = false
      await running.stop(false)
    }
    stops.add(stop)
    const base = `http://127.0.0.1:${running.httpPort}`
    const get = (path: string, init?: RequestInit): Promise<Response> => fetch(`${base}${path}`, init)
    return {
      id,
      clock,
      stop,
      base,
      get,
      rtmpPort: running.rtmpPort,
      httpPort: running.httpPort,
      /** Resolves when the control center knows it, with the key to push to it. */
      pushKey: () => eventually(() => pushKeyOf(control.credentialOf(id)!), `${id} registers`),
      ready: async () => {
        const isReady = async (): Promise<true> => {
          const response = await get('/healthz')
          if (response.status !== 200) throw new Error(await response.text())
          return true
        }
        return eventually(isReady, `${id} is ready`)
      },
      /** Resolves when every frame that playout has made has come. */
      caughtUp: () =>
        eventually(async () => {
          const { renditions } = (await (await get('/status')).json()) as SlicerStatus
          const { newestFrame } = playout.state
          return (renditions.length > 0 && renditions.every((one) => one.newestFrame === newestFrame)) || null
        }, `${id} has caught up`),
      status: async () => (await (await get('/status')).json()) as SlicerStatus,
      peer: (): Peer => control.peerOf(id)!,
    }
  }

  return {
    playout,
    control,
    slicer,
    /** A slicer that is pushed to from the next frame on. */
    async pushedSlicer(id: string) {
      const started = await slicer(id)
      const push = await playout.pushTo({ rtmpPort: started.rtmpPort, pushKey: await started.pushKey() })
      return { ...started, push }
    },
    async end() {
      await playout.die()
      await Promise.all([...stops].map((stop) => stop()))
      await control.die()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

type SlicerStatus = {
  ok: boolean
  reason: string
  generation: number
  framesFetched: number
  framesMissing: number
  controlCenter: string
  renditions: { id: string; newestFrame: number | null; newestSegment: number | null; pushConnected: boolean }[]
}

/** Every path that a listener could fetch now, as the playlists of a slicer name them. */
export async function everythingListed(base: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  const take = async (path: string): Promise<string> => {
    const response = await fetch(`${base}${path}`)
    const body = Buffer.from(await response.arrayBuffer())
    const { etag, 'content-type': type, 'cache-control': cache } = Object.fromEntries(response.headers)
    found.set(path, `${response.status} ${etag} ${type} ${cache} ${body.toString('base64')}`)
    return body.toString('latin1')
  }
  await take(`/hls/${station.id}/master.m3u8`)
  await take(`/dash/${station.id}/manifest.mpd`)
  for (const rendition of RENDITIONS) {
    const folder = `/hls/${station.id}/${rendition}`
    await take(`${folder}/init.mp4`)
    for (const playlist of ['index.m3u8', 'ts.m3u8', 'adts.m3u8']) {
      const text = await take(`${folder}/${playlist}`)
      for (const line of text.split('\n')) if (line !== '' && !line.startsWith('#')) await take(`${folder}/${line}`)
    }
  }
  return found
}

/** Asks again and again until there is an answer other than null or undefined; errors count as none yet. */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  what: string,
  timeoutMs = 10_000,
): Promise<NonNullable<T>> {
  const endMs = systemClock.monotonicMs() + timeoutMs
  let last: unknown
  while (systemClock.monotonicMs() < endMs) {
    try {
      last = await ask()
      if (last !== null && last !== undefined) return last as NonNullable<T>
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, 15))
  }
  throw new Error(`it did not come to pass that ${what}: ${last}`)
}
