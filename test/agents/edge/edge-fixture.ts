import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Edge, startEdge } from '../../../agents/edge/edge.ts'
import { systemClock } from '../../../platform/clock.ts'
import { createLogger } from '../../../platform/log.ts'
import { systemProcesses } from '../../../platform/processes.ts'
import type { Heartbeat, NodeBriefing } from '../../../schemas/nodes.ts'
import { FakeSlicer, FakeStation, STATION } from './fake-station.ts'

/** The control center and playout as far as an edge needs them. */
export class FakeControl {
  readonly #station: FakeStation
  readonly #slicers: readonly FakeSlicer[]
  readonly #server: Server
  lastHeartbeat: Heartbeat | null = null
  /** Called with each heartbeat. */
  onHeartbeat: (heartbeat: Heartbeat) => void = () => undefined

  constructor(station: FakeStation, slicers: readonly FakeSlicer[]) {
    this.#station = station
    this.#slicers = slicers
    this.#server = createServer(async (request, response) => {
      const answer = this.#answer(request.url ?? '', await textOf(request))
      response.writeHead(answer === null ? 404 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer))
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  start(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  get briefing(): NodeBriefing {
    return {
      station: STATION,
      playoutUrl: this.url,
      peers: this.#slicers.map(({ peer }) => peer),
      serving: this.#slicers.map(({ id }) => id),
      heartbeatMs: 250,
    }
  }

  #answer(path: string, body: string): unknown {
    if (path === '/api/nodes/register') {
      return { id: 'edge-1', generation: 1, credential: 'c'.repeat(32), briefing: this.briefing }
    }
    if (path === '/api/nodes/edge-1/heartbeat') {
      this.lastHeartbeat = JSON.parse(body) as Heartbeat
      this.onHeartbeat(this.lastHeartbeat)
      return this.briefing
    }
    if (path === '/api/nodes/edge-1/leave') return {}
    if (path.startsWith('/api/now-playing')) return { asked: path }
    const segment = /^\/segments\/high\/(\d+)$/.exec(path)?.[1]
    if (segment === undefined) return null
    const number = Number(segment)
    return {
      marker: 'segment',
      generation: 1,
      rendition: 'high',
      segment: number,
      firstFrame: number * 188,
      sha256: this.#station.segmentSha256(number),
      cue: 'programme',
      titles: [
        { frame: number * 188, title: 'T', artist: 'A', kind: 'music', itemId: 'i', startSample: number * 188 * 1024 },
      ],
    }
  }
}

export type EdgeWorld = {
  station: FakeStation
  slicers: FakeSlicer[]
  control: FakeControl
  edge: Edge
  url: string
  folder: string
  /** What the edge's wall clock is off by. */
  wallOffsetMs: number
  restartEdge(): Promise<void>
  stop(): Promise<void>
}

/** A station with some slicers, its control center, and a real edge with a real nginx in front. */
export async function startWorld(slicerCount: number): Promise<EdgeWorld> {
  const station = new FakeStation()
  const slicers = Array.from({ length: slicerCount }, (_, index) => new FakeSlicer(`slicer-${index + 1}`, station))
  for (const slicer of slicers) await slicer.start()
  const control = new FakeControl(station, slicers)
  await control.start()
  const controlUrl = control.url
  const folder = mkdtempSync(join(tmpdir(), 'airtight-edge-'))
  const port = await freePort()
  const start = (): Promise<Edge> =>
    startEdge(
      {
        controlUrl,
        controlPublicUrl: null,
        dataFolder: folder,
        id: 'edge-1',
        joinToken: 'a token of sixteen',
        host: '127.0.0.1',
        address: '127.0.0.1',
        port,
      },
      {
        clock: { ...systemClock, wallMs: () => Date.now() + world.wallOffsetMs },
        processes: systemProcesses,
        log: createLogger('edge', process.env.AIRTIGHT_TEST_LOG ?? 'silent'),
        random: Math.random,
        pageFolder: folder,
      },
    )
  const world: EdgeWorld = {
    station,
    slicers,
    control,
    edge: undefined as unknown as Edge,
    url: `http://127.0.0.1:${port}`,
    folder,
    wallOffsetMs: 0,
    async restartEdge() {
      await world.edge.stop()
      world.edge = await start()
    },
    async stop() {
      await world.edge.stop()
      await control.stop()
      for (const slicer of slicers) await slicer.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  world.edge = await start()
  await until(async () => (await status(`${world.url}/hls/test-radio/high/index.m3u8`)) === 200, 8_000)
  return world
}

export async function status(url: string): Promise<number> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(6_000) })
    await answer.arrayBuffer()
    return answer.status
  } catch {
    return 0
  }
}

/** Asks again and again until it is so; answers how long that took. Throws after a time limit. */
export async function until(isSo: () => boolean | Promise<boolean>, limitMs: number, everyMs = 50): Promise<number> {
  const startedAtMs = performance.now()
  while (!(await isSo())) {
    if (performance.now() - startedAtMs > limitMs) throw new Error(`not so within ${limitMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  return performance.now() - startedAtMs
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) text += part
  return text
}

export async function freePort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
