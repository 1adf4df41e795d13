import { randomBytes } from 'node:crypto'
import { mkdirSync, statfsSync } from 'node:fs'
import { availableParallelism, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../platform/clock.ts'
import { playbackSignatureOf } from '../../platform/credentials.ts'
import { createHttpClient } from '../../platform/http-client.ts'
import type { Logger } from '../../platform/log.ts'
import type { Processes } from '../../platform/processes.ts'
import { PACKAGING_VERSION } from '../../schemas/markers.ts'
import type { Heartbeat, NodeBriefing, NodeRegistered } from '../../schemas/nodes.ts'
import { createFrameClient } from '../shared/frame-client.ts'
import { loadIdentity } from '../shared/identity.ts'
import { startMembership } from '../shared/membership.ts'
import { softwareVersion } from '../shared/software-version.ts'
import { listenForNginx, socketPath } from './agent-server.ts'
import type { EdgeFlags } from './flags.ts'
import { HealthWatch } from './health/health-watch.ts'
import { playoutHash } from './health/referee.ts'
import { AccessLog } from './listeners/access-log.ts'
import { ListenerCount, type ListenerSummary } from './listeners/listener-count.ts'
import { createMetrics } from './metrics.ts'
import { ACCESS_LOG, nginxConfiguration } from './nginx/configuration.ts'
import { Nginx } from './nginx/nginx.ts'
import { archiveUrls, servingOrigins } from './origins.ts'
import { createResolver } from './resolve.ts'
import { Streams } from './streams/streams.ts'
import { createWallStepDetector } from './wall-step.ts'
import { createWarmer } from './warmer.ts'

const REFUSED_RETRY_MS = 10_000
/** For how long an address holds that the edge signs for its own requests. */
const OWN_ADDRESS_SECONDS = 60

export type EdgeParts = { clock: Clock; processes: Processes; log: Logger; random(): number; pageFolder: string }
export type Edge = { stop(): Promise<void>; nginxPid(): number | null; listeners(): ListenerSummary }

/** Puts the edge together and starts it. It works from its cached briefing when the control center is away. */
export async function startEdge(flags: EdgeFlags, parts: EdgeParts): Promise<Edge> {
  const { clock, log } = parts
  const folder = flags.dataFolder
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const http = createHttpClient(clock)
  const probesHttp = createHttpClient(clock)
  const nginx = new Nginx(folder, parts.processes, clock, log)
  const count = new ListenerCount()
  const accessLog = new AccessLog(join(folder, ACCESS_LOG), () => nginx.reopenLogs())
  const resolve = createResolver()
  const hasStepped = createWallStepDetector()
  const agentSocket = socketPath(folder)
  let cacheSalt = randomBytes(4).toString('hex')
  let registered: NodeRegistered | null = null
  let summary = count.summary(0, '')
  let applied = ''
  let retryAtMs = Number.POSITIVE_INFINITY

  const briefing = (): NodeBriefing | null => registered?.briefing ?? null
  const serving = () => (registered === null ? [] : servingOrigins(registered.briefing))
  const used = () => {
    const out = new Set(health.takenOut.map(({ id }) => id))
    return serving().filter(({ id }) => !out.has(id))
  }
  const own = () => (registered === null ? null : { id: registered.id, credential: registered.credential })

  const health = new HealthWatch({
    station: () => ({
      id: briefing()!.station.id,
      renditions: briefing()!.station.renditions.map(({ id }) => id),
    }),
    referee: (rendition, segment) => playoutHash(briefing()!.playoutUrl, rendition, segment, own()!, http),
    changed: () => void refresh(),
    listed: (rendition, segment) => void warm(rendition, segment),
    http: probesHttp,
    clock,
    log,
  })
  /** Before the paths of the station, where listening needs a signed address. */
  function ownPrefix(): string {
    const key = briefing()?.playbackSecret
    if (key === undefined) return ''
    const expires = Math.ceil(clock.wallMs() / 1000) + OWN_ADDRESS_SECONDS
    return `/s/${expires}.${playbackSignatureOf(key, expires)}`
  }
  const warm = createWarmer(
    () => `http://${loopbackOf(flags.host)}:${flags.port}${ownPrefix()}`,
    () => cacheSalt,
    () => briefing()!.station.id,
    (path) => (summary.byPath[path] ?? 0) > 0,
    http,
    log,
  )
  /** Those that are taken out come last: frames carry their numbers, so that an old source can't do harm. */
  function frameSources(): string[] {
    if (registered === null) return []
    const good = used().map(({ url }) => url)
    const others = serving().flatMap(({ url }) => (good.includes(url) ? [] : [url]))
    return [...good, registered.briefing.playoutUrl, ...others]
  }
  const streams = new Streams({
    station: () => briefing()?.station ?? null,
    sources: frameSources,
    opened: (path) => count.opened(path),
    closed: (path) => count.closed(path),
    client: createFrameClient(http, own),
    clock,
    log,
  })
  const metrics = createMetrics({
    listeners: () => summary,
    nginx,
    health,
    streams,
    origins: () => ({ serving: serving().length, used: used().length }),
  })

  function standing(): { ok: boolean; reason: string } {
    if (registered === null) return { ok: false, reason: `the edge knows no station: ${membership.standing()}` }
    if (nginx.pid === null) return { ok: false, reason: nginx.alarm ?? 'nginx does not run' }
    if (used().length === 0) return { ok: false, reason: 'no slicer is serving' }
    return { ok: true, reason: nginx.alarm ?? health.alarm ?? 'serving' }
  }

  /** Brings nginx to what is wanted now; nothing happens when it is there already. */
  async function refresh(): Promise<void> {
    const resolved = await Promise.all(used().map(async ({ id, url }) => ({ id, url: await resolve(url) })))
    const archives = await Promise.all(archiveUrls(briefing()).map((url) => resolve(url)))
    const configuration = nginxConfiguration({
      origins: resolved.flatMap(({ id, url }) => (url === null ? [] : [{ id, url }])),
      cacheSalt,
      archives: archives.filter((url) => url !== null),
      playbackKey: briefing()?.playbackSecret ?? null,
      listenHost: flags.host,
      listenPort: flags.port,
      dataFolder: folder,
      agentSocket,
      pageFolder: parts.pageFolder,
      controlUrl: await resolve(flags.controlUrl),
      controlHost: new URL(flags.controlUrl).host,
      workerUser: process.getuid?.() === 0 ? userInfo().username : null,
      workers: Math.min(4, availableParallelism()),
    })
    if (configuration === applied && clock.monotonicMs() < retryAtMs) return
    applied = configuration
    retryAtMs = Number.POSITIVE_INFINITY
    if (await nginx.apply(configuration)) log.info({ origins: resolved }, 'nginx goes by a new configuration')
    // It may have been a disk that was full, or an nginx that was being upgraded.
    else retryAtMs = clock.monotonicMs() + REFUSED_RETRY_MS
  }

  function heartbeat(): Omit<Heartbeat, 'generation' | 'softwareVersion'> {
    const { ok, reason } = standing()
    const disk = statfsSync(folder)
    return {
      ready: ok,
      reason,
      newestSegment: health.newestSegment,
      newestFrame: {},
      newestSegmentAgeMs: health.newestSegmentAgeMs,
      framesMissing: 0,
      pushConnected: false,
      memoryBytes: process.memoryUsage.rss(),
      diskFreeBytes: disk.bavail * disk.bsize,
      listeners: summary.now,
      takenOut: health.takenOut,
    }
  }

  function everySecond(): void {
    const nowMs = clock.monotonicMs()
    for (const { address, userAgent, path } of accessLog.read()) count.seen(address, userAgent, path, nowMs)
    summary = count.summary(nowMs, new Date(clock.wallMs()).toISOString().slice(0, 10))
    if (hasStepped(clock.wallMs(), nowMs)) {
      log.warn('the wall clock has been stepped: what nginx has stored is not used again')
      cacheSalt = randomBytes(4).toString('hex')
    }
    void refresh()
  }

  const server = await listenForNginx(agentSocket, {
    health: standing,
    metrics: () => metrics.text(),
    listeners: () => summary,
    page: () => {
      const station = briefing()?.station
      return station ? { station, controlPublicUrl: flags.controlPublicUrl } : null
    },
    wallMs: () => clock.wallMs(),
    stream: (...request) => streams.answer(...request),
  })
  const identity = loadIdentity(folder, 'edge', flags.id)
  const membership = startMembership({
    controlUrl: flags.controlUrl,
    joinToken: flags.joinToken,
    folder,
    identity,
    announcement: {
      id: identity.id,
      role: 'edge',
      address: flags.address,
      httpPort: flags.port,
      softwareVersion: softwareVersion(),
      packagingVersions: [PACKAGING_VERSION],
    },
    heartbeat,
    changed(next) {
      registered = next
      health.setOrigins(serving())
      void refresh()
    },
    http,
    clock,
    random: parts.random,
    log,
  })
  await refresh()
  health.start()
  const stopTicking = clock.every(1_000, everySecond)

  return {
    nginxPid: () => nginx.pid,
    listeners: () => summary,
    async stop() {
      stopTicking()
      health.stop()
      streams.stop()
      server.close()
      server.closeAllConnections()
      await Promise.all([nginx.stop(), membership.stop(true)])
      http.close()
      probesHttp.close()
    },
  }
}

/** Where the agent itself reaches nginx. */
function loopbackOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
