import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { Clock } from '../../platform/clock.ts'
import { ingestKeyOf, isSameSecret } from '../../platform/credentials.ts'
import { createHttpClient } from '../../platform/http-client.ts'
import type { Logger } from '../../platform/log.ts'
import type { Processes } from '../../platform/processes.ts'
import { startRtmpServer } from '../../platform/rtmp/server.ts'
import { check } from '../../schemas/check.ts'
import { KickOrder, type LiveGrant } from '../../schemas/live.ts'
import type { Heartbeat, NodeRegistered, WaysIn } from '../../schemas/nodes.ts'
import { diskFreeBytes } from '../shared/disk-free.ts'
import { loadIdentity } from '../shared/identity.ts'
import { type Membership, startMembership } from '../shared/membership.ts'
import { createFeeds } from './feeds/feeds.ts'
import type { IngestFlags } from './flags.ts'
import { createEvents } from './http/events.ts'
import { answerPcm } from './http/pcm.ts'
import { createPreviews } from './http/preview.ts'
import { startHttpServer } from './http/server.ts'
import { startIcecast } from './icecast/icecast.ts'
import { INGEST_LIMITS } from './limits.ts'
import { metricsOf } from './metrics.ts'
import { startRelays } from './relay/relays.ts'
import { createRtmpPublications } from './rtmp/publications.ts'
import { startSrt } from './srt/srt.ts'
import { startStudio } from './studio/studio.ts'

export type IngestOptions = Omit<IngestFlags, 'dataFolder'> & {
  /** The node's own folder: its identity is kept there, and nothing else. */
  folder: string
  softwareVersion: string
  clock: Clock
  processes: Processes
  random(): number
  log: Logger
}

export type Ingest = {
  id: string
  httpPort: number
  waysIn: WaysIn
  /** Ends everything; with `leave`, the control center is told. */
  stop(leave: boolean): Promise<void>
}

/** Puts an ingest node together and starts it. Rejects when its ports can't be had, or its folder can't be used. */
export async function startIngest(options: IngestOptions): Promise<Ingest> {
  const { clock, processes, log, host } = options
  const identity = loadIdentity(options.folder, 'ingest', options.id ?? undefined)
  const tls = options.tls && readCertificate(options.tls, log)
  let registered: NodeRegistered | null = identity.registered
  let membership: Membership | null = null
  let decodersFailed = 0

  const briefing = () => registered?.briefing.ingest ?? null
  const grants = (): readonly LiveGrant[] => briefing()?.grants ?? []
  const feeds = createFeeds({ briefing, newRun: () => randomBytes(8).toString('hex'), clock, log })
  const http = createHttpClient(clock)
  const previews = createPreviews({ feeds, processes, clock, log })
  const events = createEvents(identity.id, feeds, clock)
  const news = async (): Promise<void> => membership?.hear()
  const carried = { feeds, grants, news, processes, clock, random: options.random, log }
  const publish = createRtmpPublications({
    ...carried,
    decoderFailed() {
      decodersFailed += 1
    },
  })

  const rtmp =
    options.rtmpPort === null ? null : await startRtmpServer({ host, port: options.rtmpPort, clock, log, publish })
  const rtmps =
    options.rtmpsPort === null || tls === null
      ? null
      : await startRtmpServer({ host, port: options.rtmpsPort, clock, log, tls, publish })
  const icecast =
    options.icecastPort === null ? null : await startIcecast({ ...carried, host, port: options.icecastPort })
  const studio =
    options.studioPort === null
      ? null
      : await startStudio({
          ...{ ...carried, host, port: options.studioPort, tls, http },
          playoutAddress: () =>
            registered && { url: registered.briefing.playoutUrl, id: registered.id, credential: registered.credential },
        })
  const srt = startSrt({ ...carried, host })
  const relays = startRelays(carried)

  function readiness(): { ok: boolean; reason: string } {
    if (briefing()) return { ok: true, reason: 'senders can come in' }
    return { ok: false, reason: `no keys are known yet: ${membership?.standing() ?? 'starting'}` }
  }

  const httpServer = await startHttpServer(
    {
      mayRead: (authorization) =>
        registered !== null && isSameSecret(authorization ?? '', `Bearer ${ingestKeyOf(registered.credential)}`),
      events: events.answer,
      pcm: (wanted, response) => answerPcm(feeds, clock, wanted, response),
      preview: previews.answer,
      kick(keyId, body) {
        const order = check(KickOrder, body)
        if (!order.ok) return { status: 400, answer: { problems: order.problems } }
        if (!grants().some((grant) => grant.keyId === keyId)) return { status: 404, answer: { kicked: false } }
        return { status: 200, answer: { kicked: feeds.kick(keyId, order.value) } }
      },
      readiness,
      metrics: () =>
        metricsOf({
          ready: readiness().ok,
          feeds: feeds.list(),
          rtmpConnections: (rtmp?.connections() ?? 0) + (rtmps?.connections() ?? 0),
          sendersRefused: feeds.refused(),
          decodersFailed,
          readers: { events: events.readers(), previews: previews.running() },
        }),
      failed: (error, path) => log.error({ err: error, path }, 'an answer could not be made'),
    },
    host,
    options.httpPort,
  )
  const stopLooking = clock.every(INGEST_LIMITS.lookEveryMs, () => feeds.look())

  const waysIn: WaysIn = {
    rtmp: rtmp?.port ?? null,
    rtmps: rtmps?.port ?? null,
    icecast: icecast?.port ?? null,
    studio: studio?.port ?? null,
    secure: tls !== null,
  }
  membership = startMembership({
    controlUrl: options.controlUrl,
    joinToken: options.joinToken,
    folder: options.folder,
    identity,
    announcement: {
      id: identity.id,
      role: 'ingest',
      address: options.address,
      httpPort: httpServer.port,
      waysIn,
      softwareVersion: options.softwareVersion,
      packagingVersions: [],
    },
    heartbeat: () => heartbeatOf(readiness(), options.folder),
    changed(next) {
      registered = next
      feeds.look()
    },
    http,
    clock,
    random: options.random,
    log,
  })

  return {
    id: identity.id,
    httpPort: httpServer.port,
    waysIn,
    async stop(leave) {
      stopLooking()
      srt.close()
      relays.close()
      feeds.close('The station restarts its way in: connect again.')
      await membership.stop(leave)
      events.stop()
      previews.stop()
      await Promise.all([rtmp?.close(), rtmps?.close(), icecast?.close(), studio?.close(), httpServer.stop()])
      http.close()
    },
  }
}

/** Null when it can't be used: the ways in without a certificate stay open then, and the log says so. */
function readCertificate(
  paths: { certificate: string; key: string },
  log: Logger,
): { certificate: string; key: string } | null {
  try {
    const tls = { certificate: readFileSync(paths.certificate, 'utf8'), key: readFileSync(paths.key, 'utf8') }
    createSecureContext({ cert: tls.certificate, key: tls.key })
    return tls
  } catch (error) {
    log.error(`the certificate can't be used, so there is no RTMPS: ${(error as Error).message}`)
    return null
  }
}

function heartbeatOf(
  { ok, reason }: { ok: boolean; reason: string },
  folder: string,
): Omit<Heartbeat, 'generation' | 'softwareVersion'> {
  return {
    ready: ok,
    reason,
    newestSegment: {},
    newestFrame: {},
    newestSegmentAgeMs: {},
    framesMissing: 0,
    pushConnected: false,
    memoryBytes: process.memoryUsage.rss(),
    diskFreeBytes: diskFreeBytes(folder),
  }
}
