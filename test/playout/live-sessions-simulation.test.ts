import { describe, expect, it } from 'vitest'
import type { Order } from '../../playout/live/orders.ts'
import { Dice } from './live-sessions/random.ts'
import { grantFor, SETTINGS, SimulatedStation } from './live-sessions/simulated-station.ts'

/** More of them are run by hand: `AIRTIGHT_HISTORIES=20000`. */
const HISTORIES = Number(process.env.AIRTIGHT_HISTORIES ?? 150)
const HISTORY_MS = 20_000
const ANCHORS = ['anna', 'ben', 'cleo']
const KEYS = [...ANCHORS, 'news']
const GRANTS = [...ANCHORS.map((key) => grantFor(key)), grantFor('news', { kind: 'relay', goLive: 'automatic' })]
const { bufferMs } = SETTINGS

/** A click on a session that is ready, with nobody in its way: what becomes of it, unless something happens to it. */
type Click = { sessionId: string; keyId: string; atMs: number }

class History {
  readonly station = new SimulatedStation(GRANTS)
  readonly told: string[] = []
  private readonly dice: Dice
  private clicks: Click[] = []
  private disturbedMs = 0
  private readonly spans = new Map<string, { from: number; until: number | null }>()

  constructor(seed: number) {
    this.dice = new Dice(seed)
    this.station.onMixed = () => this.check()
  }

  live(): void {
    const { station, dice } = this
    for (const key of ANCHORS) if (dice.next() < 0.7) station.ingests.connect(dice.below(2), key, 1 + dice.below(3))
    const endsMs = station.nowMs + HISTORY_MS
    while (station.nowMs < endsMs) {
      this.happen()
      station.run(100 + dice.below(1_400))
    }
    this.windUp()
  }

  /** Everybody leaves: then everything is over, and the air is the programme's. */
  private windUp(): void {
    const { station } = this
    this.tell('all leave')
    station.restart()
    for (const key of KEYS) station.ingests.leave(key, 'lost')
    station.run(
      70_000,
      () => station.sessions().every(({ state }) => state === 'ended') && station.air.voices.length === 0,
    )
    expect(
      station.sessions().filter(({ state }) => state !== 'ended'),
      this.story(),
    ).toEqual([])
    expect(station.air.openIds, this.story()).toEqual([])
    const ids = station.sessions().map(({ id }) => id)
    expect(new Set(ids).size, this.story()).toBe(ids.length)
    this.checkAired()
  }

  private happen(): void {
    const { station, dice } = this
    const { ingests } = station
    const key = dice.pick(KEYS)!
    const node = dice.below(2)
    const chance = dice.next()
    if (chance < 0.16) this.do(`${key} connects to ${node}`, () => ingests.connect(node, key, 1 + dice.below(3)))
    else if (chance < 0.2) this.do(`${key} says goodbye`, () => ingests.leave(key, 'ended'))
    else if (chance < 0.27) this.do(`${key} is lost`, () => ingests.leave(key, 'lost'))
    else if (chance < 0.33) this.do(`${key} falls mute`, () => ingests.setFlowing(key, false))
    else if (chance < 0.43) this.do(`${key} flows`, () => ingests.setFlowing(key, true))
    else if (chance < 0.46) this.do(`${key} is silent`, () => ingests.setSilent(key, true))
    else if (chance < 0.5) this.do(`${key} sounds`, () => ingests.setSilent(key, false))
    else if (chance < 0.52) this.do(`ingest ${node} dies`, () => ingests.kill(node))
    else if (chance < 0.57) this.do(`ingest ${node} comes`, () => ingests.revive(node))
    else if (chance < 0.6) this.do('playout dies', () => station.kill())
    else if (chance < 0.68) this.do('playout starts', () => station.restart())
    else if (chance < 0.7)
      this.do(`${key} is revoked`, () => station.setGrants(GRANTS.filter((one) => one.keyId !== key)))
    else if (chance < 0.73) this.do('all are granted', () => station.setGrants(GRANTS))
    else this.orderSomething(key)
  }

  private do(what: string, act: () => void): void {
    this.tell(what)
    this.disturbedMs = this.station.nowMs
    this.clicks = []
    act()
  }

  private orderSomething(key: string): void {
    const { station, dice } = this
    if (station.isDead) return
    const onAir = station.desk.livingState().sessions.find(({ state }) => state === 'on-air')
    // Most orders mean the one who is on air, or somebody when nobody is; the others have to be refused, or to wait.
    const session =
      onAir && dice.next() < 0.6 ? onAir : station.desk.livingState().sessions.find(({ keyId }) => keyId === key)
    if (!session) return
    const others = station.desk.livingState().sessions.filter((one) => one.state === 'ready')
    const to = dice.pick(others)?.id ?? 'nobody'
    const order = dice.pick<Order>(
      session === onAir
        ? [
            { order: 'end' },
            { order: 'hand-over', to },
            { order: 'hand-over', to },
            { order: 'hand-over', to },
            { order: 'cancel' },
            { order: 'talk-over', on: dice.next() < 0.5 },
            { order: 'kick', kick: { reason: 'Kicked.', refuseMs: 1_000 } },
          ]
        : [
            { order: 'go-live', when: { when: 'now' } },
            { order: 'go-live', when: { when: 'now' } },
            { order: 'go-live', when: { when: 'now' } },
            { order: 'go-live', when: { when: 'ready' } },
            { order: 'go-live', when: { when: 'item-end' } },
            { order: 'go-live', when: { when: 'at', atMs: station.nowMs + dice.below(3_000) } },
            { order: 'end' },
            { order: 'cancel' },
            { order: 'hand-over', to },
          ],
    )!
    const isFree = station.desk.livingState().sessions.every(({ state }) => state !== 'on-air' && state !== 'draining')
    const answer = station.order(session.id, order)
    this.tell(
      `${order.order} ${JSON.stringify(order)} for ${session.id} of ${key}: ${JSON.stringify('refusal' in answer ? answer.refusal : answer.session.state)}`,
    )
    this.clicks = []
    if ('refusal' in answer) {
      expect(answer.refusal.message, this.story()).toMatch(/\.$/)
      return
    }
    if (order.order === 'go-live' && order.when.when === 'now' && isFree && session.kind === 'anchor')
      this.clicks = [{ sessionId: session.id, keyId: key, atMs: station.nowMs }]
  }

