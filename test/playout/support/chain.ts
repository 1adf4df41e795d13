import { join } from 'node:path'
import { frameAtMs, SAMPLE_RATE, sampleAtMs } from '../../../media/timeline.ts'
import type { Clock } from '../../../platform/clock.ts'
import { createLogger } from '../../../platform/log.ts'
import { systemProcesses } from '../../../platform/processes.ts'
import { QuietLog } from '../../../platform/rtmp/quiet-log.ts'
import { AnchoredClock, anchorAtStart } from '../../../playout/clock/anchored-clock.ts'
import { IngestLinks } from '../../../playout/live/ingest-links.ts'
import { LiveDesk } from '../../../playout/live/live-desk.ts'
import { restoredState } from '../../../playout/live/restored-state.ts'
import { OnAir } from '../../../playout/on-air.ts'
import { Spool } from '../../../playout/spool/spool.ts'
import { resumeAt } from '../../../playout/state/resume.ts'
import { StateFiles } from '../../../playout/state/state-files.ts'
import type { Rundown } from '../../../schemas/rundown.ts'

const RENDITION = { id: 'high', bitrateKbps: 128, channels: 2 as const }
const WINDOW = 3
let made = 0

export type RunningChain = ReturnType<typeof startChain>

/** A rundown that began 40 s ago: these files, 28 s of each, and 800.flac in reserve. */
export function rundownAround(folder: string, nowMs: number, files: readonly string[]): Rundown {
  const from = sampleAtMs(nowMs - 40_000)
  const length = 28 * SAMPLE_RATE
  const playable = (path: string) => ({
    path: join(folder, path),
    fingerprint: 'x',
    kind: 'music' as const,
    title: path,
    artist: '',
    cueInSample: 0,
    lengthSamples: length,
    gainDb: -6,
  })
  return {
    stationId: 's',
    version: 1,
    madeAtMs: nowMs,
    fromSample: from,
    untilSample: from + files.length * length,
    crossfadeSamples: SAMPLE_RATE,
    items: files.map((path, index) => ({
      ...playable(path),
      id: `item-${index}`,
      startSample: from + index * (length - SAMPLE_RATE),
      fadeInSamples: index === 0 ? 0 : SAMPLE_RATE,
      fadeOutSamples: SAMPLE_RATE,
      anchored: false,
      reason: 'Rotation.',
    })),
    reserve: [playable('800.flac')],
  }
}

/** Starts playout's chain as main.ts does, from what its folder holds. */
export function startChain({ folder, clock, files }: { folder: string; clock: Clock; files: readonly string[] }) {
  const log = createLogger('test', 'silent')
  const alarms: string[] = []
  const note = (sentence: string | null): void => void (sentence !== null && alarms.push(sentence))
  const state = new StateFiles(folder, log, note)
  const spool = new Spool(folder, 'high', note)
  const anchored = new AnchoredClock(
    clock,
    anchorAtStart(state.anchor.read(), 'this boot', clock.wallMs(), clock.monotonicMs(), 0),
  )
  state.anchor.write({ bootId: 'this boot', offsetMs: anchored.offsetMs })
  const checkpoint = state.checkpoint.read()
  const resume = resumeAt({
    spooled: { high: spool.newestFrame },
    reported: {},
    renditions: ['high'],
    firstAvailableFrame: checkpoint?.firstAvailableFrame ?? null,
    mixedFrame: null,
    nowFrame: frameAtMs(anchored.nowMs()),
    windowSegments: WINDOW,
  })
  const generation = (checkpoint?.generation ?? 0) + 1
  const links = new IngestLinks({ clock, log: new QuietLog(log, clock) })
  if (!state.rundown.read()) state.rundown.write(rundownAround(folder, anchored.nowMs(), files))
  const holder: { onAir: OnAir | null } = { onAir: null }
  const live = new LiveDesk({
    clock,
    nowMs: () => anchored.nowMs(),
    log,
    links,
    generation,
    plan: state.livePlan.read(),
    state: restoredState(checkpoint?.live?.state ?? null, state.liveSessions.read()),
    handoffs: state.handoffs.read(),
    newId: () => `session-${process.pid}-${++made}`,
    savePlan: (plan) => void state.livePlan.write(plan),
    saveState: (sessions, isAudible) => {
      if (!isAudible) return state.liveSessions.writeAside(sessions)
      state.liveSessions.writeForSuccessor(sessions)
      holder.onAir?.save()
    },
    saveHandoffs: (handoffs) => state.handoffs.writeAside(handoffs),
    onAlarm: (_name, sentence) => note(sentence),
  })
  let beTooLate: () => void = () => {}
  const tooLate = new Promise<void>((resolve) => {
    beTooLate = resolve
  })
  const onAir = new OnAir({
    clock,
    anchored,
    processes: systemProcesses,
    log,
    station: { id: 's', name: 'S', renditions: [RENDITION], windowSegments: WINDOW, keptSegments: 6 },
    timeZone: 'UTC',
    truePeakDbtp: -1,
    dataDirectory: folder,
    emergency: { pcmPath: join(folder, 'none'), isThere: () => false },
    spools: new Map([['high', spool]]),
    state,
    generation,
    resume,
    targets: { version: 0, targets: [], peers: [] },
    firstRundown: () => state.rundown.read(),
    placements: checkpoint?.placements ?? [],
    live,
    voices: checkpoint?.live?.voices ?? null,
    skipOnAir: false,
    emergencyOnlyUntilMs: 0,
    onAlarm: (_name, sentence) => note(sentence),
    onTooLate: beTooLate,
  })
  holder.onAir = onAir
  const reach = async (frame: number): Promise<void> => {
    if ((spool.newestFrame ?? 0) >= frame) return
    await new Promise<void>((resolve) => {
      onAir.onFrame = (_rendition, newest) => newest >= frame && resolve()
    })
  }
  const reachNow = (): Promise<void> => reach(frameAtMs(anchored.nowMs()) - 5)
  const close = (): void => {
    onAir.close()
    live.close()
  }
  return { onAir, live, state, tooLate, spool, anchored, resume, alarms, reach, reachNow, close }
}
