import { msOfSample } from '../media/timeline.ts'
import type { Clock } from '../platform/clock.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { NewestFrames, PlayoutStatus, PushTargets } from '../schemas/playout.ts'
import type { AsRunEntry, Rundown } from '../schemas/rundown.ts'
import type { AnchoredClock } from './clock/anchored-clock.ts'
import { FrameWaiters } from './http/frame-waiters.ts'
import { LiveReaders } from './http/live-readers.ts'
import type { Station } from './http/server.ts'
import { Turns } from './http/turns.ts'
import { limits } from './limits.ts'
import type { LiveDesk } from './live/live-desk.ts'
import { createPlayoutMetrics } from './metrics.ts'
import type { OnAir } from './on-air.ts'
import type { Spool } from './spool/spool.ts'
import type { StateFiles } from './state/state-files.ts'

export type DeskOptions = {
  clock: Clock
  anchored: AnchoredClock
  state: StateFiles
  stationId: string
  generation: number
  spools: ReadonlyMap<string, Spool>
  controlToken: string
  targets: PushTargets
  live: LiveDesk
  alarms: () => string[]
  /** Ends the process so that the supervisor starts it again. */
  restart: () => void
}

/** What the control center tells playout and asks of it, also in the moments before the station is on air. */
export class Desk implements Station {
  readonly controlToken: string
  readonly spools: ReadonlyMap<string, Spool>
  readonly waiters: FrameWaiters
  readonly turns: Turns
  readonly live: LiveDesk
  readonly liveReaders: LiveReaders
  onAir: OnAir | null = null
  rundown: Rundown | null
  private readonly options: DeskOptions
  private readonly numbers: Metrics
  private targetList: PushTargets
  private heardMs: number
  private onFirstRundown: () => void = () => {}

  constructor(options: DeskOptions) {
    this.options = options
    this.controlToken = options.controlToken
    this.spools = options.spools
    this.waiters = new FrameWaiters(options.clock, limits.frameWaitersMax)
    this.turns = new Turns(options.clock, { waitingMax: limits.frameWaitersMax, turnMs: limits.httpTurnMs })
    this.live = options.live
    this.liveReaders = new LiveReaders(options.clock)
    this.live.onChange = () => this.liveReaders.tell()
    this.rundown = options.state.rundown.read()
    this.targetList = options.targets
    this.heardMs = options.clock.monotonicMs()
    this.numbers = createPlayoutMetrics(
      () => this.status(),
      () => this.onAir?.engine.latenessMs ?? [],
      () => this.live.measured,
    )
  }

  goOnAir(onAir: OnAir): void {
    this.onAir = onAir
    onAir.onFrame = (rendition, frame) => this.waiters.arrived(rendition, frame)
  }

  /** Waits for the first rundown with something in it (the library may still be being measured); when none has come in time, whatever there is. */
  async firstRundown(waitMs: number): Promise<void> {
    if (this.rundown?.items.length) return
    await new Promise<void>((resolve) => {
      const cancel = this.options.clock.after(waitMs, resolve)
      this.onFirstRundown = () => {
        cancel()
        resolve()
      }
    })
  }

  takeRundown(rundown: Rundown): boolean {
    const { stationId, state } = this.options
    if (rundown.stationId !== stationId) return false
    if (this.rundown && rundown.version < this.rundown.version) return false
    this.rundown = rundown
    state.rundown.write(rundown)
    this.onAir?.loadRundown(rundown)
    if (rundown.items.length > 0) this.onFirstRundown()
    return true
  }

  targets(): PushTargets {
    return this.targetList
  }

  takeTargets(targets: PushTargets): boolean {
    if (targets.version < this.targetList.version) return false
    this.targetList = targets
    this.options.state.targets.write(targets)
    this.onAir?.setTargets(targets)
    return true
  }

  heardFromControlCenter(): void {
    this.heardMs = this.options.clock.monotonicMs()
  }

  newest(): NewestFrames {
    return this.onAir?.newest() ?? { generation: this.options.generation, newestFrame: {}, firstAvailableFrame: 0 }
  }

  status(): PlayoutStatus {
    const { anchored, stationId, generation } = this.options
    return {
      stationId,
      generation,
      nowMs: anchored.nowMs(),
      clock: { wallOffsetMs: anchored.wallOffsetMs, alarm: anchored.alarm },
      ...(this.onAir?.status() ?? NOT_YET_ON_AIR),
      rundownVersion: this.rundown?.version ?? 0,
      rundownUntilMs: this.rundown ? msOfSample(this.rundown.untilSample) : 0,
      targetsVersion: this.targetList.version,
      livePlanVersion: this.live.planVersion,
      alarms: this.alarms(),
    }
  }

  asRun(query: { day: string } | { sinceSample: number }): AsRunEntry[] {
    return this.onAir?.asRun(query) ?? []
  }

  health(): { ok: boolean; reason: string } {
    return this.onAir?.health() ?? { ok: false, reason: 'Not yet on air: waiting for the first programme.' }
  }

  close(): void {
    this.liveReaders.close()
    this.live.close()
  }

  metrics(): Promise<string> {
    return this.numbers.text()
  }

  reAnchor(): { movedMs: number } {
    const { anchored, clock } = this.options
    if (clock.wallMs() < anchored.nowMs())
      throw Object.assign(
        new Error('The wall clock is behind the timeline, and numbers never go back: correct the wall clock.'),
        { statusCode: 409 },
      )
    const moved = anchored.reAnchor()
    clock.after(50, this.options.restart)
    return moved
  }

  private alarms(): string[] {
    const { anchored, clock } = this.options
    const silentMs = clock.monotonicMs() - this.heardMs
    const alarms = this.options.alarms()
    if (anchored.alarm) alarms.push(anchored.alarm)
    if (silentMs > limits.controlCenterSilentMs)
      alarms.push(
        `The control center has been silent for ${Math.floor(silentMs / 60_000)} min; the cached rundown goes on.`,
      )
    return alarms
  }
}

const NOT_YET_ON_AIR: ReturnType<OnAir['status']> = {
  newestFrame: {},
  firstAvailableFrame: 0,
  lateMs: 0,
  rung: 'bed',
  onAir: null,
  next: null,
  targets: [],
  counters: { encoderRestarts: 0, stepsDown: {}, framesLost: 0 },
}
