import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RenditionInfo } from '../../../schemas/markers.ts'
import { sendNotFound, sendPackaged, sendUnavailable } from '../../shared/http/answers.ts'
import type { Listings } from '../serve/listings.ts'
import type { Packages } from '../serve/packages.ts'
import type { StationStore } from '../store/station-store.ts'
import type { Wanted } from './paths.ts'

/** Answers what listeners and the edge ask for. Nothing in a 200 tells which node it came from. */
export function createListenersEndpoint(store: StationStore, listings: Listings, packages: Packages) {
  return function answer(wanted: Wanted, request: IncomingMessage, response: ServerResponse) {
    const { station } = store
    if (!station) return sendUnavailable(response, 'nothing is known of the station yet: waiting for the push')
    if (wanted.station !== station.id) return sendNotFound(response, `there is no station ${wanted.station} here`)
    if (wanted.kind === 'master' || wanted.kind === 'dash') {
      const reason = refusalOfAll(station.renditions)
      if (reason) return sendUnavailable(response, reason)
      const packaged = wanted.kind === 'master' ? packages.master(station) : packages.dash(station)
      return sendPackaged(request, response, packaged)
    }
    const rendition = station.renditions.find(({ id }) => id === wanted.rendition)
    if (!rendition) return sendNotFound(response, `there is no rendition ${wanted.rendition}`)
    if (wanted.kind === 'init') return sendPackaged(request, response, packages.init(station, rendition))
    if (wanted.kind === 'segment') return answerSegment(wanted, rendition, request, response)
    const decision = listings.decisionOf(rendition.id)
    if (decision.answer === 'refuse') return sendUnavailable(response, decision.reason)
    sendPackaged(request, response, packages.playlist(rendition, wanted.packaging, decision.window))
  }

  function answerSegment(
    wanted: Extract<Wanted, { kind: 'segment' }>,
    rendition: RenditionInfo,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    const { segment, packaging } = wanted
    if (!listings.hasJoined(rendition.id)) {
      const decision = listings.decisionOf(rendition.id)
      if (decision.answer === 'refuse') return sendUnavailable(response, decision.reason)
    }
    if (!listings.isFetchable(rendition.id, segment))
      return sendNotFound(response, `segment ${segment} is not among those kept`)
    const slot = store.rendition(rendition.id)?.slot(segment)
    if (slot?.isSealed) return sendPackaged(request, response, packages.segment(rendition, packaging, slot))
    if (listings.isGivenUp(segment)) return sendNotFound(response, `segment ${segment} was given up`)
    sendUnavailable(response, `segment ${segment} of ${rendition.id} is not whole here yet`)
  }

  /** The master playlist stands as long as one rendition does. */
  function refusalOfAll(renditions: readonly RenditionInfo[]): string | null {
    let reason: string | null = null
    for (const { id } of renditions) {
      const decision = listings.decisionOf(id)
      if (decision.answer === 'list') return null
      reason ??= decision.reason
    }
    return reason
  }
}
