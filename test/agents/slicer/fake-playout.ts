import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { encodeFrameBundle, FRAMES_PER_BUNDLE_MAX, hashOfUnits } from '../../../media/frame-bundle.ts'
import { FRAMES_PER_SEGMENT, firstFrameOfSegment, rtmpMsOfFrames, segmentOfFrame } from '../../../media/timeline.ts'
import { systemClock } from '../../../platform/clock.ts'
import { openRtmpPublisher, type RtmpPublisher } from '../../../platform/rtmp/publisher.ts'
import { MARKER_NAME, PACKAGING_VERSION, type SegmentMarker, type StationInfo } from '../../../schemas/markers.ts'

export const station: StationInfo = {
  id: 'night-radio',
  name: 'Night Radio',
  renditions: [
    { id: 'high', bitrateKbps: 128, channels: 2 },
    { id: 'low', bitrateKbps: 48, channels: 1 },
  ],
  windowSegments: 6,
  keptSegments: 10,
}
export const RENDITIONS = ['high', 'low'] as const

/** An access unit that is the same in every run: bytes drawn from its rendition and number. */
export function unitOf(rendition: string, frame: number): Buffer {
  const seed = createHash('sha256').update(`${rendition} ${frame}`).digest()
  const length = (rendition === 'high' ? 300 : 100) + (seed[0]! % 64)
  return Buffer.concat(Array.from({ length: Math.ceil(length / 32) }, () => seed)).subarray(0, length)
}

export function markerOf(rendition: string, segment: number, generation: number): SegmentMarker {
  const firstFrame = firstFrameOfSegment(segment)
  const units = Array.from({ length: FRAMES_PER_SEGMENT }, (_, index) => unitOf(rendition, firstFrame + index))
  const title = (frame: number, text: string) => ({
    frame,
    title: text,
    artist: 'The Fakes',
    kind: 'music',
    itemId: text,
    startSample: frame * 1024,
  })
  return {
    marker: 'segment',
    generation,
    rendition,
    segment,
    firstFrame,
    sha256: hashOfUnits(units),
    cue: 'programme',
    titles: [
      title(firstFrame, `Tune ${segment}`),
      ...(segment % 2 ? [title(firstFrame + 70, `Bridge ${segment}`)] : []),
    ],
  }
}

export type FakePlayout = Awaited<ReturnType<typeof startFakePlayout>>

