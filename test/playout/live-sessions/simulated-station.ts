import type { Clock } from '../../../platform/clock.ts'
import { createLogger } from '../../../platform/log.ts'
import { LiveDesk } from '../../../playout/live/live-desk.ts'
import type { Order } from '../../../playout/live/orders.ts'
import { restoredState } from '../../../playout/live/restored-state.ts'
import type { LiveState } from '../../../playout/live/session.ts'
import type { LiveGrant, LivePlan, LiveSession } from '../../../schemas/live.ts'
import { type Aired, type SavedAir, SimulatedAir } from './simulated-air.ts'
import { SimulatedIngests } from './simulated-ingests.ts'

export const BLOCK_MS = 1024 / 48
export const SETTINGS: LivePlan['settings'] = {
  bufferMs: 600,
  relayBufferMs: 1_000,
  crossfadeMs: 500,
  graceMs: 4_000,
  silenceDbfs: -50,
  silenceMs: 3_000,
  soundAgainMs: 1_000,
  duckDb: -14,
  duckDownMs: 300,
  duckUpMs: 900,
  levelLufs: null,
}
const START_MS = 1_700_000_000_000
const CHECKPOINT_BLOCKS = 47
const log = createLogger('test', 'silent')

export const grantFor = (keyId: string, more: Partial<LiveGrant> = {}): LiveGrant => ({
  keyId,
  anchorId: keyId,
  name: keyId,
  kind: 'anchor',
  keySha256: null,
  signingKey: null,
  goLive: 'manual',
  windows: null,
  endsWithWindow: false,
  srt: null,
  relayUrl: null,
  ...more,
})

type Disk = { living: LiveState; all: LiveState; air: SavedAir }

/** A playout whose air is simulated: its real desk and machine, killed and started as often as one likes. */
export class SimulatedStation {
  readonly ingests: SimulatedIngests
  readonly aired: Aired[] = []
  readonly ids = new Set<string>()
  /** Called after each block that was mixed. */
  onMixed: () => void = () => {}
  air: SimulatedAir
  desk: LiveDesk
  dry: SimulatedAir['dry'] = []
  plan: LivePlan
  isDead = false
  starts = 0
  private made = 0
  private disk: Disk | null = null
  private links = { onWord: () => {} }
  private mixedBlocks = 0

  constructor(grants: LiveGrant[], ingestIds: readonly string[] = ['ingest-1', 'ingest-2']) {
    this.ingests = new SimulatedIngests(ingestIds, START_MS)
    this.plan = {
      version: 1,
      settings: SETTINGS,
      grants,
      ingests: ingestIds.map((id) => ({ id, url: 'http://simulated', readKey: id })),
      holdFile: null,
    }
    ;({ air: this.air, desk: this.desk } = this.start(START_MS * 48))
  }

  get nowMs(): number {
    return this.ingests.nowMs
  }

  sessions(): LiveSession[] {
    return this.desk.status().sessions
  }

  living(keyId: string): LiveSession | undefined {
    return this.sessions().find((session) => session.keyId === keyId && session.state !== 'ended')
  }

  order(sessionId: string, order: Order) {
    return this.desk.order(sessionId, order)
  }

  /** Time passes: so many milliseconds, or until something is so. */
  run(forMs: number, until: () => boolean = () => false): void {
    const endsMs = this.nowMs + forMs
    while (this.nowMs < endsMs && !until()) this.tick()
  }

  tick(): void {
    const hasSpoken = this.ingests.tick()
    if (this.isDead) return
    if (hasSpoken) this.links.onWord()
    const dueSample = Math.floor(this.nowMs * 48)
    for (let blocks = 0; this.air.mixed + 1024 <= dueSample && blocks < 16; blocks++) {
      this.air.block()
      this.collect()
      if (++this.mixedBlocks % CHECKPOINT_BLOCKS === 0) this.save()
      this.onMixed()
    }
  }

  kill(): void {
    this.isDead = true
  }

  restart(): void {
    if (!this.isDead) return
    this.isDead = false
    ;({ air: this.air, desk: this.desk } = this.start(this.air.mixed))
  }

  setGrants(grants: LiveGrant[]): void {
    this.plan = { ...this.plan, version: this.plan.version + 1, grants }
    if (!this.isDead) this.desk.takePlan(this.plan)
  }

  private start(mixed: number): { air: SimulatedAir; desk: LiveDesk } {
    this.starts += 1
    const disk = this.disk ? (JSON.parse(JSON.stringify(this.disk)) as Disk) : null
    const air = new SimulatedAir(this.ingests, mixed, disk?.air ?? null)
    const links = this.ingests.links()
    this.links = links
    const clock: Clock = {
      wallMs: () => this.nowMs,
      monotonicMs: () => this.nowMs,
      after: () => () => {},
      every: () => () => {},
    }
    const desk = new LiveDesk({
      clock,
      nowMs: () => this.nowMs,
      log,
      links,
      generation: this.starts,
      plan: this.plan,
      state: restoredState(disk?.living ?? null, disk?.all ?? null),
      handoffs: null,
      newId: () => `s-${++this.made}`,
      savePlan: () => {},
      saveState: (_state, isAudible) => {
        if (isAudible) this.save(desk, air)
      },
      saveHandoffs: () => {},
      onAlarm: () => {},
    })
    desk.attach(air.air)
    return { air, desk }
  }

  private save(desk = this.desk, air = this.air): void {
    this.disk = JSON.parse(JSON.stringify({ living: desk.livingState(), all: desk.livingState(), air: air.save() }))
  }

  private collect(): void {
    this.aired.push(...this.air.aired.splice(0))
    this.dry.push(...this.air.dry.splice(0))
  }
}
