import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import type { Handoff, IngestPeer, LivePlan, LiveSession, LiveStatus } from '../../schemas/live.ts'
import { DEFAULT_SETTINGS } from './default-settings.ts'
import type { Effect } from './effect.ts'
import { ExpectedChanges } from './expected-changes.ts'
import { figuresOf, type Handoffs, noHandoffs, withHandoff } from './figures.ts'
import type { LiveLinks } from './ingest-links.ts'
import type { LiveAir, Transition } from './live-air.ts'
import { type Outcome, step } from './machine.ts'
import { Observer } from './observer.ts'
import { type Order, obey, obeyHold, type Refusal } from './orders.ts'
import { runDry } from './run-dry.ts'
import { type Seen, samplesOfMs } from './seen.ts'
import { emptyLiveState, hasAir, isLiving, type LiveState, type Session } from './session.ts'
import { inOrderOfInterest, viewOf } from './view.ts'

/** How often it is looked at sessions for which nothing is gathered and nothing sounds. */
const LOOK_EVERY_MS = 100

export type LiveDeskOptions = {
  clock: Clock
  /** The timeline's clock. */
  nowMs: () => number
  log: Logger
  links: LiveLinks
  generation: number
  plan: LivePlan | null
  state: LiveState | null
  handoffs: Handoffs | null
  /** Never the same one again. */
  newId: () => string
  savePlan: (plan: LivePlan) => void
  /** Sessions have changed. `isAudible`: so has the air, and both must be on disk before the next block is mixed. */
  saveState: (state: LiveState, isAudible: boolean) => void
  saveHandoffs: (handoffs: Handoffs) => void
  onAlarm: (name: string, sentence: string | null) => void
}

/** Who is on air: takes orders and the words of ingest nodes, lets the machine decide, does it to the air, and tells everyone. */
export class LiveDesk {
  /** Called at each change, once a second while there are sessions. */
  onChange: () => void = () => {}
  private readonly options: LiveDeskOptions
  private readonly observer: Observer
  private air: LiveAir | null = null
  private state: LiveState
  private plan: LivePlan | null
  private handoffs: Handoffs
  private lookedMs = 0
  private readonly expected = new ExpectedChanges()
  private isActing = false
  private readonly stopTelling: () => void

  constructor(options: LiveDeskOptions) {
    this.options = options
    this.plan = options.plan
    this.state = options.state ?? emptyLiveState()
    this.handoffs = options.handoffs ?? noHandoffs()
    const { clock, nowMs, newId, links } = options
    this.observer = new Observer({ clock, nowMs, links, newId })
    links.onWord = () => this.look()
    links.set(this.plan?.ingests ?? [])
    this.stopTelling = clock.every(1_000, () => this.tell())
  }

  /** The station is on air: from here on there is something to decide. */
  attach(air: LiveAir): void {
    this.air = air
    air.onBlock = () => this.beforeBlock()
    air.onTransition = (measured) => this.measure(measured)
    air.onDry = (sessionId, endSample, reason) => {
      this.options.log.warn({ sessionId, reason }, 'a voice ran dry')
      this.act((seen) => runDry(this.state, seen, sessionId, endSample))
      const voice = this.session(sessionId)?.voice
      if (voice?.phase === 'leaving') this.expect(sessionId, voice.kind, endSample)
    }
    air.setHold(this.state.hold, this.plan?.holdFile ?? null)
    for (const { id, voice } of this.state.sessions) {
      if (voice.phase === 'sounding') this.expect(id, voice.kind, voice.atSample)
      if (voice.phase === 'leaving') this.expect(id, voice.kind, voice.endSample)
    }
    this.look()
  }

  get planVersion(): number {
    return this.plan?.version ?? 0
  }

  get grants(): LivePlan['grants'] {
    return this.plan?.grants ?? []
  }

  /** Where an ingest node is reached; null when the plan does not have it. */
  peer(id: string): IngestPeer | null {
    return this.plan?.ingests.find((peer) => peer.id === id) ?? null
  }

  get settings(): LivePlan['settings'] {
    return this.plan?.settings ?? DEFAULT_SETTINGS
  }

