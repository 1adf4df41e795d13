import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { systemClock } from '../platform/clock.ts'
import { createLogger } from '../platform/log.ts'
import { collectGarbageEvery } from '../platform/memory.ts'
import { systemProcesses } from '../platform/processes.ts'
import { QuietLog } from '../platform/rtmp/quiet-log.ts'
import { loadStationFileOrLastGood } from '../platform/station-file.ts'
import type { StationInfo } from '../schemas/markers.ts'
import { Alarms } from './alarms.ts'
import { AnchoredClock, anchorAtStart } from './clock/anchored-clock.ts'
import { Desk } from './desk.ts'
import { type PlayoutFlags, readFlags } from './flags.ts'
import { createServer } from './http/server.ts'
import { IngestLinks } from './live/ingest-links.ts'
import { LiveDesk } from './live/live-desk.ts'
import { restoredState } from './live/restored-state.ts'
import { OnAir } from './on-air.ts'
import { keepEmergencyAudio } from './sources/emergency-audio.ts'
import { Spool } from './spool/spool.ts'
import { lookBack } from './state/last-life.ts'
import { judgeStart } from './state/resume.ts'
import { StateFiles } from './state/state-files.ts'
import { takeFolder } from './state/take-folder.ts'

/** Dead buffers of decoders and encoder lie outside of the heap, where they are not missed; collecting takes some 10 ms. */
const GARBAGE_MS = 30_000
/** At the very first start, how long to wait for a programme before the ladder begins without one. */
const FIRST_RUNDOWN_WAIT_MS = 45_000

const log = createLogger('playout')
const clock = systemClock
const flags = flagsOrEnd()
const dataDirectory = resolve(flags.dataFolder)
const alarms = new Alarms(log)
const raise = (name: string, sentence: string | null): void => alarms.raise(name, sentence)

if (!(await takeFolder(dataDirectory, clock))) {
  log.fatal(`Another playout is running with ${dataDirectory}.`)
  process.exit(1)
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
const lastLife = await lookBack(state.checkpoint.read(), spools, savedTargets.peers, clock)
const { checkpoint } = lastLife
const doubted = lastLife.doubted.join(', ')
raise('reported', doubted === '' ? null : `Frames of the far future are claimed by ${doubted}: they are not believed.`)

const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
const anchored = new AnchoredClock(
  clock,
  anchorAtStart(state.anchor.read(), bootId, clock.wallMs(), clock.monotonicMs(), lastLife.notBeforeMs),
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

const generation = lastLife.nextGeneration(Math.max(clock.wallMs(), anchored.nowMs()))
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
  alarms: () => alarms.all(),
  restart: () => void end('re-anchored'),
})
const server = createServer(desk, log)
await server.listen({ host: flags.host, port: flags.port })
// Only now: a port that is held is no fault of what is on air.
state.starts.write(verdict.starts)
raise('crashes', verdict.reason)

if (lastLife.isFirst) await desk.firstRundown(FIRST_RUNDOWN_WAIT_MS)
const renditionIds = station.renditions.map(({ id }) => id)
const resume = lastLife.resume(renditionIds, anchored.nowMs(), station.hls.windowSegments)
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
