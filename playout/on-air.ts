import { join } from 'node:path'
import { audioSpecificConfig } from '../media/adts.ts'
import { hashOfUnits } from '../media/frame-bundle.ts'
import {
  FRAME_SAMPLES,
  FRAMES_PER_SEGMENT,
  firstFrameOfSegment,
  msOfSample,
  SAMPLE_RATE,
  sampleAtMs,
  segmentOfFrame,
} from '../media/timeline.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/log.ts'
import type { Processes } from '../platform/processes.ts'
import type { StationInfo } from '../schemas/markers.ts'
import type { NewestFrames, PlacedItem, PlayoutStatus, PushTargets } from '../schemas/playout.ts'
import type { AsRunEntry, Rundown } from '../schemas/rundown.ts'
import { AsRunDesk } from './as-run/as-run-desk.ts'
import type { AnchoredClock } from './clock/anchored-clock.ts'
import { Encoder } from './encoder/encoder.ts'
import { Engine } from './engine/engine.ts'
import { FanOut } from './fan-out/fan-out.ts'
import { limits } from './limits.ts'
import type { LiveDesk } from './live/live-desk.ts'
import type { SavedVoices } from './live/saved-voices.ts'
import { Voices } from './live/voices.ts'
import { LOOKAHEAD_SAMPLES } from './mixer/limiter.ts'
import { Mixer } from './mixer/mixer.ts'
import type { Placement } from './programme/placement.ts'
import { Programme, type ProgrammeEvent } from './programme/programme.ts'
import { titlesOfSegment } from './programme/titles.ts'
import type { EmergencyAudio } from './sources/emergency-audio.ts'
import { HoldAudio } from './sources/hold-audio.ts'
import { openSource } from './sources/open-source.ts'
import type { Spool } from './spool/spool.ts'
import type { Resume } from './state/resume.ts'
import type { Checkpoint, StateFiles } from './state/state-files.ts'

export type OnAirStatus = Pick<
  PlayoutStatus,
  'newestFrame' | 'firstAvailableFrame' | 'lateMs' | 'rung' | 'onAir' | 'next' | 'upcoming' | 'targets' | 'counters'
>

export type OnAirOptions = {
  clock: Clock
  anchored: AnchoredClock
  processes: Processes
  log: Logger
  station: StationInfo
  timeZone: string
  truePeakDbtp: number
  dataDirectory: string
  emergency: EmergencyAudio
  spools: ReadonlyMap<string, Spool>
  state: StateFiles
  generation: number
  resume: Resume
  targets: PushTargets
  firstRundown: () => Rundown | null
  placements: readonly Placement[]
  live: LiveDesk
  /** As the checkpoint has them. */
  voices: SavedVoices | null
  /** What was on air crashed twice: it is given up at once. */
  skipOnAir: boolean
  emergencyOnlyUntilMs: number
  /** A sentence, or null when it is over. */
  onAlarm: (name: string, sentence: string | null) => void
  /** It is too far behind the clock to catch up: the process is to be started again. */
  onTooLate: () => void
}

/** The station on air: the chain from the programme to the targets, put together and kept going. */
export class OnAir {
  /** Called when a frame is on disk and on its way. */
  onFrame: (rendition: string, frame: number) => void = () => {}
  readonly engine: Engine
  private readonly options: OnAirOptions
  private readonly programme: Programme
  private readonly mixer: Mixer
  private readonly encoder: Encoder
  private readonly fanOut: FanOut
  private readonly asRunDesk: AsRunDesk
  private readonly voices: Voices
  private readonly stepsDown: Record<string, number> = {}
  private readonly stopTicking: () => void