  /** After each block: what is told is what is heard. */
  private check(): void {
    const { station } = this
    const state = station.desk.livingState().sessions
    const voices = station.air.voices
    const onAir = state.filter((session) => session.state === 'on-air')
    this.demand(onAir.length <= 1, 'two are on air')
    this.demand(voices.filter(({ endSample }) => endSample === null).length <= 1, 'two voices hold the air')
    for (const session of onAir) {
      const voice = voices.find(({ sessionId, endSample }) => sessionId === session.id && endSample === null)
      this.demand(
        (session.covered === null) === (voice !== undefined) || session.voice.phase === 'sounding',
        `${session.id} is ${session.covered ? 'covered' : 'on air'}, and its voice is not`,
      )
    }
    for (const { sessionId } of voices)
      this.demand(
        state.some(({ id }) => id === sessionId),
        `${sessionId} is heard, and there is no such session`,
      )
    const ids = state.map(({ keyId, state }) => `${keyId}${state === 'draining' ? '-draining' : ''}`)
    this.demand(new Set(ids).size === ids.length, 'a key has two sessions')
    for (const session of state)
      if (session.onAirFromSample !== null)
        this.spans.set(session.id, { from: session.onAirFromSample, until: session.onAirUntilSample })
    this.checkClicks()
  }

  private checkClicks(): void {
    const { station } = this
    for (const { sessionId, keyId, atMs } of this.clicks) {
      const fromSample = station.desk.session(sessionId)?.onAirFromSample ?? null
      const isOver = fromSample !== null
      if (isOver) this.clicks = []
      const answeredMs = (isOver ? fromSample / 48 : station.nowMs) - atMs
      const wasWell = station.ingests.isWell(keyId) && this.disturbedMs < atMs - 1_500
      if (wasWell)
        this.demand(answeredMs <= bufferMs + 150, `the click for ${sessionId} was answered after ${answeredMs} ms`)
    }
  }

  /** What has sounded: only the session's own key, each sample once at most, and never without audio while the sender could be seen to fail. */
  private checkAired(): void {
    const { aired, dry } = this.station
    const heard = new Map<string, number>()
    const keys = new Map<string, string>()
    for (const { sessionId, keyId, run, fromOffset, untilOffset } of aired) {
      this.demand((keys.get(sessionId) ?? keyId) === keyId, `${sessionId} aired ${keyId}, and another`)
      keys.set(sessionId, keyId)
      const place = `${sessionId} ${run}`
      this.demand(fromOffset >= (heard.get(place) ?? 0), `${sessionId} repeated itself at ${fromOffset}`)
      heard.set(place, untilOffset)
    }
    for (const one of dry)
      this.demand(
        this.starts > 1 || one.samples < 2,
        `${one.sessionId} was on air without audio for ${one.samples} samples`,
      )
  }

  private get starts(): number {
    return this.station.starts
  }

  private demand(isSo: boolean, complaint: string): void {
    if (!isSo) throw new Error(`${complaint}\n${this.story()}`)
  }

  private tell(what: string): void {
    this.told.push(`${((this.station.nowMs - 1_700_000_000_000) / 1000).toFixed(2)} ${what}`)
  }

  private story(): string {
    return this.told.join('\n')
  }
}

describe('whatever senders, people and machines do', () => {
  it(
    `one is on air at most, what is told is what is heard, and every session ends (${HISTORIES} histories of ${(HISTORY_MS * HISTORIES) / 3_600_000} h)`,
    () => {
      let handOvers = 0
      let comeBacks = 0
      for (let seed = 1; seed <= HISTORIES; seed++) {
        const history = new History(seed)
        try {
          history.live()
        } catch (error) {
          throw new Error(`History ${seed}: ${(error as Error).message}`)
        }
        for (const { reason, notes } of history.station.sessions()) {
          if (reason.startsWith('Handed over')) handOvers += 1
          if (notes.some(({ text }) => text.includes('listeners heard music'))) comeBacks += 1
        }
      }
      // Histories in which nothing happens prove nothing.
      expect(handOvers).toBeGreaterThan(HISTORIES / 50)
      expect(comeBacks).toBeGreaterThan(HISTORIES / 50)
    },
    60_000 + HISTORIES * 50,
  )
})
