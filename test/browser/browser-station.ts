import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { extname, join } from 'node:path'
import { ADTS_HEADER_BYTES, readAdtsHeader } from '../../media/adts.ts'
import { cmafInit } from '../../media/cmaf-init.ts'
import { packageSegment } from '../../media/packaging.ts'
import { masterPlaylist, mediaPlaylist } from '../../media/playlists.ts'
import {
  FRAMES_PER_SEGMENT,
  firstFrameOfSegment,
  frameAtMs,
  msOfSegment,
  newestListableSegment,
  segmentOfFrame,
} from '../../media/timeline.ts'
import type { StationInfo } from '../../schemas/markers.ts'

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.m3u8': 'application/vnd.apple.mpegurl',
  '.m4s': 'audio/mp4',
  '.mp4': 'audio/mp4',
}
const RENDITION = { id: 'high', bitrateKbps: 128, channels: 2 } as const

export type BrowserStationOptions = {
  pageFolder: string
  windowSegments: number
  /** What plays in a segment. */
  titleOf(segment: number): { title: string; artist: string }
  /** Answers `/api/now-playing`; null: the control center is away. */
  nowPlaying(atMs: number): unknown
  /** An ffmpeg filter graph that makes the sound, 16 s of it. */
  sound: string
}

/** A whole station on one port, made from the real media functions: what a browser needs to listen. */
export class BrowserStation {
  readonly #options: BrowserStationOptions
  readonly #units: Uint8Array[]
  readonly #info: StationInfo
  readonly #sockets = new Set<Socket>()
  #server: Server | null = null
  #port = 0

  constructor(options: BrowserStationOptions) {
    this.#options = options
    this.#info = {
      id: 'evening-air',
      name: 'Evening Air',
      renditions: [RENDITION],
      windowSegments: options.windowSegments,
      keptSegments: 12,
    }
    this.#units = unitsOf(options.sound)
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => this.#answer(new URL(request.url!, 'http://radio'), response))
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  async stop(): Promise<void> {
    const server = this.#server
    if (server === null) return
    this.#server = null
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #answer(url: URL, response: ServerResponse): void {
    const body = this.#body(url)
    if (body === null) {
      response.writeHead(404).end()
      return
    }
    const type = TYPES[extname(url.pathname === '/' ? '.html' : url.pathname)] ?? 'application/json'
    response.writeHead(200, { 'content-type': url.pathname === '/' ? 'text/html' : type }).end(body)
  }

  #body(url: URL): Buffer | string | null {
    const newest = newestListableSegment(frameAtMs(Date.now()))
    const oldest = newest - this.#options.windowSegments + 1
    switch (url.pathname) {
      case '/listen.json':
        return JSON.stringify({ station: this.#info, controlPublicUrl: null })
      case '/api/now-playing': {
        const answer = this.#options.nowPlaying(Number(url.searchParams.get('at') ?? Date.now()))
        return answer === null ? null : JSON.stringify(answer)
      }
      case '/hls/evening-air/master.m3u8':
        return masterPlaylist(this.#info)
      case '/hls/evening-air/high/index.m3u8':
        return mediaPlaylist({ packaging: 'cmaf', oldest, newest })
      case '/hls/evening-air/high/init.mp4':
        return cmafInit(RENDITION)
    }
    const segment = /^\/hls\/evening-air\/high\/(\d+)\.m4s$/.exec(url.pathname)?.[1]
    if (segment !== undefined) return Number(segment) > newest ? null : this.#segment(Number(segment))
    const file = /^\/(?:assets\/)?[\w.-]*$/.test(url.pathname) ? url.pathname : null
    if (file === null) return null
    try {
      return readFileSync(join(this.#options.pageFolder, file === '/' ? 'index.html' : file))
    } catch {
      return null
    }
  }

  #segment(number: number): Buffer {
    const first = firstFrameOfSegment(number)
    const units = Array.from({ length: FRAMES_PER_SEGMENT }, (_, at) => this.#units[(first + at) % this.#units.length]!)
    const said = this.#options.titleOf(number)
    const title = { ...said, frame: first, kind: 'music', itemId: `item-${number}`, startSample: first * 1024 }
    return packageSegment('cmaf', { number, units, titles: [title], cue: 'programme' }, RENDITION)
  }
}

/** The segment that sounds at an instant of the stream. */
export const segmentAtMs = (ms: number): number => segmentOfFrame(frameAtMs(ms))
export { msOfSegment }

function unitsOf(sound: string): Uint8Array[] {
  const encoded = spawnSync(
    'ffmpeg',
    [
      '-v',
      'error',
      '-filter_complex',
      sound,
      '-t',
      '16',
      '-ar',
      '48000',
      '-ac',
      '2',
      '-c:a',
      'aac',
      '-b:a',
      '128k',
      '-f',
      'adts',
      '-',
    ],
    { maxBuffer: 8 * 1024 * 1024 },
  )
  if (encoded.status !== 0) throw new Error(`ffmpeg: ${encoded.stderr}`)
  const units: Uint8Array[] = []
  for (let at = 0; at + ADTS_HEADER_BYTES < encoded.stdout.length; ) {
    const header = readAdtsHeader(encoded.stdout, at)
    if (header === null) throw new Error('ffmpeg made something other than ADTS')
    units.push(encoded.stdout.subarray(at + header.headerBytes, at + header.frameBytes))
    at += header.frameBytes
  }
  return units
}
