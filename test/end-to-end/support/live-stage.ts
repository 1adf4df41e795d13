import { PORTS } from '../../../launcher/ports.ts'
import type { LiveSession } from '../../../schemas/live.ts'
import type { Anchor, Crew } from './crew.ts'
import { LiveSender } from './live-sender.ts'
import { signal } from './process-tree.ts'
import type { Station } from './station.ts'
import { TcpFault } from './tcp-fault.ts'
import { until } from './until.ts'

/** An anchor's tones: while on air, in the second after the click, and in the last second before a goodbye. */
export type Tones = { usual: number; first: number; last: number }
export type Performer = { anchor: Anchor; tones: Tones }

/** What a listener must hear of one way to go on and off the air: who follows whom. */
export type Played = { kind: string; expects: string[]; clicks: Click[] }
/** A click on Go live, by the wall. */
export type Click = { anchor: string; atMs: number; sessionId: string }

/** Everything that a way onto the air and off it can be played with. */
export class LiveStage {
  readonly station: Station
  readonly crew: Crew
  private readonly senders = new Set<LiveSender>()
  private readonly faults = new Set<TcpFault>()

  constructor(station: Station, crew: Crew) {
    this.station = station
    this.crew = crew
  }

  get rtmpPort(): number {
    return PORTS['ingest RTMP'] + this.station.offset
  }

  send(performer: Performer, port = this.rtmpPort): LiveSender {
    const sender = new LiveSender({
      url: `rtmp://127.0.0.1:${port}/live/${performer.anchor.pushKey}`,
      frequency: performer.tones.usual,
    })
    this.senders.add(sender)
    return sender
  }

  async faultyWay(): Promise<TcpFault> {
    const fault = await TcpFault.open(this.rtmpPort)
    this.faults.add(fault)
    return fault
  }

  /** Ready, click, on air: with the first-second's tone from the click on. */
  async goLive(performer: Performer, sender: LiveSender): Promise<{ session: LiveSession; click: Click }> {
    const { anchor, tones } = performer
    const ready = await this.crew.sessionThat(anchor, 'is ready', ({ state }) => state === 'ready')
    const atMs = Date.now()
    await this.crew.order(ready.id, 'go-live', { when: 'now' })
    sender.frequency = tones.first
    setTimeout(() => {
      sender.frequency = tones.usual
    }, 1_000)
    const session = await this.crew.sessionThat(anchor, 'is on air', ({ state }) => state === 'on-air')
    return { session, click: { anchor: anchor.name, atMs, sessionId: session.id } }
  }

  /** Until listeners hear the programme again, and a while longer. */
  async programmeAgain(performer: Performer): Promise<void> {
    await until(
      `nothing of ${performer.anchor.name} to be on air`,
      async () => (await this.crew.live()).onAirSessionId === null,
    )
    await pause(800)
  }

  /** The encoder says goodbye; resolves when nothing is left of its session, so that the next one is another. */
  async goodbye(performer: Performer, sender: LiveSender): Promise<void> {
    await sender.goodbye()
    await until(
      `${performer.anchor.name} to be gone`,
      async () => (await this.crew.session(performer.anchor)) === undefined,
    )
  }

  covered(performer: Performer): Promise<LiveSession> {
    return this.crew.sessionThat(performer.anchor, 'is covered', ({ covered }) => covered !== null)
  }

  /** Ends a session that waits for its sender, so that the next one can have the air. */
  async giveUp(performer: Performer): Promise<void> {
    const session = await this.crew.session(performer.anchor)
    if (session) await this.crew.order(session.id, 'end').catch(() => undefined)
    await Promise.all([...this.senders].map((sender) => sender.dispose()))
    this.senders.clear()
    await this.programmeAgain(performer)
  }

  kill(name: 'playout' | 'ingest'): void {
    signal(this.station.program(name), 'SIGKILL')
  }

  /** Resolves when its successor is on time again. */
  async killPlayout(): Promise<void> {
    const before = this.station.program('playout')
    this.kill('playout')
    await until('another playout', () => this.station.program('playout').pid !== before.pid)
    await until('playout to be on time again', async () => (await this.station.status()).lateMs < 100)
  }

  /** As an encoder that tries again and again, until the ingest takes it. */
  async sendAgain(performer: Performer): Promise<LiveSender> {
    return until('the ingest to take the sender again', async () => {
      const sender = this.send(performer)
      await pause(500)
      return sender.hasEnded ? null : sender
    })
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.senders].map((sender) => sender.dispose()))
    for (const fault of this.faults) fault.close()
  }
}

/** Two anchors, each with tones of their own, 400 Hz and more from all others. */
export async function performersOf(crew: Crew): Promise<[Performer, Performer]> {
  return [
    { anchor: await crew.hire('Ada'), tones: { usual: 4_200, first: 4_600, last: 5_000 } },
    { anchor: await crew.hire('Bob'), tones: { usual: 5_500, first: 5_900, last: 6_300 } },
  ]
}

/** Until what is said now has come as far as a player takes it from the edge. */
export async function programmeIsHeard(station: Station): Promise<void> {
  const since = Date.now()
  await until('the last of it to be listed', async () => {
    const text = await (await fetch(station.media(station.edge))).text()
    const dates = [...text.matchAll(/DATE-TIME:(\S+)/g)].map(([, date]) => Date.parse(date!))
    return Math.max(...dates) > since
  })
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
