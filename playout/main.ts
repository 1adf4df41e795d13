import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { frameAtMs, frameOfSample, msOfFrame } from '../media/timeline.ts'
import { sleep, systemClock } from '../platform/clock.ts'
import { lockFolder } from '../platform/folder-lock.ts'
import { createLogger } from '../platform/log.ts'
import { collectGarbageEvery } from '../platform/memory.ts'
import { systemProcesses } from '../platform/processes.ts'
import { QuietLog } from '../platform/rtmp/quiet-log.ts'
import { loadStationFileOrLastGood } from '../platform/station-file.ts'
import type { StationInfo } from '../schemas/markers.ts'
import { AnchoredClock, anchorAtStart } from './clock/anchored-clock.ts'
import { Desk } from './desk.ts'
import { type PlayoutFlags, readFlags } from './flags.ts'
import { createServer } from './http/server.ts'
import { limits } from './limits.ts'
import { IngestLinks } from './live/ingest-links.ts'
import { LiveDesk, restoredState } from './live/live-desk.ts'
import { OnAir } from './on-air.ts'
import { keepEmergencyAudio } from './sources/emergency-audio.ts'
import { Spool } from './spool/spool.ts'
import { newestReported } from './state/reported-frames.ts'
import { judgeStart, resumeAt } from './state/resume.ts'
import { StateFiles } from './state/state-files.ts'

/** Dead buffers of decoders and encoder lie outside of the heap, where they are not missed; collecting takes some 10 ms. */
const GARBAGE_MS = 30_000
/** At the very first start, how long to wait for a programme before the ladder begins without one. */
const FIRST_RUNDOWN_WAIT_MS = 45_000

const log = createLogger('playout')
const clock = systemClock
const flags = flagsOrEnd()
const dataDirectory = resolve(flags.dataFolder)
const alarms = new Map<string, string>()
const raise = (name: string, sentence: string | null): void => {
  if (sentence === null) {
    if (alarms.delete(name)) log.info({ alarm: name }, 'the alarm is over')
  } else if (alarms.get(name) !== sentence) log.error({ alarm: name }, sentence)
  if (sentence !== null) alarms.set(name, sentence)
}

// Two at a time would give out two versions of a number. The one before may be about to end.
const patienceEndsMs = clock.monotonicMs() + limits.predecessorMs
while (!(await lockFolder(dataDirectory))) {
  if (clock.monotonicMs() > patienceEndsMs) {
    log.fatal(`Another playout is running with ${dataDirectory}.`)
    process.exit(1)
  }
  await sleep(clock, 20)
}

const loaded = loadStationFileOrLastGood(flags.stationFile, join(dataDirectory, 'station.last-good.yaml'))
raise('station-file', loaded.alarm)
const { station } = loaded
const controlToken = process.env[station.secrets.controlTokenEnv]
if (!controlToken) {
  log.fatal(`The control token is missing: set ${station.secrets.controlTokenEnv}, the same as for the control center.`)
  process.exit(1)
}
const stationInfo: StationInfo = {
  id: station.id,
  name: station.name,
  renditions: station.renditions,
  windowSegments: station.hls.windowSegments,
  keptSegments: station.hls.keptSegments,
}

const state = new StateFiles(dataDirectory, log, (failure) =>
  raise('state', failure && `What playout must remember can't be saved (${failure}); the air goes on.`),
)
const spools = new Map(
  station.renditions.map(({ id }) => [
    id,
    new Spool(join(dataDirectory, 'spool'), id, (failure) =>
      raise(`spool-${id}`, failure && `The spool's disk fails (${failure}); the air goes on from memory.`),
    ),
  ]),
)
const savedTargets = state.targets.read() ?? { version: 0, targets: [], peers: [] }
const spooled = Object.fromEntries([...spools].map(([id, spool]) => [id, spool.newestFrame]))
const newestKept = Math.max(-1, ...Object.values(spooled).map((frame) => frame ?? -1))
const plausibleFrame = Math.max(newestKept, frameAtMs(clock.wallMs())) + limits.reportedAheadFramesMax
const reported = await newestReported(savedTargets.peers, clock, plausibleFrame)
const doubted = reported.doubted.join(', ')
raise('reported', doubted === '' ? null : `Frames of the far future are claimed by ${doubted}: they are not believed.`)
const newestOut = Math.max(newestKept, ...Object.values(reported.newestFrame))