  /** False when it is older than the one in force. */
  takePlan(plan: LivePlan): boolean {
    if (plan.version < this.planVersion) return false
    this.plan = plan
    this.options.savePlan(plan)
    this.options.links.set(plan.ingests)
    this.air?.setHold(this.air.isHeld, plan.holdFile)
    this.look()
    this.onChange()
    return true
  }

  session(id: string): Session | null {
    return this.state.sessions.find((session) => session.id === id) ?? null
  }

  /** The session as it is after the order, or why the order is not carried out. */
  order(
    sessionId: string,
    order: Order,
  ): { session: LiveSession } | { refusal: Refusal | { status: 503; message: string } } {
    if (!this.air || !this.plan) return { refusal: NOT_YET }
    let refusal: Refusal | null = null
    this.act((seen) => {
      const outcome = obey(this.state, seen, sessionId, order)
      refusal = outcome.refusal
      return outcome
    })
    if (refusal) return { refusal }
    this.options.log.info({ sessionId, ...order }, 'an order is carried out')
    const seen = this.observer.see(this.air, this.plan)
    return { session: this.view(this.session(sessionId)!, seen) }
  }

  /** False while the station is not on air. */
  hold(on: boolean): boolean {
    if (!this.air || !this.plan) return false
    this.act((seen) => obeyHold(this.state, seen, on))
    return true
  }

  status(): LiveStatus {
    const { air, plan, state } = this
    const seen = air && plan ? this.observer.see(air, plan) : null
    return {
      revision: state.revision,
      generation: this.options.generation,
      nowMs: this.options.nowMs(),
      planVersion: this.planVersion,
      onAirSessionId: state.sessions.find(hasAir)?.id ?? null,
      hold: state.hold,
      sessions: seen ? inOrderOfInterest(state.sessions).map((session) => this.view(session, seen)) : [],
      handoffs: [...this.handoffs.newest].reverse(),
      figures: figuresOf(this.handoffs),
      ingests: this.options.links.status(),
    }
  }

  get measured(): Handoffs {
    return this.handoffs
  }

  /** For the checkpoint: what must agree with the voices in it. Ended sessions are kept elsewhere. */
  livingState(): LiveState {
    return { ...this.state, sessions: this.state.sessions.filter(isLiving) }
  }

  close(): void {
    this.stopTelling()
    this.options.links.close()
  }

  private beforeBlock(): void {
    const { clock } = this.options
    const isBusy = this.state.sessions.some(({ voice, pending }) => voice.phase !== 'none' || pending !== null)
    if (isBusy || clock.monotonicMs() - this.lookedMs >= LOOK_EVERY_MS) this.look()
  }

  private look(): void {
    this.lookedMs = this.options.clock.monotonicMs()
    const isIdle = !this.state.sessions.some(isLiving) && this.options.links.feeds().length === 0
    if (!isIdle) this.act((seen) => step(this.state, seen))
  }

  /** One turn: decide, do, remember, tell. */
  private act(decide: (seen: Seen) => Outcome): void {
    const { air, plan } = this
    // What an effect brings about is seen at the next block.
    if (!air || !plan || this.isActing) return
    this.isActing = true
    const before = this.state
    try {
      const { state, effects } = decide(this.observer.see(air, plan))
      this.state = state
      for (const effect of effects) this.carryOut(air, plan, effect)
      if (state.revision === before.revision && effects.length === 0) return
      const isAudible = effects.some(({ effect }) => AUDIBLE.has(effect)) || endedIn(before, state)
      this.options.saveState(this.state, isAudible)
      this.report(before)
    } finally {
      this.isActing = false
    }
    this.onChange()
  }