/** A playout without audio: its frames are made up, its wire is real (RTMP pushes, `GET /frames` over HTTP). */
export async function startFakePlayout(options: { firstFrame: number; generation?: number }) {
  const state = {
    generation: options.generation ?? 1,
    firstAvailableFrame: options.firstFrame,
    /** The newest frame that there is; pushes send up to it. */
    newestFrame: options.firstFrame - 1,
    /** Frames that playout no longer has. */
    lost: (_rendition: string, _frame: number): boolean => false,
    answersFrames: true,
    requests: [] as string[],
  }
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://playout')
    state.requests.push(`${url.pathname}${url.search}`)
    if (url.pathname === '/frames/newest') {
      const newestFrame = Object.fromEntries(RENDITIONS.map((rendition) => [rendition, state.newestFrame]))
      const { generation, firstAvailableFrame } = state
      return response.end(JSON.stringify({ generation, newestFrame, firstAvailableFrame }))
    }
    if (!state.answersFrames || !/^Bearer \S+\.\S+$/.test(request.headers.authorization ?? ''))
      return response.writeHead(401).end()
    const rendition = url.pathname.slice('/frames/'.length)
    const from = Math.max(Number(url.searchParams.get('from')), state.firstAvailableFrame)
    const to = Math.min(Number(url.searchParams.get('to')), from + FRAMES_PER_BUNDLE_MAX, state.newestFrame + 1)
    const numbers = Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)
    const held = numbers.filter((frame) => !state.lost(rendition, frame))
    const sealed = [...new Set(numbers.map(segmentOfFrame))].filter(
      (segment) => firstFrameOfSegment(segment + 1) <= state.newestFrame + 1,
    )
    return response.end(
      encodeFrameBundle({
        frames: held.map((frame) => ({ frame, unit: unitOf(rendition, frame) })),
        markers: sealed.map((segment) => markerOf(rendition, segment, state.generation)),
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const pushes = new Set<FakePush>()
  let isUp = true

  return {
    state,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pushes,
    /** Opens a push of every rendition; the first frame pushed is the next one. */
    async pushTo(target: { rtmpPort: number; pushKey: string }, changes: Partial<PushOptions> = {}) {
      const push = await openFakePush(target, {
        generation: state.generation,
        firstAvailableFrame: state.firstAvailableFrame,
        frame: state.newestFrame + 1,
        ...changes,
      })
      pushes.add(push)
      return push
    },
    /** Time passes: every open push gets the next frames. */
    advance(frames: number) {
      state.newestFrame += frames
      for (const push of pushes) push.sendUpTo(state.newestFrame)
    },
    /** From here on nobody answers. */
    async die() {
      if (!isUp) return
      isUp = false
      await Promise.all([...pushes].map((push) => push.close()))
      pushes.clear()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type PushOptions = {
  generation: number
  firstAvailableFrame: number
  frame: number
  packaging: number
  /** What the push says in place of the truth. */
  markerOf(rendition: string, segment: number, generation: number): SegmentMarker
  unitOf(rendition: string, frame: number): Buffer
  /** Frames that get lost on the way. */
  drops(rendition: string, frame: number): boolean
}
export type FakePush = Awaited<ReturnType<typeof openFakePush>>

export async function openFakePush(target: { rtmpPort: number; pushKey: string }, changes: Partial<PushOptions>) {
  const options: PushOptions = {
    generation: 1,
    firstAvailableFrame: 0,
    frame: 0,
    packaging: PACKAGING_VERSION,
    markerOf,
    unitOf,
    drops: () => false,
    ...changes,
  }
  const publishers = new Map<string, RtmpPublisher>()
  const log = pino({ level: 'silent' })
  for (const rendition of RENDITIONS) {
    const publisher = openRtmpPublisher({
      url: `rtmp://127.0.0.1:${target.rtmpPort}/live`,
      stream: `${rendition}?key=${target.pushKey}`,
      clock: systemClock,
      log,
      queueBytesMax: 64 * 1024 * 1024,
    })
    await publisher.ready
    publishers.set(rendition, publisher)
    const { packaging, generation, frame, firstAvailableFrame } = options
    const start = { marker: 'start', packaging, generation, station, rendition, frame, firstAvailableFrame }
    publisher.data(0, MARKER_NAME, [JSON.stringify(start)])
    publisher.audio(0, Buffer.from([0xaf, 0, 0x11, 0x90]))
  }
  let next = options.frame
  return {
    /** Resolves with the reason when the slicer has ended the push of a rendition. */
    closed: (rendition: (typeof RENDITIONS)[number]) => publishers.get(rendition)!.closed,
    sendUpTo(newest: number) {
      for (; next <= newest; next += 1) {
        const timestampMs = rtmpMsOfFrames(next - options.frame)
        const segment = segmentOfFrame(next)
        for (const [rendition, publisher] of publishers) {
          const unit = options.unitOf(rendition, next)
          if (!options.drops(rendition, next))
            publisher.audio(timestampMs, Buffer.concat([Buffer.from([0xaf, 1]), unit]))
          if (next + 1 !== firstFrameOfSegment(segment + 1)) continue
          const marker = options.markerOf(rendition, segment, options.generation)
          publisher.data(timestampMs, MARKER_NAME, [JSON.stringify(marker)])
        }
      }
    },
    async close() {
      await Promise.all([...publishers.values()].map((publisher) => publisher.close()))
    },
  }
}