  constructor(options: OnAirOptions) {
    this.options = options
    const { clock, log, resume, spools, station, processes } = options
    this.asRunDesk = new AsRunDesk(join(options.dataDirectory, 'as-run'), options.timeZone, options.generation)
    const firstFrame = Math.min(...Object.values(resume.firstFrames))
    const firstBlock = firstFrame - limits.encoderWarmBlocks
    const startSample = (firstBlock - 1) * FRAME_SAMPLES + LOOKAHEAD_SAMPLES
    const placed = this.asRunDesk.afterGap(options.placements, startSample, resume.framesLost)
    const voices = options.voices
    this.programme = new Programme({
      startSample,
      stationName: station.name,
      placed,
      hasEmergency: options.emergency.isThere,
      onEvent: (event) => this.note(event),
      hold: voices?.hold ?? false,
    })
    this.programme.emergencyOnlyUntilSample = sampleAtMs(options.emergencyOnlyUntilMs)
    const rundown = options.firstRundown()
    if (rundown) this.programme.load(rundown)
    if (options.skipOnAir) this.skipOnAir(startSample)
    const holdAudio = new HoldAudio({
      pcmPath: join(options.dataDirectory, 'hold.pcm'),
      processes,
      onAlarm: (sentence) => options.onAlarm('hold-file', sentence),
    })
    this.voices = new Voices({
      programme: this.programme,
      clock,
      log,
      settings: () => options.live.settings,
      nowSample: () => (options.anchored.nowMs() * SAMPLE_RATE) / 1000,
      mixedUntilSample: () => this.mixer?.mixedUntilSample ?? startSample,
      wake: () => this.engine?.wake(),
      holdAudio,
      saved: voices,
      startSample,
      peerOf: (ingest) => options.live.peer(ingest),
    })
    const sources = {
      clock,
      processes,
      log,
      emergency: options.emergency,
      holdAudio,
      onChange: () => this.engine.wake(),
    }
    this.mixer = new Mixer({
      programme: this.programme,
      firstFrame: firstBlock,
      truePeakDbtp: options.truePeakDbtp,
      openSource: (placement, offset) => openSource(sources, placement, offset),
      voices: this.voices,
    })
    this.encoder = new Encoder({
      renditions: station.renditions,
      firstFrames: resume.firstFrames,
      clock,
      processes,
      log,
      onUnit: (rendition, frame, unit) => this.publish(rendition, frame, unit),
      onProgress: () => this.engine.wake(),
    })
    this.engine = new Engine({ clock, anchored: options.anchored, mixer: this.mixer, encoder: this.encoder })
    this.fanOut = new FanOut(
      { station, generation: options.generation, firstAvailableFrame: resume.firstAvailableFrame, clock, log },
      station.renditions.map((rendition) => ({
        rendition,
        spool: spools.get(rendition.id)!,
        audioConfig: audioSpecificConfig(rendition.channels),
      })),
    )
    for (const { id } of station.renditions) this.sealIfWhole(id, spools.get(id)!.newestFrame)
    this.fanOut.set(options.targets)
    options.live.attach(this.voices)
    this.save()
    this.stopTicking = clock.every(1_000, () => this.tick())
    this.engine.start()
  }

  loadRundown(rundown: Rundown): void {
    this.programme.load(rundown)
  }

  setTargets(targets: PushTargets): void {
    this.fanOut.set(targets)
  }

  newest(): NewestFrames {
    const newestFrame = [...this.options.spools].flatMap(([id, { newestFrame: frame }]) =>
      frame === null ? [] : [[id, frame] as const],
    )
    return {
      generation: this.options.generation,
      newestFrame: Object.fromEntries(newestFrame),
      firstAvailableFrame: this.options.resume.firstAvailableFrame,
    }
  }

  /** What only the chain itself knows of the status. */
  status(): OnAirStatus {
    const { resume } = this.options
    const heardSample = this.heardSample()
    const onAir = this.onAirAt(heardSample)
    const upcoming = this.programme.placements.filter(
      (placement) => placement.startSample > heardSample && placement !== onAir,
    )
    const afterOpenEnd = this.programme.afterOpenEnd
    const next = upcoming[0] ?? (afterOpenEnd && movedTo(afterOpenEnd, this.programme.placements.at(-1)!.endSample))
    return {
      newestFrame: this.newest().newestFrame,
      firstAvailableFrame: resume.firstAvailableFrame,
      lateMs: this.engine.lateMs(),
      rung: onAir?.rung ?? 'bed',
      onAir: onAir ? placedItemOf(onAir) : null,
      next: next && placedItemOf(next),
      upcoming: upcoming.map(placedItemOf),
      targets: this.fanOut.status(),
      counters: {
        encoderRestarts: Math.max(0, this.encoder.restarts),
        stepsDown: { ...this.stepsDown },
        framesLost: resume.framesLost,
      },
    }
  }

  asRun(query: { day: string } | { sinceSample: number }): AsRunEntry[] {
    return this.asRunDesk.entries(query, this.programme.placements, this.heardSample())
  }

  health(): { ok: boolean; reason: string } {
    const lateMs = this.engine.lateMs()
    if (lateMs > 5_000) return { ok: false, reason: `The mixer is ${(lateMs / 1000).toFixed(1)} s behind the clock.` }
    return { ok: true, reason: 'On air.' }
  }

