import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAdts } from '../../media/parse-adts.ts'
import { FRAME_SAMPLES, sampleAtMs } from '../../media/timeline.ts'
import { programs, systemProcesses } from '../../platform/processes.ts'
import type { RelaysOutAnswer } from '../../schemas/api-live.ts'
import type { LiveSession } from '../../schemas/live.ts'
import type { Recording } from '../../schemas/recordings.ts'
import { dbOf, monoOf } from '../oracle/pcm.ts'
import { runProgram } from '../oracle/run-program.ts'
import { hann, toneAmplitude } from '../oracle/tone-levels.ts'
import { type HeardTurns, hearTurns } from '../oracle/turns.ts'
import { startTestServer } from '../platform/rtmp/receiving-server.ts'
import { type Anchor, Crew } from './support/crew.ts'
import { freePort } from './support/free-offset.ts'
import { type HeardWindow, hearWindow } from './support/heard-window.ts'
import type { LiveSender } from './support/live-sender.ts'
import { LiveStage, type Performer, pause } from './support/live-stage.ts'
import { Station } from './support/station.ts'
import { EMERGENCY, FREQUENCIES, IDENT } from './support/tone-music.ts'
import { until } from './support/until.ts'

/**
 * One evening of a station: the end of an item, a bed between two anchors, a voice over the programme, a microphone that falls silent;
 * recorded, relayed out, and listened to once more by catch-up. Then what was published is decoded and measured.
 */
const CROSSFADE_MS = 1_500
const LIVE = `
hls: { windowSegments: 30, keptSegments: 60 }
live:
  graceSeconds: 3
  levelling: false
  holdFile: ${IDENT.file}
  silence: { afterSeconds: 2, backAfterSeconds: 1 }
  talkOver: { duckDb: -14, downMilliseconds: 300, upMilliseconds: 900 }`

const station = new Station()
const platform = await startTestServer()
let stage: LiveStage
let crew: Crew
let ada: Performer
let bob: Performer
let beganMs: number
let endedMs: number
/** Of the item that Ada waited for. */
let itemEndSample: number
let adaLive: LiveSession
let bobLive: LiveSession
let bobAtMs: number
let talking: { fromSample: number; untilSample: number }
let heard: HeardWindow
let turns: HeardTurns
let recordings: { recording: Recording; m4a: Buffer }[]
let relaysOut: RelaysOutAnswer['relaysOut']

const recordingsNow = async (): Promise<Recording[]> =>
  (await crew.ask<{ recordings: Recording[] }>('GET', '/api/recordings')).recordings
const relayOut = (name: string, port: number) =>
  crew.ask('POST', '/api/relays-out', { name, url: `rtmp://127.0.0.1:${port}/live`, streamName: `key-of-${name}` })
const readyOf = (anchor: Anchor) => crew.sessionThat(anchor, 'is ready', ({ state }) => state === 'ready')
const onAirOf = (anchor: Anchor, withinMs = 15_000) =>
  crew.sessionThat(anchor, 'is on air', ({ state }) => state === 'on-air', withinMs)
const endedOf = (id: string) =>
  until(
    `the session ${id} to be over`,
    async () => (await crew.live()).sessions.find((session) => session.id === id && session.state === 'ended') ?? null,
  )

/** A sender that goes on after its turn is there for another one, until it says goodbye. */
async function leave(sender: LiveSender, anchor: Anchor): Promise<void> {
  await sender.goodbye()
  await until(`${anchor.name} to be gone`, async () => (await crew.session(anchor)) === undefined)
}

beforeAll(async () => {
  await station.prepare({ songsLonger: 1.5, localSlicers: 1, live: LIVE })
  await station.start()
  crew = await Crew.found(station)
  ada = { anchor: await crew.hire('Ada'), tones: { usual: 4_200, first: 4_200, last: 4_200 } }
  bob = { anchor: await crew.hire('Bob'), tones: { usual: 5_500, first: 5_500, last: 5_500 } }
  stage = new LiveStage(station, crew)
  await station.plannedFromAll()
  await Promise.all([relayOut('good', platform.port), relayOut('dead', await freePort())])
  // Whatever is measured below holds across a restart of playout, and catch-up reaches over it.
  beganMs = Date.now() - 3_000
  await stage.killPlayout()
}, 120_000)

