import { mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Clock } from '../platform/clock.ts'
import { createHttpClient } from '../platform/http-client.ts'
import type { Logger } from '../platform/log.ts'
import { connectRedis } from '../platform/redis.ts'
import type { StationInfo } from '../schemas/markers.ts'
import type { StationFile } from '../schemas/station.ts'
import { createAccounts } from './accounts/accounts.ts'
import { createAuditLog } from './accounts/audit-log.ts'
import { createServer } from './http/server.ts'
import { openTlsDoor } from './http/tls-door.ts'
import type { World } from './http/world.ts'
import { openLiveDesk } from './live/live-desk.ts'
import { createNodeStore } from './nodes/node-store.ts'
import { createNodeRegistry } from './nodes/registry.ts'
import { createAsRunMemory } from './now-playing/as-run-memory.ts'
import { createKnown } from './now-playing/known.ts'
import type { MusicLibrary, MusicLibraryOptions } from './planner/music-library.ts'
import { createPlanStore } from './planner/plan-store.ts'
import { createPlanner } from './planner/planner.ts'
import { watchStation } from './planner/station-watch.ts'
import { createPlayoutLink } from './playout-link/link.ts'
import { createPlayoutClient } from './playout-link/playout-client.ts'
import { createPlayoutClock } from './playout-link/playout-clock.ts'
import { readSecrets, type Settings } from './settings.ts'

/** How fast things go round: the product's pace, made quicker in tests. */
export type Pace = {
  heartbeatMs: number
  playoutMs: number
  plannerMs: number
  planPauseMs: number
  stationFileMs: number
}
export const usualPace: Pace = {
  heartbeatMs: 2_000,
  playoutMs: 1_000,
  plannerMs: 1_000,
  planPauseMs: 10_000,
  stationFileMs: 2_000,
}

/** Placements older than this are those of the plan again. */
const PLACEMENTS_FRESH_MS = 5_000

export type Surroundings = {
  clock: Clock
  log: Logger
  environment: NodeJS.ProcessEnv
  pace: Pace
  openLibrary(options: MusicLibraryOptions): MusicLibrary
}

/**
 * Builds the control center from its parts and lets them run. It starts with Redis and playout dead, and goes on when they come.
 * Rejects only when a secret is missing or the port is taken.
 */
export async function startControlCenter(settings: Settings, surroundings: Surroundings) {
  const { clock, log, environment, pace } = surroundings
  const { dataFolder } = settings
  mkdirSync(dataFolder, { recursive: true })

  const watch = watchStation(
    settings.stationPath,
    join(dataFolder, 'station.last-good.yaml'),
    pace.stationFileMs,
    clock,
    log,
    () => {
      library.stationChanged()
      planner.tick()
      live.changed()
      void tlsDoor?.look()
    },
  )
  const station = (): StationFile =>
    settings.musicFolder === null ? watch.station() : { ...watch.station(), musicFolder: settings.musicFolder }
  const { joinToken, controlToken, playbackSecret } = readSecrets(environment, station())
  const { id: stationId } = station()

  const redis = connectRedis(settings.redisUrl, clock, log)
  const http = createHttpClient(clock)
  const client = createPlayoutClient(http, settings.playoutUrl, controlToken)
  const playoutClock = createPlayoutClock(clock)
  const { nowMs } = playoutClock
  const accounts = createAccounts({ dataFolder, stationId, redis, clock, nowMs, log })
  const audit = createAuditLog(join(dataFolder, 'audit'), nowMs, log)
  let link: ReturnType<typeof createPlayoutLink> | null = null
  const library = surroundings.openLibrary({ station, dataFolder, clock, log, onChange: () => planner.tick() })

  const planner = createPlanner({
    clock,
    log,
    store: createPlanStore(join(dataFolder, 'plan.json'), stationId, redis, log),
    station,
    nowMs,
    library,
    placed: () => {
      const last = link?.last()
      return last && last.ageMs < PLACEMENTS_FRESH_MS ? { ...last.status, asRun: asRun.entries() } : null
    },
    intervalMs: pace.plannerMs,
    pauseMs: pace.planPauseMs,
    onPlan: () => link?.poke(),
  })
  const registry = createNodeRegistry({
    store: createNodeStore(join(dataFolder, 'nodes.json'), stationId, redis, log),
    clock,
    log,
    joinToken,
    heartbeatMs: pace.heartbeatMs,
    stationInfo: () => stationInfoOf(station()),
    playoutUrl: settings.playoutPublicUrl,
    nowMs,
    briefingFor: (role) => live.briefingFor(role),
    foreignTargets: () => live.foreignTargets(),
    onChange: () => link?.poke(),
  })
  const live = openLiveDesk({
    ...{ dataFolder, clock, log, redis, station, nowMs, client, controlToken, playbackSecret },
    playoutUrl: settings.playoutUrl,
    keys: () => (accounts.isKnown() ? accounts.keys() : null),
    nodes: registry.present,
    link: () => link,
    onChange: () => link?.poke(),
  })
  accounts.onChange(live.changed)
  const asRun = createAsRunMemory(client, clock, log, (entries) => planner.heard(entries))
  const playout = createPlayoutLink({
    stationId,
    client,
    clock,
    playoutClock,
    log,
    intervalMs: pace.playoutMs,
    wantedRundown: (held) => planner.wanted(held.rundownVersion),
    wantedTargets: (held) => registry.wantedTargets(held.targetsVersion),
    wantedLivePlan: (held) => live.plan.wanted(held.livePlanVersion ?? 0),
    onStatus: (status) => asRun.onStatus(status),
  })
  link = playout
  redis.onUsable(() => {
    accounts.redisIsBack()
    registry.redisIsBack()
    planner.redisIsBack()
    void live.redisIsBack()
  })

  let tlsDoor: Awaited<ReturnType<typeof openTlsDoor>> | null = null
  const world: World = {
    clock,
    log,
    station,
    nowMs,
    link: playout,
    redis,
    registry,
    live,
    accounts,
    audit,
    asRun,
    plan: planner.current,
    known: createKnown({
      asRun: asRun.entries,
      status: () => playout.last()?.status ?? null,
      rundown: () => planner.current()?.rundown ?? null,
    }),
    dryRun: planner.dryRun,
    library,
    alarms: () => [
      ...watch.alarms(),
      ...planner.alarms(),
      ...accounts.alarms(),
      ...audit.alarms(),
      ...(tlsDoor?.alarms() ?? []),
      ...(station().listen.signed && playbackSecret === null
        ? [`Listening is open although listen.signed is set: ${station().secrets.playbackSecretEnv} holds no secret.`]
        : []),
    ],
    warnings: () => watch.warnings(),
  }
  const app = await createServer(world)
  await app.listen({ host: settings.host, port: settings.port })
  const { port } = app.server.address() as AddressInfo
  if (settings.tlsPort !== null)
    tlsDoor = await openTlsDoor({
      ...{ app, host: settings.host, port: settings.tlsPort, clock, log },
      paths: () => station().tls,
    })
  log.info({ host: settings.host, port, station: stationId }, 'the control center is there')

  return {
    port,
    /** Ends everything within a second; what is not yet in Redis is on disk. */
    async stop(): Promise<void> {
      watch.stop()
      live.stop()
      planner.stop()
      playout.stop()
      registry.stop()
      accounts.stop()
      await tlsDoor?.close()
      await Promise.all([app.close(), library.stop()])
      http.close()
      redis.close()
    },
  }
}

const stationInfoOf = ({ id, name, renditions, hls }: StationFile): StationInfo => ({ id, name, renditions, ...hls })
