import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PORTS, slicerPorts } from '../../launcher/ports.ts'
import { AMF0 } from '../../media/rtmp/amf0.ts'
import { MESSAGE } from '../../media/rtmp/message.ts'
import { hastyHandshake, RawPeer } from '../media/rtmp/raw-peer.ts'
import { listen } from '../oracle/listen.ts'
import { lengthOf, sliceOf } from '../oracle/pcm.ts'
import type { ListenReport } from '../oracle/report.ts'
import { hearTurns } from '../oracle/turns.ts'
import { Attackers, memoryOf } from './support/attackers.ts'
import { type Anchor, Crew } from './support/crew.ts'
import { PROGRAMME } from './support/live-kinds.ts'
import { LiveStage, type Performer, pause } from './support/live-stage.ts'
import { Station } from './support/station.ts'
import { EMERGENCY, FREQUENCIES } from './support/tone-music.ts'
import { until } from './support/until.ts'

/** An anchor is on air and a player listens at the edge, while strangers do their worst at every door of the station. */

const MEGABYTE = 1_000_000
const LIMITS = [
  'half-open',
  'connections',
  'icecast-connections',
  'studio-connections',
  'icecast-head-timeout',
  'handshake-timeout',
  'message-size',
  'amf',
  'refused',
  'sender-refused',
]
const station = new Station()
const enough = new AbortController()
const attackers = new Attackers()
const memory = new Map<'ingest' | 'playout', number[]>([
  ['ingest', []],
  ['playout', []],
])
let stage: LiveStage
let ada: Performer
let bob: Anchor
let listening: Promise<ListenReport>
let watching: NodeJS.Timeout
let before: { generation: number; pids: number[] }

const pids = (): number[] => (['ingest', 'playout'] as const).map((name) => station.program(name).pid)
const port = (name: keyof typeof PORTS): number => PORTS[name] + station.offset

beforeAll(async () => {
  await station.prepare({ songsLonger: 4, live: 'live: { levelling: false }' })
  await station.start()
  const crew = await Crew.found(station)
  stage = new LiveStage(station, crew)
  ada = { anchor: await crew.hire('Ada'), tones: { usual: 4_200, first: 4_200, last: 4_200 } }
  bob = await crew.hire('Bob')
  await station.plannedFromAll()
  await until('playout to be on time', async () => (await station.status()).lateMs < 100)
  listening = listen(station.master(station.edge), { seconds: 900, enough: enough.signal })
  listening.catch(() => {})
  await stage.goLive(ada, stage.send(ada))
  before = { generation: (await station.status()).generation, pids: pids() }
  const watch = (): void => {
    for (const [name, seen] of memory) seen.push(memoryOf(station.program(name).pid))
  }
  watch()
  watching = setInterval(watch, 500)
}, 120_000)

afterAll(async () => {
  clearInterval(watching)
  attackers.end()
  enough.abort()
  await stage?.dispose()
  await station.dispose()
})

/** On air all the time, by one connection, from which nothing is missing. */
async function adaIsWell(): Promise<void> {
  const session = await stage.crew.session(ada.anchor)
  expect(session).toMatchObject({ state: 'on-air', covered: null, sender: { connected: true, losses: 0 } })
}

