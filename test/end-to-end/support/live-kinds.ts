import type { LiveSender } from './live-sender.ts'
import { type LiveStage, type Performer, type Played, pause } from './live-stage.ts'
import type { TcpFault } from './tcp-fault.ts'

/** One way onto the air and off it again, played on a real station. */
export type LiveKind = { name: string; play(stage: LiveStage, one: Performer, other: Performer): Promise<Played> }

export const PROGRAMME = 'programme'
const ON_AIR_MS = 2_000

/** The sender is harmed while on air; the programme covers, and nobody comes back. */
function lost(name: string, harm: (sender: LiveSender, way: TcpFault) => void): LiveKind {
  return {
    name,
    async play(stage, one) {
      const way = await stage.faultyWay()
      const sender = stage.send(one, way.port)
      const { click } = await stage.goLive(one, sender)
      await pause(ON_AIR_MS)
      harm(sender, way)
      await stage.covered(one)
      await pause(1_000)
      await stage.giveUp(one)
      await sender.dispose()
      return { kind: name, expects: [PROGRAMME, one.anchor.name, PROGRAMME], clicks: [click] }
    },
  }
}

/** The sender is gone for a moment, and comes back by itself as an encoder does. */
function back(name: string, harm: (stage: LiveStage, sender: LiveSender, way: TcpFault) => void): LiveKind {
  return {
    name,
    async play(stage, one) {
      const way = await stage.faultyWay()
      const sender = stage.send(one, way.port)
      const { session, click } = await stage.goLive(one, sender)
      await pause(ON_AIR_MS)
      harm(stage, sender, way)
      await stage.covered(one)
      await sender.dispose()
      const again = await stage.sendAgain(one)
      const returned = await stage.crew.sessionThat(one.anchor, 'is heard again', ({ covered }) => covered === null)
      if (returned.id !== session.id) throw new Error(`${name}: another session came back`)
      await pause(ON_AIR_MS)
      await stage.crew.order(session.id, 'end')
      await stage.programmeAgain(one)
      await stage.goodbye(one, again)
      const { name: anchor } = one.anchor
      return { kind: name, expects: [PROGRAMME, anchor, PROGRAMME, anchor, PROGRAMME], clicks: [click] }
    },
  }
}

export const LIVE_KINDS: readonly LiveKind[] = [
  {
    name: 'polite end',
    async play(stage, one) {
      const sender = stage.send(one)
      const { session, click } = await stage.goLive(one, sender)
      await pause(ON_AIR_MS)
      await stage.crew.order(session.id, 'end')
      await stage.programmeAgain(one)
      await stage.goodbye(one, sender)
      return { kind: this.name, expects: [PROGRAMME, one.anchor.name, PROGRAMME], clicks: [click] }
    },
  },
  {
    name: 'goodbye of the encoder',
    async play(stage, one) {
      const sender = stage.send(one)
      const { click } = await stage.goLive(one, sender)
      await pause(ON_AIR_MS)
      sender.frequency = one.tones.last
      await pause(1_000)
      await stage.goodbye(one, sender)
      await stage.programmeAgain(one)
      return { kind: this.name, expects: [PROGRAMME, one.anchor.name, PROGRAMME], clicks: [click] }
    },
  },
  lost('encoder killed', (sender) => sender.signal('SIGKILL')),
  lost('connection reset', (_, way) => way.reset()),
  lost('nothing arrives any more', (_, way) => way.pull()),
  lost('encoder stopped', (sender) => sender.signal('SIGSTOP')),
  {
    name: 'hand-over',
    async play(stage, one, other) {
      const first = stage.send(one)
      const { session, click } = await stage.goLive(one, first)
      const second = stage.send(other)
      const next = await stage.crew.sessionThat(other.anchor, 'is ready', ({ state }) => state === 'ready')
      await pause(ON_AIR_MS)
      await stage.crew.order(session.id, 'hand-over', { to: next.id })
      await stage.crew.sessionThat(other.anchor, 'is on air', ({ state }) => state === 'on-air')
      await pause(ON_AIR_MS)
      await stage.crew.order(next.id, 'end')
      await stage.programmeAgain(other)
      await Promise.all([stage.goodbye(one, first), stage.goodbye(other, second)])
      return {
        kind: this.name,
        expects: [PROGRAMME, one.anchor.name, other.anchor.name, PROGRAMME],
        clicks: [click],
      }
    },
  },
  back('hiccup with return', (_stage, _sender, way) => way.reset()),
  back('ingest killed', (stage) => stage.kill('ingest')),
  {
    name: 'playout killed',
    async play(stage, one) {
      const sender = stage.send(one)
      const { session, click } = await stage.goLive(one, sender)
      await pause(ON_AIR_MS)
      await stage.killPlayout()
      await pause(ON_AIR_MS)
      await stage.crew.order(session.id, 'end')
      await stage.programmeAgain(one)
      await stage.goodbye(one, sender)
      return { kind: this.name, expects: [PROGRAMME, one.anchor.name, PROGRAMME], clicks: [click] }
    },
  },
]
