import type { IncomingMessage, ServerResponse } from 'node:http'
import { cmafInit } from '../../../media/cmaf-init.ts'
import { contentTypes } from '../../../media/content-types.ts'
import { etagOf } from '../../../media/etag.ts'
import type { RenditionInfo } from '../../../schemas/markers.ts'
import type { NodeBriefing } from '../../../schemas/nodes.ts'
import { sendNotFound, sendPackaged, sendText, sendUnavailable } from '../../shared/http/answers.ts'
import type { AirStore } from '../air/air-store.ts'
import { catchupFromMs } from '../air/retention.ts'
import { cmafWithin, playlistOf } from '../recordings/content.ts'
import { decideCatchup, framesOfSegments } from './catchup.ts'
import { heldFrom } from './held.ts'

const CACHE = { playlist: 'max-age=10', segment: 'public, max-age=600, immutable', init: 'max-age=60' } as const
const PATH = /^\/hls\/([^/]+)\/([^/]+)\/catchup(?:\.m3u8|\/init\.mp4|\/(0|[1-9]\d{0,14})\.m4s)$/

/** Past hours, for listeners: `/hls/<station>/<rendition>/catchup.m3u8?from=&to=` and what it names. False for any other path. */
export function createCatchupRoutes(air: AirStore, briefing: () => NodeBriefing | null) {
  return function answer(url: URL, request: IncomingMessage, response: ServerResponse): boolean {
    const match = PATH.exec(url.pathname)
    if (!match) return false
    const [path, station, renditionId, number] = match
    const told = briefing()
    if (!told) sendUnavailable(response, 'nothing is known of the station yet')
    else {
      const rendition = told.station.renditions.find(({ id }) => id === renditionId)
      if (station !== told.station.id || !rendition)
        sendNotFound(response, `there is no ${station}/${renditionId} here`)
      else if (path.endsWith('.mp4')) send(request, response, cmafInit(rendition), contentTypes.cmaf, CACHE.init)
      else if (number === undefined) answerPlaylist(rendition, told, url, request, response)
      else answerSegment(rendition, told, Number(number), request, response)
    }
    return true
  }

  function heldOf(rendition: RenditionInfo, { archive }: NodeBriefing): { oldest: number; newest: number } | null {
    const span = air.span(rendition.id)
    if (!span || !archive) return null
    return heldFrom(span, (newestMs) => catchupFromMs(archive, newestMs))
  }

  function answerPlaylist(
    rendition: RenditionInfo,
    told: NodeBriefing,
    url: URL,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    const query = { from: url.searchParams.get('from'), to: url.searchParams.get('to') }
    const decision = decideCatchup(query, heldOf(rendition, told))
    if ('status' in decision)
      return sendText(response, decision.status, `${decision.reason}\n`, { 'cache-control': 'max-age=1' })
    const text = playlistOf(framesOfSegments(decision), 'catchup/init.mp4', (segment) => `catchup/${segment}.m4s`)
    send(request, response, Buffer.from(text), contentTypes.playlist, CACHE.playlist)
  }

  function answerSegment(
    rendition: RenditionInfo,
    told: NodeBriefing,
    segment: number,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    const held = heldOf(rendition, told)
    if (!held || segment < held.oldest || segment > held.newest)
      return sendNotFound(response, `segment ${segment} is not kept`)
    const read = (wanted: number) => air.read(rendition.id, wanted)
    const frames = framesOfSegments({ first: segment, last: segment })
    send(request, response, cmafWithin(frames, segment, read, rendition.channels), contentTypes.cmaf, CACHE.segment)
  }
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  contentType: string,
  cacheControl: string,
) {
  sendPackaged(request, response, { body, etag: etagOf(body), contentType, cacheControl })
}