  /** Who is on air has changed: a process that is killed after the next block must find it on disk. */
  save(): void {
    this.options.state.checkpoint.writeForSuccessor(this.checkpoint())
  }

  close(): void {
    this.stopTicking()
    this.engine.stop()
    this.logEnded()
    this.options.state.checkpoint.write(this.checkpoint())
    this.encoder.close()
    this.mixer.close()
    this.fanOut.close()
    for (const spool of this.options.spools.values()) spool.close()
  }

  private publish(rendition: string, frame: number, unit: Buffer): void {
    this.options.spools.get(rendition)!.append(frame, unit)
    this.sealIfWhole(rendition, frame)
    this.fanOut.pump(rendition)
    this.onFrame(rendition, frame)
  }

  /** After a segment's last frame: its marker, with the hash that settles every doubt. */
  private sealIfWhole(rendition: string, frame: number | null): void {
    if (frame === null || (frame + 1) % FRAMES_PER_SEGMENT !== 0) return
    const spool = this.options.spools.get(rendition)!
    const segment = segmentOfFrame(frame)
    const units = spool.segmentUnits(segment)
    if (!units || spool.marker(segment)) return
    spool.seal({
      marker: 'segment',
      generation: this.options.generation,
      rendition,
      segment,
      firstFrame: firstFrameOfSegment(segment),
      sha256: hashOfUnits(units),
      cue: this.voices.cueOfSegment(segment),
      titles: titlesOfSegment(this.programme.placements, segment, this.options.station.name),
    })
  }

  private tick(): void {
    this.options.anchored.steer()
    this.logEnded()
    this.programme.forget(this.mixer.mixedUntilSample)
    this.options.state.checkpoint.writeAside(this.checkpoint())
    if (this.engine.lateMs() > limits.lateMsMax) this.options.onTooLate()
  }

  private logEnded(): void {
    const failure = this.asRunDesk.note(this.programme.placements, this.mixer.mixedUntilSample)
    this.options.onAlarm('as-run', failure && `The as-run log can't be written (${failure}); it is kept in memory.`)
  }

  private checkpoint(): Checkpoint {
    return {
      generation: this.options.generation,
      firstAvailableFrame: this.options.resume.firstAvailableFrame,
      mixedUntilSample: this.mixer.mixedUntilSample,
      placements: [...this.programme.placements],
      live: { voices: this.voices.save(), state: this.options.live.livingState() },
    }
  }

  /** A voice is no suspect: its audio was decoded elsewhere, and is only added up here. */
  private skipOnAir(startSample: number): void {
    for (const placement of [...this.programme.placements]) {
      const sounds = placement.startSample <= startSample && placement.endSample > startSample
      if (sounds && placement.rung !== 'live')
        this.programme.giveUp(placement.id, startSample, startSample, 'playout crashed twice while it was on air')
    }
  }

  private note(event: ProgrammeEvent): void {
    const { log } = this.options
    if (event.event === 'placed') {
      const { id, kind, rung, title, startSample, reason } = event.placement
      log.info({ item: id, kind, rung, title, at: new Date(msOfSample(startSample)).toISOString(), reason }, 'placed')
    } else if (event.event === 'given-up')
      log.error({ item: event.placement.id, path: event.placement.path, reason: event.reason }, 'an item is given up')
    else if (event.event === 'skipped')
      log.warn({ item: event.item.id, title: event.item.title, reason: event.reason }, 'an item is left out')
    else {
      this.stepsDown[event.rung] = (this.stepsDown[event.rung] ?? 0) + 1
      log.warn({ rung: event.rung, reason: event.reason }, 'one step down the ladder')
    }
  }

  /** The sample that leaves the encoder now: what status and as-run call «now». */
  private heardSample(): number {
    return Math.min(this.mixer.mixedUntilSample, sampleAtMs(this.options.anchored.nowMs()))
  }

  private onAirAt(sample: number): Placement | null {
    const sounding = this.programme.placements.filter(
      (placement) => placement.startSample <= sample && placement.endSample > sample,
    )
    return sounding.at(-1) ?? null
  }
}

const movedTo = (placement: Placement, startSample: number): Placement => ({
  ...placement,
  startSample,
  endSample: startSample + placement.endSample - placement.startSample,
})

function placedItemOf(placement: Placement): PlacedItem {
  const { id, kind, rung, title, artist, show, startSample, endSample } = placement
  return { itemId: id, kind, rung, title, artist, ...(show === undefined ? {} : { show }), startSample, endSample }
}
