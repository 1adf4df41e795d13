import type { Heartbeat } from '../../schemas/nodes.ts'
import { diskFreeBytes } from '../shared/disk-free.ts'
import type { Filler } from './fill/filler.ts'
import type { Sources } from './fill/sources.ts'
import type { Publications } from './push/publications.ts'
import type { Listings } from './serve/listings.ts'
import type { StationStore } from './store/station-store.ts'

export type Parts = {
  store: StationStore
  sources: Sources
  filler: Filler
  publications: Publications
  listings: Listings
}

/**
 * The node's own opinion of itself. It is ready when listeners can be sent to it: something is listed, and nothing is refused
 * that others could answer. A rendition that nobody has is no reason to send listeners away.
 */
export function readinessOf({ store, listings }: Parts): { ok: boolean; reason: string } {
  if (!store.station) return { ok: false, reason: 'nothing is known of the station yet: waiting for the push' }
  const decisions = store.station.renditions.map(({ id }) => listings.decisionOf(id))
  const own = decisions.find((decision) => decision.answer === 'refuse' && decision.fault === 'node')
  if (own) return { ok: false, reason: own.reason }
  const listed = decisions.filter((decision) => decision.answer === 'list')
  if (listed.length === 0) return { ok: false, reason: decisions[0]?.reason ?? 'the station has no renditions' }
  return { ok: true, reason: listed.find(({ reason }) => reason !== 'on time')?.reason ?? 'serving, on time' }
}

export function heartbeatOf(parts: Parts, folder: string): Omit<Heartbeat, 'generation' | 'softwareVersion'> {
  const { ok, reason } = readinessOf(parts)
  const { store, listings, publications, filler } = parts
  const known = store.all().filter(({ newestFrame }) => newestFrame !== null)
  const record = (value: (rendition: string) => number): Record<string, number> =>
    Object.fromEntries(known.map(({ rendition }) => [rendition.id, value(rendition.id)]))
  return {
    ready: ok,
    reason,
    newestSegment: record((id) => listings.edgeOf(id) ?? 0),
    newestFrame: record((id) => store.rendition(id)?.newestFrame ?? 0),
    newestSegmentAgeMs: record((id) => listings.edgeAgeMs(id)),
    framesMissing: filler.framesMissing(),
    pushConnected: known.length > 0 && known.every(({ rendition }) => publications.isOpen(rendition.id)),
    memoryBytes: process.memoryUsage.rss(),
    diskFreeBytes: diskFreeBytes(folder),
  }
}

/** `GET /status`: for a person who asks what is the matter with this node. */
export function statusOf(parts: Parts, id: string, standing: string): unknown {
  const { store, listings, publications, filler, sources } = parts
  return {
    id,
    ...readinessOf(parts),
    controlCenter: standing,
    station: store.station,
    generation: store.generation,
    firstAvailableFrame: store.firstAvailableFrame,
    framesPushed: publications.framesPushed(),
    framesFetched: filler.framesFetched(),
    framesMissing: filler.framesMissing(),
    renditions: store.all().map(({ rendition, newestFrame, framesDisputed }) => ({
      id: rendition.id,
      pushConnected: publications.isOpen(rendition.id),
      newestFrame,
      newestSegment: listings.edgeOf(rendition.id),
      newestSegmentAgeMs: Math.round(listings.edgeAgeMs(rendition.id)),
      framesDisputed,
      ...listings.decisionOf(rendition.id),
    })),
    sources: sources.list().map(({ url, isPlayout, newest, failure }) => ({
      url,
      isPlayout,
      newestFrame: newest?.newestFrame ?? null,
      failure,
    })),
    memoryBytes: process.memoryUsage.rss(),
  }
}
