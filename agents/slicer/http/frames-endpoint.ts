import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  encodeFrameBundle,
  FRAME_BUNDLE_TYPE,
  FRAMES_PER_BUNDLE_MAX,
  type NumberedFrame,
} from '../../../media/frame-bundle.ts'
import { firstFrameOfSegment, segmentOfFrame } from '../../../media/timeline.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { SegmentMarker } from '../../../schemas/markers.ts'
import { sendText } from '../../shared/http/answers.ts'
import type { RenditionStore } from '../store/rendition-store.ts'
import type { StationStore } from '../store/station-store.ts'

const WAIT_MS_MAX = 5_000
const WAITERS_MAX = 256

type Waiter = { rendition: string; from: number; to: number; answer(): void }

/** `GET /frames/<rendition>?from=&to=[&waitMs=]`: what is held of a span, as a bundle, with the markers of its sealed segments. */
export function createFramesEndpoint(store: StationStore, clock: Clock) {
  const waiters = new Set<Waiter>()
  const stopListening = store.listen((rendition) => {
    for (const waiter of waiters) {
      if (waiter.rendition !== rendition) continue
      const newest = store.rendition(rendition)?.newestFrame ?? -1
      if (newest >= waiter.from) waiter.answer()
    }
  })

  function answer(id: string, url: URL, request: IncomingMessage, response: ServerResponse) {
    const rendition = store.rendition(id)
    const [from, to, waitMs] = ['from', 'to', 'waitMs'].map((name) => wholeNumber(url.searchParams.get(name)))
    if (!rendition) return sendText(response, 404, `there is no rendition ${id}\n`)
    if (from === undefined || to === undefined || to <= from)
      return sendText(response, 400, 'from and to are frame numbers, to is not included\n')
    const last = Math.min(to, from + FRAMES_PER_BUNDLE_MAX)
    const frames = framesOf(rendition, from, last)
    if (frames.length > 0 || !waitMs || waiters.size >= WAITERS_MAX)
      return send(rendition, frames, from, last, response)

    const finish = (): void => {
      waiters.delete(waiter)
      cancel()
      response.off('close', finish)
      if (!response.destroyed) send(rendition, framesOf(rendition, from, last), from, last, response)
    }
    const cancel = clock.after(Math.min(waitMs, WAIT_MS_MAX), finish)
    const waiter = { rendition: id, from, to: last, answer: finish }
    waiters.add(waiter)
    response.on('close', finish)
    request.resume()
  }

  return {
    answer,
    /** Answers all that still wait. */
    stop() {
      stopListening()
      for (const waiter of [...waiters]) waiter.answer()
    },
  }
}

function send(
  rendition: RenditionStore,
  frames: NumberedFrame[],
  from: number,
  to: number,
  response: ServerResponse,
): void {
  const body = encodeFrameBundle({ frames, markers: markersOf(rendition, from, to) })
  response.writeHead(200, {
    'content-type': FRAME_BUNDLE_TYPE,
    'content-length': body.length,
    'cache-control': 'no-store',
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}

function framesOf(rendition: RenditionStore, from: number, to: number): NumberedFrame[] {
  const frames: NumberedFrame[] = []
  for (let frame = from; frame < to; frame += 1) {
    const unit = rendition.unit(frame)
    if (unit) frames.push({ frame, unit })
  }
  return frames
}

/** Of sealed segments only: those are known to be true. */
function markersOf(rendition: RenditionStore, from: number, to: number): SegmentMarker[] {
  const markers: SegmentMarker[] = []
  for (let segment = segmentOfFrame(from); firstFrameOfSegment(segment) < to; segment += 1) {
    const slot = rendition.slot(segment)
    if (slot?.isSealed && slot.marker) markers.push(slot.marker)
  }
  return markers
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
