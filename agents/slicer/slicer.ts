import type { Clock } from '../../platform/clock.ts'
import { callerOf, pushKeyOf } from '../../platform/credentials.ts'
import { createHttpClient } from '../../platform/http-client.ts'
import type { Logger } from '../../platform/log.ts'
import { startRtmpServer } from '../../platform/rtmp/server.ts'
import type { NodeRegistered } from '../../schemas/nodes.ts'
import type { NewestFrames } from '../../schemas/playout.ts'
import { createFrameClient } from '../shared/frame-client.ts'
import { type Identity, loadIdentity } from '../shared/identity.ts'
import { type Membership, startMembership } from '../shared/membership.ts'
import { startFiller } from './fill/filler.ts'
import { createSources } from './fill/sources.ts'
import { createFramesEndpoint } from './http/frames-endpoint.ts'
import { createListenersEndpoint } from './http/listeners.ts'
import { startHttpServer } from './http/server.ts'
import { metricsOf } from './metrics.ts'
import { PACKAGING_VERSIONS } from './push/publication.ts'
import { createPublications, PUSH_APPLICATION } from './push/publications.ts'
import { createListings, type Listings } from './serve/listings.ts'
import { Packages } from './serve/packages.ts'
import { heartbeatOf, type Parts, readinessOf, statusOf } from './status.ts'
import { StationStore } from './store/station-store.ts'

export type SlicerOptions = {
  controlUrl: string
  joinToken: string | null
  /** The node's own folder: its identity is kept there, and nothing else. */
  folder: string
  /** Null: as remembered, or a new one. */
  id: string | null
  /** What the servers bind to. */
  host: string
  /** Under which others reach the node. */
  address: string
  /** Null: as last time if that is free, or any free port. 0: any free port. */
  httpPort: number | null
  rtmpPort: number | null
  softwareVersion: string
  clock: Clock
  random(): number
  log: Logger
}

export type Slicer = {
  id: string
  httpPort: number
  rtmpPort: number
  /** Ends everything; with `leave`, the control center is told. */
  stop(leave: boolean): Promise<void>
}

/** Puts a slicer together and starts it. Rejects when its ports can't be had or its folder can't be used. */
export async function startSlicer(options: SlicerOptions): Promise<Slicer> {
  const { clock, log, host } = options
  const identity = loadIdentity(options.folder, 'slicer', options.id ?? undefined)
  let registered: NodeRegistered | null = null
  let membership: Membership | null = null

  const store = new StationStore()
  const http = createHttpClient(clock)
  const client = createFrameClient(http, () => registered && { id: registered.id, credential: registered.credential })
  const sources = createSources(client, () => registered?.briefing ?? null, clock)
  const publications = createPublications({
    store,
    pushKey: () => registered && pushKeyOf(registered.credential),
    clock,
    log,
  })
  const filler = startFiller({ store, sources, client, quietMs: publications.quietMs, clock, log })
  const listings: Listings = createListings(store, sources, filler, clock)
  const parts: Parts = { store, sources, filler, publications, listings }
  const frames = createFramesEndpoint(store, clock)
  const requests = new Map<string, number>()
  const listener = createListenersEndpoint(store, listings, new Packages())

  const httpServer = await atRememberedPort(options.httpPort, identity.announced?.httpPort, (port) =>
    startHttpServer(
      {
        listener(wanted, request, response) {
          listener(wanted, request, response)
          const key = `${wanted.kind} ${response.statusCode}`
          requests.set(key, (requests.get(key) ?? 0) + 1)
        },
        frames: frames.answer,
        mayFetchFrames: (authorization) => callerOf(authorization, registered?.briefing.peers ?? []) !== null,
        newestFrames: () => newestFramesOf(store),
        readiness: () => readinessOf(parts),
        status: () => statusOf(parts, identity.id, membership?.standing() ?? 'starting'),
        metrics: () => metricsOf(parts, requests),
        wallMs: clock.wallMs,
        failed: (error, path) => log.error({ error, path }, 'an answer could not be made'),
      },
      host,
      port,
    ),
  )
  const rtmpServer = await atRememberedPort(options.rtmpPort, identity.announced?.rtmpPort, (port) =>
    startRtmpServer({ host, port, clock, log, publish: publications.publish }),
  )

  membership = startMembership({
    controlUrl: options.controlUrl,
    joinToken: options.joinToken,
    folder: options.folder,
    identity,
    announcement: announcementOf(options, identity, httpServer.port, rtmpServer.port),
    heartbeat: () => heartbeatOf(parts, options.folder),
    changed(next) {
      registered = next
      // Once a push has come, it is what counts: all nodes are to answer alike at the same frame.
      if (store.generation === 0) store.describe(next.briefing.station)
    },
    http,
    clock,
    random: options.random,
    log,
  })

  return {
    id: identity.id,
    httpPort: httpServer.port,
    rtmpPort: rtmpServer.port,
    async stop(leave) {
      await membership.stop(leave)
      frames.stop()
      publications.endAll('the slicer is ending')
      await Promise.all([filler.stop(), rtmpServer.close(), httpServer.stop()])
      listings.stop()
      http.close()
    },
  }
}

function announcementOf(options: SlicerOptions, identity: Identity, httpPort: number, rtmpPort: number) {
  return {
    id: identity.id,
    role: 'slicer' as const,
    address: options.address,
    httpPort,
    rtmpPort,
    application: PUSH_APPLICATION,
    softwareVersion: options.softwareVersion,
    packagingVersions: [...PACKAGING_VERSIONS],
  }
}

function newestFramesOf(store: StationStore): NewestFrames {
  return {
    generation: store.generation,
    newestFrame: Object.fromEntries(
      store.all().flatMap(({ rendition, newestFrame }) => (newestFrame === null ? [] : [[rendition.id, newestFrame]])),
    ),
    firstAvailableFrame: store.firstAvailableFrame,
  }
}

/** The same port as last time means that nobody has to be told anew; when another program has it, any will do. */
async function atRememberedPort<T>(
  wanted: number | null,
  remembered: number | undefined,
  start: (port: number) => Promise<T>,
): Promise<T> {
  if (wanted !== null) return start(wanted)
  if (remembered === undefined) return start(0)
  return start(remembered).catch(() => start(0))
}
