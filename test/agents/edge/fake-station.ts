import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { etagOf } from '../../../media/etag.ts'
import { encodeFrameBundle, type NumberedFrame } from '../../../media/frame-bundle.ts'
import { FRAMES_PER_SEGMENT } from '../../../media/timeline.ts'
import type { SegmentMarker, StationInfo } from '../../../schemas/markers.ts'
import type { Peer } from '../../../schemas/nodes.ts'

export const STATION: StationInfo = {
  id: 'test-radio',
  name: 'Test Radio',
  renditions: [{ id: 'high', bitrateKbps: 128, channels: 2 }],
  windowSegments: 6,
  keptSegments: 12,
}

/** Faults that an origin can have; `none` is health. */
export type Fault =
  | 'none'
  | 'refuses'
  | 'hangs'
  | 'answers 503'
  | 'misses its newest segments'
  | 'is frozen'
  | 'dies within bodies'
  | 'drips'
  | 'serves wrong bytes'

/** A station whose segments last a second, so that stories are short; its frames come at their true pace of 46.875 a second. */
export class FakeStation {
  readonly #startedAtMs = performance.now()
  #pausedAtMs: number | null = null
  readonly firstSegment = 5_000
  readonly firstFrame = 5_000 * FRAMES_PER_SEGMENT