const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
const checkpoint = state.checkpoint.read()
const mixedFrame = checkpoint ? frameOfSample(checkpoint.mixedUntilSample) : null
const lastNumber = newestOut < 0 ? (mixedFrame ?? -1) : newestOut
const notBeforeMs = lastNumber < 0 ? 0 : msOfFrame(lastNumber + 1)
const anchored = new AnchoredClock(
  clock,
  anchorAtStart(state.anchor.read(), bootId, clock.wallMs(), clock.monotonicMs(), notBeforeMs),
)
const saveAnchor = (): boolean => state.anchor.write({ bootId, offsetMs: anchored.offsetMs })
saveAnchor()
clock.every(10_000, () => {
  saveAnchor()
  state.retry()
})

const verdict = judgeStart(state.starts.read(), anchored.nowMs())

const emergencyFile =
  station.emergencyFile === null
    ? flags.emergencyFile
    : resolve(flags.musicFolder ?? station.musicFolder ?? '.', station.emergencyFile)
const emergency = keepEmergencyAudio({
  file: emergencyFile,
  pcmPath: join(dataDirectory, 'emergency.pcm'),
  processes: systemProcesses,
  onAlarm: (sentence) => raise('emergency', sentence),
})

// Up always, also with the checkpoint lost and a wall clock that is behind: nodes refuse a lower one.
const generation = Math.max(
  (checkpoint?.generation ?? 0) + 1,
  reported.generation + 1,
  Math.floor(Math.max(clock.wallMs(), anchored.nowMs()) / 1000),
)
const live = new LiveDesk({
  clock,
  nowMs: () => anchored.nowMs(),
  log,
  links: new IngestLinks({ clock, log: new QuietLog(log, clock) }),
  generation,
  plan: state.livePlan.read(),
  state: restoredState(checkpoint?.live?.state ?? null, state.liveSessions.read()),
  handoffs: state.handoffs.read(),
  newId: () => `${Math.floor(clock.wallMs()).toString(36)}-${randomBytes(5).toString('hex')}`,
  savePlan: (plan) => void state.livePlan.write(plan),
  saveState: (sessions, isAudible) => {
    if (!isAudible) return state.liveSessions.writeAside(sessions)
    state.liveSessions.writeForSuccessor(sessions)
    desk.onAir?.save()
  },
  saveHandoffs: (handoffs) => state.handoffs.writeAside(handoffs),
  onAlarm: raise,
})
const desk = new Desk({
  clock,
  anchored,
  state,
  stationId: station.id,
  generation,
  spools,
  controlToken,
  targets: savedTargets,
  live,
  alarms: () => [...alarms.values()],
  restart: () => void end('re-anchored'),
})
const server = createServer(desk, log)
await server.listen({ host: flags.host, port: flags.port })
// Only now: a port that is held is no fault of what is on air.
state.starts.write(verdict.starts)
raise('crashes', verdict.reason)

if (lastNumber < 0) await desk.firstRundown(FIRST_RUNDOWN_WAIT_MS)
const resume = resumeAt({
  spooled,
  reported: reported.newestFrame,
  renditions: station.renditions.map(({ id }) => id),
  firstAvailableFrame: checkpoint?.firstAvailableFrame ?? null,
  mixedFrame,
  nowFrame: frameAtMs(anchored.nowMs()),
  windowSegments: station.hls.windowSegments,
})
log.info({ generation, ...resume }, 'on air')
const onAir = new OnAir({
  clock,
  anchored,
  processes: systemProcesses,
  log,
  station: stationInfo,
  timeZone: station.timeZone,
  truePeakDbtp: station.audio.truePeakDbtp,
  dataDirectory,
  emergency,
  spools,
  state,
  generation,
  resume,
  targets: desk.targets(),
  // Not held on to: the one of a first start, made of the few files that are known by then, may have tens of thousands of items.
  firstRundown: () => desk.rundown,
  placements: checkpoint?.placements ?? [],
  live,
  voices: resume.framesLost === 0 ? (checkpoint?.live?.voices ?? null) : null,
  skipOnAir: verdict.skipOnAir,
  emergencyOnlyUntilMs: verdict.emergencyOnlyUntilMs,
  onAlarm: raise,
  onTooLate: () => void end('too far behind the clock to catch up'),
})
desk.goOnAir(onAir)
collectGarbageEvery(GARBAGE_MS, clock)

let ending = false
async function end(reason: string): Promise<void> {
  if (ending) return
  ending = true
  log.info({ reason }, 'ends')
  desk.onAir?.close()
  desk.close()
  saveAnchor()
  state.starts.write({ ...verdict.starts, startedAtMs: [] })
  await server.close()
  process.exit(0)
}
process.on('SIGTERM', () => void end('SIGTERM'))
process.on('SIGINT', () => void end('SIGINT'))

function flagsOrEnd(): PlayoutFlags {
  try {
    return readFlags(process.argv.slice(2))
  } catch (error) {
    log.fatal(`Playout can't start: ${(error as Error).message}`)
    process.exit(1)
  }
}