  private carryOut(air: LiveAir, plan: LivePlan, effect: Effect) {
    const { log } = this.options
    if (effect.effect !== 'close') log.info(effect, `live: ${effect.reason}`)
    switch (effect.effect) {
      case 'open': {
        const peer = this.options.links.peer(effect.ingest)
        if (peer) air.open(effect.sessionId, { ...effect, peer })
        return
      }
      case 'go-live':
        return this.goLive(air, effect)
      case 'end-live': {
        const voice = this.session(effect.sessionId)!.voice
        const ends = air.endLive(effect.sessionId, effect)
        if (voice.phase !== 'leaving') return
        voice.endSample = ends?.endSample ?? this.endOf(air, effect.sessionId)
        return this.expect(effect.sessionId, voice.kind, voice.endSample - effect.fadeSamples)
      }
      case 'talk-over': {
        const { duckDownMs, duckUpMs } = plan.settings
        return air.setTalkOver(effect.sessionId, effect.on, samplesOfMs(effect.on ? duckDownMs : duckUpMs))
      }
      case 'close':
        this.observer.forget(effect.sessionId)
        return air.close(effect.sessionId)
      case 'hold':
        return air.setHold(effect.on, plan.holdFile)
      case 'kick':
        return this.options.links.kick(effect.ingest, effect.keyId, effect.order)
    }
  }

  /** Where and under which fade the voice comes in is the mixer's to say. */
  private goLive(air: LiveAir, effect: Extract<Effect, { effect: 'go-live' }>): void {
    const session = this.session(effect.sessionId)!
    try {
      const { startSample, fadeSamples } = air.goLive(effect)
      if (session.voice.phase !== 'sounding') return
      session.voice.atSample = startSample
      this.expect(effect.sessionId, session.voice.kind, startSample)
      for (const { voice } of this.state.sessions)
        if (voice.phase === 'leaving' && voice.kind === 'hand-over') voice.endSample = startSample + fadeSamples
    } catch (error) {
      this.options.log.error({ sessionId: session.id, error: (error as Error).message }, 'a voice can not come in')
      session.voice = { phase: 'none' }
    }
  }

  /** It ends already, or does not sound: then there is nothing to wait for. */
  private endOf(air: LiveAir, sessionId: string): number {
    return air.voices.find((voice) => voice.sessionId === sessionId)?.endSample ?? air.mixedUntilSample()
  }

  private expect(sessionId: string, kind: Handoff['kind'], atSample: number) {
    const orderedMs = this.session(sessionId)?.orderedMs ?? null
    this.expected.add({ sessionId, kind, atSample, orderedMs })
  }

  private measure(transition: Transition): void {
    const handoff = this.expected.handoffOf(transition)
    if (!handoff) return
    this.options.log.info(handoff, 'a change on air was mixed')
    this.handoffs = withHandoff(this.handoffs, handoff)
    this.options.saveHandoffs(this.handoffs)
    this.onChange()
  }

  private report(before: LiveState): void {
    for (const session of this.state.sessions) {
      const old = before.sessions.find(({ id }) => id === session.id)
      if (old?.state !== session.state || old.covered?.because !== session.covered?.because)
        this.options.log.info(
          {
            sessionId: session.id,
            anchor: session.anchorName,
            state: session.state,
            covered: session.covered?.because,
          },
          `live session: ${session.reason}`,
        )
    }
  }

  private tell(): void {
    if (!this.state.sessions.some(isLiving)) return
    const { air, plan } = this
    const heard = this.state.sessions.find(({ voice }) => voice.phase === 'sounding')
    const reason = air && plan && heard ? (air.audioOf(heard.id)?.slopeReason ?? null) : null
    this.options.onAlarm('live-drift', reason && `The clock of ${heard!.anchorName} can't be followed: ${reason}`)
    this.onChange()
  }

  private view(session: Session, seen: Seen): LiveSession {
    const audio = session.onAirFromSample === null ? null : (this.air?.audioOf(session.id) ?? null)
    return viewOf(session, seen, { ppm: Math.round(audio?.driftPpm ?? 0), complaint: audio?.slopeReason ?? null })
  }
}

const AUDIBLE: ReadonlySet<Effect['effect']> = new Set(['go-live', 'end-live', 'talk-over', 'hold'])
const NOT_YET = {
  status: 503,
  message: 'Playout is not on air yet, or has no live plan: ask again in a moment.',
} as const

const endedIn = (before: LiveState, after: LiveState): boolean =>
  after.sessions.some(
    (session) => !isLiving(session) && before.sessions.some((old) => old.id === session.id && isLiving(old)),
  )