  get newestSegment(): number {
    return this.firstSegment + 6 + Math.floor(this.#elapsedMs / 1_000)
  }

  get newestFrame(): number {
    return this.firstFrame + 4 * FRAMES_PER_SEGMENT + Math.floor((this.#elapsedMs / 1_000) * 46.875)
  }

  /** The whole station is late: nothing new from now on. */
  stall(): void {
    this.#pausedAtMs = performance.now()
  }

  get #elapsedMs(): number {
    return (this.#pausedAtMs ?? performance.now()) - this.#startedAtMs
  }

  segmentBody(segment: number): Buffer {
    const frames = Buffer.alloc(30_000, `segment ${segment} `)
    const head = Buffer.alloc(8)
    head.writeUInt32BE(frames.length + 8, 0)
    head.write('mdat', 4, 'latin1')
    return Buffer.concat([head, frames])
  }

  /** What playout says of a segment. */
  segmentSha256(segment: number): string {
    return createHash('sha256').update(this.segmentBody(segment).subarray(8)).digest('hex')
  }
}

/** A frame whose bytes tell its number. */
export const unitOf = (frame: number): Buffer => Buffer.from(`frame ${frame} `.padEnd(100, 'x'))

/** The titles change with each segment. */
export const titleOf = (segment: number): string => `Title of segment ${segment}`

function markerOf(segment: number): SegmentMarker {
  const firstFrame = segment * FRAMES_PER_SEGMENT
  return {
    marker: 'segment',
    generation: 1,
    rendition: 'high',
    segment,
    firstFrame,
    sha256: '0'.repeat(64),
    cue: 'programme',
    titles: [
      {
        frame: firstFrame,
        title: titleOf(segment),
        artist: '',
        kind: 'music',
        itemId: `item-${segment}`,
        startSample: firstFrame * 1024,
      },
    ],
  }
}

/** An origin as the edge sees it: playlists, segments and frames, with faults to switch on. */
export class FakeSlicer {
  readonly id: string
  readonly #station: FakeStation
  readonly #sockets = new Set<Socket>()
  #server: Server
  #port = 0
  #frozenAtSegment = 0
  #frozenAtFrame = 0
  #fault: Fault = 'none'
  /** Segments asked for by whom, for what the edge's warming is about. */
  readonly segmentRequests: { path: string; userAgent: string }[] = []

  constructor(id: string, station: FakeStation) {
    this.id = id
    this.#station = station
    this.#server = this.#createServer()
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get peer(): Peer {
    return { id: this.id, role: 'slicer', url: this.url, credentialSha256: '' }
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  async setFault(fault: Fault): Promise<void> {
    if (this.#fault === 'hangs') for (const socket of this.#sockets) socket.resume()
    if (this.#fault === 'refuses') {
      this.#server = this.#createServer()
      await this.start()
    }
    this.#fault = fault
    this.#frozenAtSegment = this.#station.newestSegment
    this.#frozenAtFrame = this.#station.newestFrame
    if (fault === 'refuses') await this.stop()
    if (fault === 'hangs') for (const socket of this.#sockets) socket.pause()
  }

  #createServer(): Server {
    const server = createServer((request, response) => {
      if (this.#fault === 'hangs') return
      if (this.#fault === 'answers 503') {
        refuse(response, 503)
        return
      }
      this.#answer(request, response)
    })
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => this.#sockets.delete(socket))
    })
    return server
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, 'http://fake')
    if (url.pathname.startsWith('/frames/')) {
      this.#answerFrames(url, response)
      return
    }
    if (url.pathname === '/hls/test-radio/high/index.m3u8') {
      this.#playlist(response)
      return
    }
    const segment = Number(/^\/hls\/test-radio\/high\/(\d+)\.m4s$/.exec(url.pathname)?.[1] ?? Number.NaN)
    this.segmentRequests.push({ path: url.pathname, userAgent: request.headers['user-agent'] ?? '' })
    if (!(segment <= this.#station.newestSegment && segment > this.#station.newestSegment - 12)) {
      refuse(response, 404)
      return
    }
    if (this.#fault === 'misses its newest segments' && segment > this.#station.newestSegment - 2) {
      refuse(response, 404)
      return
    }
    this.#send(response, this.#station.segmentBody(segment), 'audio/mp4')
  }

  #playlist(response: ServerResponse): void {
    const newest = this.#fault === 'is frozen' ? this.#frozenAtSegment : this.#station.newestSegment
    const listed = Array.from({ length: 6 }, (_, index) => newest - 5 + index)
    const lines = ['#EXTM3U', '#EXT-X-TARGETDURATION:1', `#EXT-X-MEDIA-SEQUENCE:${newest - 5}`]
    for (const segment of listed) lines.push('#EXTINF:1.0,', `${segment}.m4s`)
    this.#send(response, Buffer.from(`${lines.join('\n')}\n`), 'application/vnd.apple.mpegurl')
  }

  #send(response: ServerResponse, body: Buffer, type: string): void {
    const isWrong = this.#fault === 'serves wrong bytes' && type === 'audio/mp4'
    const sent = isWrong ? Buffer.concat([body.subarray(0, 100), Buffer.from('?'), body.subarray(101)]) : body
    response.writeHead(200, {
      'content-type': type,
      'content-length': sent.length,
      etag: etagOf(sent),
      'access-control-allow-origin': '*',
    })
    const isPlaylist = type !== 'audio/mp4'
    if (this.#fault === 'dies within bodies') {
      response.write(sent.subarray(0, sent.length >> 1), () => response.destroy())
    } else if (this.#fault === 'drips' && !isPlaylist) {
      let at = 0
      const drip = setInterval(() => {
        response.write(sent.subarray(at, at + 100))
        at += 100
      }, 100)
      response.on('close', () => clearInterval(drip))
    } else response.end(sent)
  }

  #answerFrames(url: URL, response: ServerResponse): void {
    const newest = this.#fault === 'is frozen' ? this.#frozenAtFrame : this.#station.newestFrame
    if (url.pathname === '/frames/newest') {
      const body = { generation: 1, newestFrame: { high: newest }, firstAvailableFrame: this.#station.firstFrame }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      return
    }
    const from = Number(url.searchParams.get('from'))
    const to = Math.min(Number(url.searchParams.get('to')), newest + 1)
    const waitMs = Number(url.searchParams.get('waitMs') ?? 0)
    if (from > newest && waitMs > 0) {
      url.searchParams.set('waitMs', String(Math.max(0, waitMs - 20)))
      setTimeout(() => this.#answerFrames(url, response), 20)
      return
    }
    const frames: NumberedFrame[] = []
    for (let frame = from; frame < to; frame += 1) frames.push({ frame, unit: unitOf(frame) })
    const markers: SegmentMarker[] = []
    for (let segment = Math.floor(from / FRAMES_PER_SEGMENT); segment * FRAMES_PER_SEGMENT < to; segment += 1) {
      if ((segment + 1) * FRAMES_PER_SEGMENT <= newest + 1) markers.push(markerOf(segment))
    }
    response.writeHead(200).end(encodeFrameBundle({ frames, markers }))
  }
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status).end()
}