describe('the station under attack', () => {
  it('500 connections that say nothing, at every way in: an encoder still gets in', async () => {
    await Promise.all(
      (['ingest RTMP', 'ingest Icecast', 'ingest studio', 'ingest'] as const).map((door) =>
        attackers.silent(port(door), 500),
      ),
    )
    await adaIsWell()
    const sender = await stage.sendAgain({ anchor: bob, tones: { usual: 5_500, first: 5_500, last: 5_500 } })
    await stage.crew.sessionThat(bob, 'is ready', ({ state }) => state === 'ready')
    await sender.goodbye()
  }, 40_000)

  it('garbage from 50 connections at each door of each program', async () => {
    const doors = [
      ...(['ingest RTMP', 'ingest Icecast', 'ingest studio', 'ingest'] as const).map(port),
      ...(['playout', 'control center', 'edge', 'archive'] as const).map(port),
      ...[slicerPorts(1).http, slicerPorts(1).rtmp].map((number) => number + station.offset),
    ]
    await Promise.all(doors.map((door) => attackers.garbage(door, 50)))
    await pause(3_000)
    await adaIsWell()
  })

  it('heads that drip are cut off in time, whatever the protocol', async () => {
    const head = 'GET /studio HTTP/1.1\r\nHost: a\r\nX-Long: '
    const dripping = await Promise.all([
      attackers.dripping(port('ingest RTMP'), 20, '\x03'),
      attackers.dripping(port('ingest Icecast'), 20, 'SOURCE /live HTTP/1.0\r\nX-Long: '),
      attackers.dripping(port('ingest studio'), 20, head),
      attackers.dripping(port('ingest'), 20, head),
      attackers.dripping(port('archive'), 20, head),
    ])
    const isCut = (socket: (typeof dripping)[number][number]): boolean => socket.destroyed || socket.readableEnded
    await until('all of them to be cut off', () => dripping.flat().every(isCut), { withinMs: 9_000 })
    await adaIsWell()
  })

  it('a string of a gigabyte, announced and begun, from strangers and from one with a key', async () => {
    const gigabyte = Buffer.from([AMF0.longString, 0x40, 0, 0, 0])
    const more = Buffer.alloc(100_000, 0x61)
    const strangers = Array.from({ length: 10 }, () => {
      // The largest message that RTMP can announce, of which the string is the beginning.
      const message = Buffer.concat([Buffer.from([3, 0, 0, 0, 0xff, 0xff, 0xff, 20, 0, 0, 0, 0]), gigabyte])
      return attackers.stubborn(port('ingest RTMP'), Buffer.concat([hastyHandshake(), message]), () => more)
    })
    const peer = new RawPeer()
    const words = Buffer.concat([peer.toPublish(bob.pushKey), peer.message(MESSAGE.dataAmf0, 1, gigabyte)])
    const withKey = attackers.stubborn(port('ingest RTMP'), words, () => more)
    await Promise.all([...strangers, withKey])
    await adaIsWell()
  }, 40_000)

  it('refused ones that go on sending, a player, and one who says it is another program', async () => {
    const words = (stream: string): Buffer => new RawPeer().toPublish(stream)
    const sound = new RawPeer()
    const player = new RawPeer()
    const asPlayer = Buffer.concat([
      ...[hastyHandshake(), player.connect(), player.command(0, 'createStream', 2, null), player.audio(0)],
      player.command(1, 'play', 0, null, ada.anchor.pushKey),
      player.command(1, 'publish', 5, null, ada.anchor.pushKey, 'live'),
    ])
    const slicer = slicerPorts(1).rtmp + station.offset
    const told = await Promise.all([
      attackers.stubborn(port('ingest RTMP'), words('a-key-that-nobody-has'), () => sound.audio(21)),
      attackers.stubborn(port('ingest RTMP'), words(ada.anchor.pushKey), () => sound.audio(21)),
      attackers.stubborn(port('ingest RTMP'), asPlayer, () => player.audio(21)),
      attackers.stubborn(slicer, words('high?key=0123456789'), () => sound.audio(21)),
    ])
    expect(told[0]).toContain('NetStream.Publish.Unauthorized')
    expect(told[1]).toContain('This key is in use')
    expect(told[2]).toContain('NetStream.Play.Failed')
    expect(told[3]).toMatch(/NetStream\.Publish\.\w+/)
    await adaIsWell()
  }, 40_000)

  it('one with a key who comes and goes hundreds of times', async () => {
    const words = (): Buffer => new RawPeer().toPublish(bob.pushKey)
    const times = await Promise.all(
      Array.from({ length: 4 }, () => attackers.flapping(port('ingest RTMP'), words, 'NetStream.Publish', 3_000)),
    )
    expect(times.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(100)
    expect((await stage.crew.live()).sessions.length).toBeLessThan(40)
    expect((await station.status()).lateMs).toBeLessThan(1_000)
    await adaIsWell()
  })
})

it('what the station keeps is out of the reach of other users of the machine', () => {
  const modeOf = (path: string): number => statSync(join(station.data, path)).mode & 0o077
  for (const path of ['redis', 'archive', 'edge', 'secrets.json', 'ingest/node.json', 'control-center/live-plan.json'])
    expect([path, modeOf(path)]).toEqual([path, 0])
})

describe('what came of it', () => {
  let report: ListenReport

  beforeAll(async () => {
    await adaIsWell()
    const session = (await stage.crew.session(ada.anchor))!
    clearInterval(watching)
    await stage.crew.order(session.id, 'end')
    await stage.programmeAgain(ada)
    // The last programme must have come as far as the listener.
    await pause(10_000)
    enough.abort()
    report = await listening
  }, 60_000)

  it('listeners heard the anchor all the time: nothing failed, nobody was missing', () => {
    expect(report.failures).toEqual([])
    const { pcm } = report.recording
    const { turns, nobody } = hearTurns(sliceOf(pcm!, 1024, lengthOf(pcm!)), [
      { name: PROGRAMME, frequencies: FREQUENCIES.filter((frequency) => frequency !== EMERGENCY.frequency) },
      { name: 'Ada', frequencies: [ada.tones.usual] },
    ])
    expect(turns.map(({ party }) => party)).toEqual([PROGRAMME, 'Ada', PROGRAMME])
    expect(nobody).toEqual([])
  })

  it('no program died, and the memory of ingest and playout stayed flat', async () => {
    expect({ generation: (await station.status()).generation, pids: pids() }).toEqual(before)
    for (const [name, seen] of memory) {
      const [first, most] = [seen[0]!, Math.max(...seen)]
      console.log(`${name}: ${[first, most].map((bytes) => (bytes / MEGABYTE).toFixed(0)).join(' → ')} MB`)
      // Of the ingest 23 MB are the last half a minute of two senders, which fill meanwhile.
      expect(most - first).toBeLessThan(name === 'ingest' ? 50 * MEGABYTE : 25 * MEGABYTE)
    }
  })

  it('each limit is in the log once, and no key is', () => {
    const said = station
      .log('ingest')
      .flatMap(({ kind, time }) => (typeof kind === 'string' ? [{ kind, atMs: time as number }] : []))
    const kinds = new Set(said.map(({ kind }) => kind))
    console.log([...kinds].join(', '))
    expect(kinds).toEqual(new Set([...kinds, ...LIMITS]))
    for (const kind of kinds) {
      const times = said.filter((line) => line.kind === kind).map(({ atMs }) => atMs)
      const pauses = times.slice(1).map((atMs, index) => atMs - times[index]!)
      expect(Math.min(...pauses), `${kind}, at most once a minute`).toBeGreaterThan(59_000)
    }
    const all = (['ingest', 'playout', 'slicer-1', 'control-center', 'edge', 'archive'] as const)
      .map((name) => JSON.stringify(station.log(name)))
      .join('\n')
    for (const { pushKey } of [ada.anchor, bob]) expect(all).not.toContain(pushKey)
  })
})
