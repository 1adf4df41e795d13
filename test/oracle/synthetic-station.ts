import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { adtsOfUnits } from '../../media/adts.ts'
import { cmafSegment } from '../../media/cmaf.ts'
import { cmafInit } from '../../media/cmaf-init.ts'
import { contentTypes } from '../../media/content-types.ts'
import { dashManifest, TIME_PATH } from '../../media/dash.ts'
import { flvFrame, flvStart } from '../../media/flv.ts'
import { mpegtsSegment } from '../../media/mpegts.ts'
import { packedAudioSegment } from '../../media/packed-audio.ts'
import {
  masterPlaylist,
  mediaPlaylist,
  type Packaging,
  playlistNames,
  segmentExtensions,
} from '../../media/playlists.ts'
import type { Segment } from '../../media/segment.ts'
import {
  FRAMES_PER_SEGMENT,
  firstFrameOfSegment,
  frameAtMs,
  msOfFrame,
  newestListableSegment,
} from '../../media/timeline.ts'
import type { Clock } from '../../platform/clock.ts'
import type { StationInfo } from '../../schemas/markers.ts'

/** What a test may do to an answer on its way out. Called for every request; `null` leaves it as it is. */
export type Tamper = (request: { path: string; packaging: Packaging | null; segment: number | null }) => Tampered | null
export type Tampered = {
  status?: number
  /** Hold the answer back so long. */
  delayMs?: number
  body?: (whole: Buffer) => Buffer
}

export type SyntheticStation = {
  masterUrl: string
  url(packaging: Packaging): string
  streamUrl: string
  tamper(by: Tamper | null): void
  /** The clean bytes of a segment. */
  segmentBytes(packaging: Packaging, segment: number): Buffer
  stop(): Promise<void>
}

export type SyntheticStationOptions = {
  clock: Clock
  /** Access units of the station's frames, from `firstSegment` on; after the last one they begin anew. */
  units: readonly Buffer[]
  firstSegment: number
  windowSegments?: number
}

const station: StationInfo = {
  id: 'test',
  name: 'Test',
  renditions: [{ id: 'high', bitrateKbps: 128, channels: 2 }],
  windowSegments: 6,
  keptSegments: 12,
}
const rendition = station.renditions[0]!

/** A station of one process that publishes given frames by a given clock, in all packagings, and lets tests break what it says. */
export async function startSyntheticStation(options: SyntheticStationOptions): Promise<SyntheticStation> {
  const { clock, units, firstSegment } = options
  let tamper: Tamper | null = null
  const sockets = new Set<Socket>()

  const segmentOf = (number: number): Segment => {
    const from = (number - firstSegment) * FRAMES_PER_SEGMENT
    const frames = Array.from({ length: FRAMES_PER_SEGMENT }, (_, i) => units[(from + i) % units.length]!)
    const frame = firstFrameOfSegment(number)
    const name = `Title ${Math.floor((number - firstSegment) / 4)}`
    const title = { frame, title: name, artist: 'Oracle', kind: 'music', itemId: name, startSample: frame * 1024 }
    return { number, units: frames, titles: [title], cue: 'programme' }
  }
  const segmentBytes = (packaging: Packaging, number: number): Buffer => {
    if (packaging === 'cmaf') return cmafSegment(segmentOf(number))
    return packaging === 'ts'
      ? mpegtsSegment(segmentOf(number), rendition)
      : packedAudioSegment(segmentOf(number), rendition)
  }

  const bodyOf = (path: string): Buffer | null => {
    const name = path.split('/').at(-1)!
    const newest = newestListableSegment(frameAtMs(clock.wallMs()) - 1)
    const oldest = Math.max(firstSegment, newest - (options.windowSegments ?? station.windowSegments) + 1)
    if (name === 'master.m3u8') return Buffer.from(masterPlaylist(station))
    if (name === 'manifest.mpd') return Buffer.from(dashManifest(station))
    if (path === TIME_PATH) return Buffer.from(new Date(clock.wallMs()).toISOString())
    if (name === 'init.mp4') return cmafInit(rendition)
    for (const packaging of ['cmaf', 'ts', 'adts'] as const) {
      if (name === playlistNames[packaging]) return Buffer.from(mediaPlaylist({ packaging, oldest, newest }))
      const [number, extension] = name.split('.')
      if (extension === segmentExtensions[packaging] && Number(number) >= firstSegment && Number(number) <= newest)
        return segmentBytes(packaging, Number(number))
    }
    return null
  }

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    if (path.startsWith('/stream/')) {
      stream(response, path.endsWith('.flv'))
      return
    }
    const name = path.split('/').at(-1)!
    const body = bodyOf(path)
    const packaging = (['cmaf', 'ts', 'adts'] as const).find(
      (one) => name === playlistNames[one] || name.endsWith(`.${segmentExtensions[one]}`),
    )
    const segment = /^\d+\./.test(name) ? Number.parseInt(name, 10) : null
    const changed = tamper?.({ path, packaging: packaging ?? null, segment })
    const send = (): void => {
      response.setHeader('access-control-allow-origin', '*')
      response.setHeader('content-type', typeOf(name))
      response.statusCode = changed?.status ?? (body ? 200 : 404)
      response.end(response.statusCode === 200 && body ? (changed?.body?.(body) ?? body) : undefined)
    }
    if (changed?.delayMs) clock.after(changed.delayMs, send)
    else send()
  }

  /** Endless ADTS or FLV: four seconds at once, then as the clock goes on. */
  const stream = (response: ServerResponse, flv: boolean): void => {
    response.writeHead(200, {
      'content-type': flv ? contentTypes.flv : contentTypes.aac,
      'access-control-allow-origin': '*',
    })
    if (flv) response.write(flvStart(rendition))
    const base = frameAtMs(clock.wallMs()) - FRAMES_PER_SEGMENT
    let next = base
    const stop = clock.every(100, () => {
      const due: Buffer[] = []
      for (const until = frameAtMs(clock.wallMs()); next < until; next++) {
        const unit = units[(next - firstFrameOfSegment(firstSegment)) % units.length]!
        due.push(flv ? flvFrame(unit, next, base) : adtsOfUnits([unit], rendition.channels))
      }
      const whole = Buffer.concat(due)
      const changed = tamper?.({ path: '/stream/', packaging: null, segment: null })
      if (changed?.status) response.destroy()
      else response.write(changed?.body?.(whole) ?? whole)
    })
    response.on('close', stop)
  }

  const server = createServer(answer)
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    masterUrl: `${base}/hls/test/master.m3u8`,
    url: (packaging) => `${base}/hls/test/high/${playlistNames[packaging]}`,
    streamUrl: `${base}/stream/test/high.aac`,
    tamper: (by) => {
      tamper = by
    },
    segmentBytes,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** The wall time at which a station that began with a segment has so many segments listed. */
export const wallMsWithSegments = (firstSegment: number, listed: number): number =>
  msOfFrame(firstFrameOfSegment(firstSegment + listed) + 26)

function typeOf(name: string): string {
  const extension = name.split('.').at(-1) ?? ''
  const types: Record<string, string> = {
    m3u8: contentTypes.playlist,
    mpd: contentTypes.dashManifest,
    m4s: contentTypes.cmaf,
    mp4: contentTypes.cmaf,
    ts: contentTypes.mpegts,
    aac: contentTypes.aac,
  }
  return types[extension] ?? 'text/plain'
}
