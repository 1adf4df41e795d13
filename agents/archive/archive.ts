import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { msOfFrame } from '../../media/timeline.ts'
import { type Clock, sleep } from '../../platform/clock.ts'
import { archiveKeyOf, isSameSecret } from '../../platform/credentials.ts'
import { createHttpClient } from '../../platform/http-client.ts'
import type { Logger } from '../../platform/log.ts'
import type { Processes } from '../../platform/processes.ts'
import { PACKAGING_VERSION } from '../../schemas/markers.ts'
import type { Heartbeat, NodeBriefing, NodeRegistered } from '../../schemas/nodes.ts'
import { createFrameClient } from '../shared/frame-client.ts'
import { loadIdentity } from '../shared/identity.ts'
import { startMembership } from '../shared/membership.ts'
import { AirStore } from './air/air-store.ts'
import { Disk } from './air/disk.ts'
import { OpenFiles } from './air/open-files.ts'
import { airKeptFromMs, recordingsKeptFromMs } from './air/retention.ts'
import { createPodcastRoutes } from './http/podcast-routes.ts'
import { createCatchupRoutes } from './http/public-routes.ts'
import { createRecordingFiles } from './http/recording-files.ts'
import { createRecordingsRoutes } from './http/recordings-routes.ts'
import { startHttpServer } from './http/server.ts'
import { AutomaticRecordings } from './live/automatic-recordings.ts'
import { fetchLive } from './live/live-client.ts'
import { createArchiveMetrics } from './metrics.ts'
import { Puller } from './pull/puller.ts'
import { Conversions } from './recordings/conversions.ts'
import { Desk } from './recordings/desk.ts'
import { Recorder } from './recordings/recorder.ts'
import { RecordingStore } from './recordings/recording-store.ts'
import { isWanted } from './wanted.ts'

/** How fast things go round: the product's pace, made quicker in tests. */
export type Pace = { roundMs: number; housekeepingMs: number }
export const usualPace: Pace = { roundMs: 1_000, housekeepingMs: 30_000 }

export type ArchiveOptions = {
  controlUrl: string
  joinToken: string | null
  /** The node's own folder: hours of the air, recordings, its identity. */
  folder: string
  /** Null: as remembered, or a new one. */
  id: string | null
  host: string
  address: string
  httpPort: number
  softwareVersion: string
  pace: Pace
  clock: Clock
  processes: Processes
  random(): number
  log: Logger
}
export type Archive = { id: string; port: number; stop(leave: boolean): Promise<void> }