afterAll(async () => {
  await stage?.dispose()
  await station.dispose()
  await platform.close()
}, 30_000)

describe('an evening', () => {
  it('begins at the end of an item, and hands over through a bed', async () => {
    const sender = stage.send(ada)
    const ready = await readyOf(ada.anchor)
    // With less left than a buffer takes to fill, it would be a little after the end.
    itemEndSample = await until('an item to have some seconds left', async () => {
      const { onAir, nowMs } = await station.status()
      return onAir && onAir.endSample / 48 - nowMs > CROSSFADE_MS + 2_500 ? onAir.endSample : null
    })
    await crew.order(ready.id, 'go-live', { when: 'item-end' })
    await onAirOf(ada.anchor, 30_000)
    const bobSends = stage.send(bob)
    const next = await readyOf(bob.anchor)
    await crew.ask('POST', '/api/live/hold', { on: true })
    await crew.order(ready.id, 'end')
    adaLive = await endedOf(ready.id)
    await pause(1_500)
    bobAtMs = Date.now() + 2_000
    await crew.order(next.id, 'go-live', { when: 'at', atMs: bobAtMs })
    await onAirOf(bob.anchor)
    await pause(1_500)
    expect((await crew.live()).hold).toBe(false)
    await crew.order(next.id, 'end')
    bobLive = await endedOf(next.id)
    await Promise.all([leave(sender, ada.anchor), leave(bobSends, bob.anchor)])
  }, 60_000)

  it('has a voice over the programme', async () => {
    const sender = stage.send(bob)
    const { id } = await readyOf(bob.anchor)
    await crew.order(id, 'talk-over', { on: true })
    await crew.order(id, 'go-live', { when: 'now' })
    await onAirOf(bob.anchor)
    await pause(1_800)
    await crew.order(id, 'end')
    const { onAirFromSample, onAirUntilSample } = await endedOf(id)
    talking = { fromSample: onAirFromSample!, untilSample: onAirUntilSample! }
    await leave(sender, bob.anchor)
  }, 30_000)

  it('goes on when a microphone falls silent, and comes back to it', async () => {
    const sender = stage.send(ada)
    const { id } = await crew.goLive(ada.anchor)
    await pause(1_200)
    sender.mute()
    const covered = await stage.covered(ada)
    expect(covered.covered!.because).toBe('silence')
    await pause(1_000)
    sender.amplitude = 0.2
    await crew.sessionThat(ada.anchor, 'is heard again', (session) => session.covered === null)
    await pause(1_000)
    await sender.goodbye()
    await endedOf(id)
  }, 30_000)

  it('is published, recorded and kept', async () => {
    relaysOut = (await crew.ask<RelaysOutAnswer>('GET', '/api/relays-out')).relaysOut
    endedMs = Date.now()
    const complete = await until('all recordings to be complete', async () => {
      const all = await recordingsNow()
      return all.length === 4 && all.every(({ state }) => state === 'finished') ? all : null
    })
    recordings = await Promise.all(
      complete.map(async (recording) => {
        const url = `${station.control}/api/recordings/${recording.id}/audio.m4a`
        const answer = await fetch(url, { headers: crew.headers })
        return { recording, m4a: Buffer.from(await answer.arrayBuffer()) }
      }),
    )
    const playlist = station.media(station.edge)
    const covers = async (): Promise<boolean> => {
      const dates = (await (await fetch(playlist)).text()).match(/(?<=DATE-TIME:).*/g)!
      return Date.parse(dates.at(-1)!) > endedMs + 1_000
    }
    await until('the last of it to be published', covers)
    heard = await hearWindow(playlist)
    turns = hearTurns(heard.pcm, [
      {
        name: 'programme',
        frequencies: FREQUENCIES.filter((hz) => hz !== EMERGENCY.frequency && hz !== IDENT.frequency),
      },
      { name: 'bed', frequencies: [IDENT.frequency] },
      { name: 'Ada', frequencies: [ada.tones.usual] },
      { name: 'Bob', frequencies: [bob.tones.usual] },
    ])
  }, 60_000)
})