/** Puts an archive together and starts it. Rejects when its port can't be had or its folder can't be used. */
export async function startArchive(options: ArchiveOptions): Promise<Archive> {
  const { clock, log, folder, processes, pace } = options
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const identity = loadIdentity(folder, 'archive', options.id ?? undefined)
  const ending = new AbortController()
  const http = createHttpClient(clock)
  let registered: NodeRegistered | null = null
  const briefing = (): NodeBriefing | null => registered?.briefing ?? null
  const own = () => registered && { id: registered.id, credential: registered.credential }
  const archiveBriefing = () => briefing()?.archive ?? null

  const files = new OpenFiles()
  const air = new AirStore(join(folder, 'air'), files)
  const store = new RecordingStore(join(folder, 'recordings'), files, log)
  const disk = new Disk(folder, () => archiveBriefing()?.minFreeBytes ?? 0, clock, log)
  const puller = new Puller({ briefing, client: createFrameClient(http, own), store: air, disk, clock, log })
  const conversions = new Conversions({
    folder: join(folder, 'cache'),
    store,
    station: () => briefing()!.station,
    disk,
    processes,
    clock,
  })
  const recorder = new Recorder({
    store,
    air,
    disk,
    isBeyondReach: (rendition, segment) => puller.isBeyondReach(rendition, segment),
    finished: (recording) =>
      void conversions
        .waveform(recording)
        .catch((error: Error) => log.warn({ id: recording.id }, `no waveform yet: ${error.message}`)),
    log,
  })
  const automatic = new AutomaticRecordings(store, recorder)
  let liveTrouble: string | null = null

  const state = () => {
    const alarm = disk.alarm()
    const alarms = [alarm, liveTrouble].filter((sentence) => sentence !== null)
    if (!registered) return { ok: false, reason: `the archive knows no station: ${membership.standing()}`, alarms }
    if (alarm !== null) return { ok: false, reason: alarm, alarms }
    if (!isWanted(archiveBriefing(), store.all())) return { ok: true, reason: 'nothing is to be kept', alarms }
    if (puller.trouble !== null) return { ok: false, reason: puller.trouble, alarms }
    return { ok: true, reason: 'recording the air', alarms }
  }
  const desk = new Desk({ store, air, recorder, conversions, disk, briefing, nowFrame: () => puller.nowFrame(), state })
  const recordingFiles = createRecordingFiles(store, conversions, () => briefing()?.station ?? null)
  const metrics = createArchiveMetrics({ puller, air, store, disk, isOk: () => state().ok })

  const server = await startHttpServer(
    {
      health: state,
      status: () => ({
        id: identity.id,
        ...desk.list().archive,
        missing: puller.missing(),
        newestFrame: puller.newestFrame,
      }),
      metrics: () => metrics.text(),
      catchup: createCatchupRoutes(air, briefing),
      podcast: createPodcastRoutes(store, recordingFiles, briefing),
      recordings: createRecordingsRoutes(desk, recordingFiles),
      mayManage(authorization) {
        const shown = /^Bearer (\S{1,512})$/.exec(authorization ?? '')?.[1]
        return shown !== undefined && registered !== null && isSameSecret(shown, archiveKeyOf(registered.credential))
      },
    },
    options.host,
    options.httpPort,
    log,
  )

  const membership = startMembership({
    controlUrl: options.controlUrl,
    joinToken: options.joinToken,
    folder,
    identity,
    announcement: {
      id: identity.id,
      role: 'archive',
      address: options.address,
      httpPort: server.port,
      softwareVersion: options.softwareVersion,
      packagingVersions: [PACKAGING_VERSION],
    },
    heartbeat,
    changed(next) {
      registered = next
    },
    http,
    clock,
    random: options.random,
    log,
  })

  function heartbeat(): Omit<Heartbeat, 'generation' | 'softwareVersion'> {
    const { ok, reason } = state()
    const spans = (briefing()?.station.renditions ?? []).flatMap(({ id }) => {
      const span = air.span(id)
      return span ? [[id, span.newest] as const] : []
    })
    return {
      ready: ok,
      reason,
      newestSegment: Object.fromEntries(spans),
      newestFrame: {},
      newestSegmentAgeMs: {},
      framesMissing: puller.missing() * 188,
      pushConnected: false,
      memoryBytes: process.memoryUsage.rss(),
      diskFreeBytes: disk.freeBytes,
    }
  }

  async function followLive(): Promise<void> {
    const told = briefing()
    const who = own()
    if (!told?.archive?.automatic || !who) {
      liveTrouble = null
      return
    }
    try {
      const status = await fetchLive(http, told.playoutUrl, who, ending.signal)
      if (disk.alarm() === null) automatic.take(status, told.station.renditions[0]!.id)
      liveTrouble = null
    } catch (error) {
      const sentence = `live sessions can't be followed: ${(error as Error).message}`
      if (liveTrouble !== sentence && !ending.signal.aborted) log.warn(sentence)
      liveTrouble = sentence
    }
  }

  function keepHouse(): void {
    const told = archiveBriefing()
    const now = puller.nowFrame()
    if (!told || now === null) return
    const nowMs = msOfFrame(now)
    const deleted = air.deleteBefore(airKeptFromMs(told, nowMs))
    if (deleted > 0) log.info({ deleted }, 'hours of the air were deleted: they were older than the station keeps them')
    const keptFromMs = recordingsKeptFromMs(told, nowMs)
    if (keptFromMs === null) return
    for (const recording of store.all())
      if (recording.state !== 'recording' && msOfFrame(recording.untilFrame!) < keptFromMs) desk.delete(recording)
  }

  async function pull(): Promise<void> {
    disk.look()
    if (!isWanted(archiveBriefing(), store.all())) await puller.listen(ending.signal)
    else await puller.round(ending.signal)
    recorder.round()
  }

  /** Again and again until the end; what goes wrong in one round is told, and the next one comes. */
  async function loop(everyMs: number, work: () => void | Promise<void>): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        await work()
      } catch (error) {
        if (!ending.signal.aborted) log.error({ error: (error as Error).stack }, 'a round of the archive failed')
      }
      await sleep(clock, everyMs, ending.signal).catch(() => undefined)
    }
  }
  const loops = [loop(pace.roundMs, pull), loop(pace.roundMs, followLive), loop(pace.housekeepingMs, keepHouse)]

  return {
    id: identity.id,
    port: server.port,
    async stop(leave) {
      ending.abort(new Error('the archive is ending'))
      await Promise.all([membership.stop(leave), conversions.stop(), server.stop(), ...loops])
      files.closeAll()
      http.close()
    },
  }
}