describe('what was heard of it', () => {
  /** Of a sample of what was decoded: the timeline's. */
  const onTimeline = (sample: number): number => heard.firstSample + sample
  const changeTo = (party: string, nth = 0) => turns.changes.filter(({ to }) => to === party)[nth]!

  it('everyone in their turn, one crossfade each, and nobody missing but for the microphone that was mute', () => {
    expect(heard.decodeErrors).toEqual([])
    expect(heard.segments.filter(({ discontinuity }) => discontinuity)).toEqual([])
    const parties = [
      'programme',
      'Ada',
      'bed',
      'Bob',
      'programme',
      'Bob',
      'programme',
      'Ada',
      'programme',
      'Ada',
      'programme',
    ]
    expect(turns.turns.map(({ party }) => party)).toEqual(parties)
    // The silence is counted where it comes in, and heard when the buffer before it has sounded.
    const silences = turns.nobody.map(({ fromSample, toSample }) => (toSample - fromSample) / 48)
    expect(silences.length).toBeLessThanOrEqual(1)
    for (const silenceMs of silences) expect(silenceMs).toBeLessThan(2_500)
  })

  it('the end of an item and a given instant, each to the block', () => {
    // Where the next item would have begun.
    const atItemEnd = itemEndSample - CROSSFADE_MS * 48
    const blocks = (a: number, b: number): number => Math.abs(a - b) / FRAME_SAMPLES
    expect(blocks(adaLive.onAirFromSample!, atItemEnd)).toBeLessThan(1.5)
    expect(blocks(bobLive.onAirFromSample!, sampleAtMs(bobAtMs))).toBeLessThan(1)
    // The first moments of a fade are too soft to be heard.
    const heardLateMs = (party: string, { onAirFromSample }: LiveSession): number =>
      (onTimeline(changeTo(party).inSample) - onAirFromSample!) / 48
    for (const [party, session] of [
      ['Ada', adaLive],
      ['Bob', bobLive],
    ] as const) {
      expect(heardLateMs(party, session), party).toBeGreaterThan(-8)
      expect(heardLateMs(party, session), party).toBeLessThan(40)
    }
  })

  it('the programme under a voice: as much softer, and as fast down and up, as the station wants it', () => {
    const mono = monoOf(heard.pcm)
    const window = hann(1_440)
    const programme = FREQUENCIES.filter((hz) => hz !== IDENT.frequency && hz !== EMERGENCY.frequency)
    const levelAt = (sample: number): number =>
      dbOf(Math.hypot(...programme.map((hz) => toneAmplitude(mono, sample - heard.firstSample, hz, 48_000, window))))
    const { fromSample, untilSample } = talking
    const before = levelAt(fromSample - 4_800)
    const ducked = levelAt(fromSample + 48_000) - before
    expect(ducked).toBeGreaterThan(-14.5)
    expect(ducked).toBeLessThan(-13.5)
    /** How long it takes from a tenth of the way to nine tenths, as the length of the whole ramp. */
    const rampMs = (from: number, until: number): number => {
      const on = (share: number): number => {
        const isUp = levelAt(until) > levelAt(from)
        for (let at = from; at < until; at += 240) {
          const way = (levelAt(at) - before) / ducked
          if (isUp ? way <= 1 - share : way >= share) return at
        }
        throw new Error('the ramp is not heard')
      }
      return (on(0.9) - on(0.1)) / 48 / 0.8
    }
    expect(rampMs(fromSample - 4_800, fromSample + 48_000)).toBeGreaterThan(250)
    expect(rampMs(fromSample - 4_800, fromSample + 48_000)).toBeLessThan(350)
    expect(rampMs(untilSample - 38_400, untilSample + 57_600)).toBeGreaterThan(800)
    expect(rampMs(untilSample - 38_400, untilSample + 57_600)).toBeLessThan(1_000)
  })

  it('recordings: one a session, from its first frame to its last, byte for byte what was published', async () => {
    const published = unitsByFrame(heard)
    for (const { recording, m4a } of recordings) {
      const { fromFrame, untilFrame } = recording
      const units = await unitsOfM4a(m4a)
      expect(units).toHaveLength(untilFrame! - fromFrame)
      const differing = units.filter((unit, index) => !published.get(fromFrame + index)?.equals(unit))
      expect(differing).toEqual([])
    }
    const ofAda = recordings.find(({ recording }) => recording.sessionId === adaLive.id)!.recording
    expect(ofAda.fromFrame).toBe(Math.floor(adaLive.onAirFromSample! / FRAME_SAMPLES))
    expect(ofAda.untilFrame).toBe(Math.ceil(adaLive.onAirUntilSample! / FRAME_SAMPLES))
  })

  it('catch-up of the whole evening, the restart in it: what was published, and nothing missing', async () => {
    const again = await hearWindow(station.media(station.edge, `catchup.m3u8?from=${beganMs}&to=${endedMs}`))
    expect(again.decodeErrors).toEqual([])
    expect(again.missingSamples).toBe(0)
    const published = new Map(heard.segments.map((segment) => [segment.sequence, segment.bytes]))
    const numbers = again.segments.map(({ sequence }) => sequence)
    expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index))
    expect(again.segments.length * 4_010).toBeGreaterThanOrEqual(endedMs - beganMs)
    const both = again.segments.filter(({ sequence }) => published.has(sequence))
    expect(both.length).toBeGreaterThanOrEqual(again.segments.length - 2)
    for (const { sequence, bytes } of both) expect(bytes.equals(published.get(sequence)!)).toBe(true)
  })

  it('relay out: another platform gets each frame, in its order; a dead one is told as dead', async () => {
    const stateOf = (name: string) => relaysOut.find((relay) => relay.name === name)!
    expect(stateOf('good')).toMatchObject({ state: 'publishing', framesDropped: 0 })
    expect(stateOf('dead')).toMatchObject({ state: 'waiting', framesSent: 0 })
    expect(stateOf('dead').reason).toContain('ECONNREFUSED')
    const last = platform.publications.at(-1)!
    expect(last.request.stream).toBe('key-of-good')
    // An FLV audio tag: AAC, raw.
    const received = last.audio
      .filter(({ body }) => body[1] === 1)
      .map(({ body }) => body.subarray(2).toString('base64'))
    const published = [...unitsByFrame(heard).values()].map((unit) => unit.toString('base64'))
    expect(sharedOf(received, published)).toBeGreaterThan(30 * 47)
  })
})

/** How many units two rows share without a difference, from the place at which the later one begins; 0 when they never agree. */
function sharedOf(one: readonly string[], other: readonly string[]): number {
  const sharedFrom = (long: readonly string[], at: number, short: readonly string[]): number => {
    const length = Math.min(long.length - at, short.length)
    for (let index = 0; index < length; index++) if (long[at + index] !== short[index]) return 0
    return length
  }
  const both = [
    [one, other],
    [other, one],
  ] as const
  return Math.max(...both.flatMap(([long, short]) => long.map((_, at) => sharedFrom(long, at, short))))
}

function unitsByFrame({ segments }: HeardWindow): Map<number, Buffer> {
  return new Map(
    segments.flatMap(({ startSample, units }) =>
      units.map((unit, index): [number, Buffer] => [startSample! / FRAME_SAMPLES + index, unit]),
    ),
  )
}

async function unitsOfM4a(bytes: Buffer): Promise<Buffer[]> {
  const args = ['-v', 'error', '-i', 'pipe:0', '-c', 'copy', '-f', 'adts', 'pipe:1']
  const { stdout } = await runProgram(systemProcesses, programs.ffmpeg, args, { input: bytes })
  return parseAdts(stdout).units.map((unit) => Buffer.from(unit))
}
