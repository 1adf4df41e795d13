import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FRAME_SAMPLES, frameOfSample } from '../../media/timeline.ts'
import { systemProcesses } from '../../platform/processes.ts'
import type { LiveSession, LiveStatus } from '../../schemas/live.ts'
import type { Recording, RecordingsView } from '../../schemas/recordings.ts'
import { RawPeer } from '../media/rtmp/raw-peer.ts'
import { decodeAudio } from '../oracle/decode.ts'
import { listen } from '../oracle/listen.ts'
import { lengthOf, type Pcm, sliceOf } from '../oracle/pcm.ts'
import type { ListenReport } from '../oracle/report.ts'
import { type HeardTurns, hearTurns } from '../oracle/turns.ts'
import { Attackers } from './support/attackers.ts'
import { Crew } from './support/crew.ts'
import { PROGRAMME } from './support/live-kinds.ts'
import type { LiveSender } from './support/live-sender.ts'
import { LiveStage, type Performer, pause } from './support/live-stage.ts'
import { Station } from './support/station.ts'
import { EMERGENCY, FREQUENCIES } from './support/tone-music.ts'
import { until } from './support/until.ts'

/** One key for two, in and out at once, and two anchors who hand each other the air again and again. */

const SWAPS = 10
const TURN_MS = 2_500
const INTRUDER = 6_600
const station = new Station()
const enough = new AbortController()
const strangers = new Attackers()
/** Whoever was on air, in order. */
const turns: LiveSession[] = []
/** What was ever seen that can't be: two on air, or one on air who is no session. */
const ghosts: string[] = []
let stage: LiveStage
let ada: Performer
let bob: Performer
let sender: LiveSender
let listening: Promise<ListenReport>
let watching: NodeJS.Timeout

beforeAll(async () => {
  await station.prepare({ songsLonger: 4, live: 'live: { levelling: false }' })
  await station.start()
  const crew = await Crew.found(station)
  stage = new LiveStage(station, crew)
  ada = { anchor: await crew.hire('Ada'), tones: { usual: 4_200, first: 4_200, last: 4_200 } }
  bob = { anchor: await crew.hire('Bob'), tones: { usual: 5_500, first: 5_500, last: 5_500 } }
  await station.plannedFromAll()
  await until('playout to be on time', async () => (await station.status()).lateMs < 100)
  listening = listen(station.master(station.edge), { seconds: 900, enough: enough.signal })
  listening.catch(() => {})
  watching = setInterval(() => {
    stage.crew.live().then(haunted, () => {})
  }, 200)
}, 120_000)

afterAll(async () => {
  clearInterval(watching)
  strangers.end()
  enough.abort()
  await stage?.dispose()
  await station.dispose()
})

function haunted({ sessions, onAirSessionId }: LiveStatus): void {
  const onAir = sessions.filter(({ state }) => state === 'on-air').map(({ id }) => id)
  if (onAir.length > 1) ghosts.push(`on air at once: ${onAir.join(', ')}`)
  if (onAirSessionId !== null && !sessions.some(({ id, state }) => id === onAirSessionId && state !== 'ended'))
    ghosts.push(`${onAirSessionId} has the air, and has ended`)
}
const now = (id: string): Promise<LiveSession | undefined> =>
  stage.crew.live().then(({ sessions }) => sessions.find((session) => session.id === id))

describe('one key', () => {
  it('that is in use is refused to a second publisher, with the reason; the first one does not notice', async () => {
    sender = stage.send(ada)
    turns.push((await stage.goLive(ada, sender)).session)
    const sound = new RawPeer()
    const told = await strangers.stubborn(stage.rtmpPort, new RawPeer().toPublish(ada.anchor.pushKey), () =>
      sound.audio(21),
    )
    expect(/This key is in use: .*? is sending with it/.exec(told)?.[0]).toContain('from 127.0.0.1')
    const second = stage.send({ ...ada, tones: { ...ada.tones, usual: INTRUDER } })
    await until('the second encoder to give up', () => second.hasEnded)
    expect(await now(turns[0]!.id)).toMatchObject({ state: 'on-air', covered: null, sender: { losses: 0 } })
  })

  it('whose sender breaks off and is back at once goes on with the same session', async () => {
    sender.signal('SIGKILL')
    sender = await stage.sendAgain(ada)
    const back = await stage.crew.sessionThat(ada.anchor, 'is heard', (session) => {
      return session.state === 'on-air' && session.covered === null && session.sender.connected
    })
    expect(back.id).toBe(turns[0]!.id)
    await pause(2_000)
  })

  it('whose sender says goodbye and is back at once has another session, that is not on air by itself', async () => {
    await sender.goodbye()
    sender = stage.send(ada)
    const next = await stage.crew.sessionThat(ada.anchor, 'is another one and ready', ({ id, state }) => {
      return id !== turns[0]!.id && state === 'ready'
    })
    expect((await stage.crew.live()).onAirSessionId).not.toBe(next.id)
    await until('the first one to end', async () => (await now(turns[0]!.id))?.state === 'ended')
    await pause(1_500)
  })
})

it(`two anchors hand each other the air ${SWAPS} times in less than a minute`, async () => {
  const senders = [sender, stage.send(bob)]
  turns.push((await stage.goLive(ada, senders[0]!)).session)
  const beganMs = Date.now()
  for (let swap = 0; swap < SWAPS; swap++) {
    const { anchor } = swap % 2 === 0 ? bob : ada
    await pause(TURN_MS)
    const ready = await stage.crew.sessionThat(anchor, 'is ready', ({ state }) => state === 'ready')
    await stage.crew.order(turns.at(-1)!.id, 'hand-over', { to: ready.id })
    turns.push(await stage.crew.sessionThat(anchor, 'is on air', ({ state }) => state === 'on-air'))
    expect(turns.at(-1)!.id).toBe(ready.id)
  }
  expect(Date.now() - beganMs).toBeLessThan(60_000)
  await pause(TURN_MS)
  await stage.crew.order(turns.at(-1)!.id, 'end')
  await stage.programmeAgain(ada)
  await Promise.all(senders.map((each) => each.goodbye()))
}, 90_000)

describe('what came of it', () => {
  let report: ListenReport
  let heard: HeardTurns
  let recordings: Recording[]

  beforeAll(async () => {
    // The last programme must have come as far as the listener, and the last recording as far as the disk.
    recordings = await until('the recordings to be finished', async () => {
      const { recordings: all } = await stage.crew.ask<RecordingsView>('GET', '/api/recordings')
      return all.length > 0 && all.every(({ state }) => state === 'finished') ? all : null
    })
    await pause(8_000)
    clearInterval(watching)
    enough.abort()
    report = await listening
    const { pcm } = report.recording
    heard = hearWho(sliceOf(pcm!, 1024, lengthOf(pcm!)))
  }, 60_000)

  const hearWho = (pcm: Pcm): HeardTurns =>
    hearTurns(pcm, [
      { name: PROGRAMME, frequencies: FREQUENCIES.filter((frequency) => frequency !== EMERGENCY.frequency) },
      { name: 'Ada', frequencies: [ada.tones.usual] },
      { name: 'Bob', frequencies: [bob.tones.usual] },
      { name: 'the intruder', frequencies: [INTRUDER] },
    ])

  it('listeners heard each of them in turn, somebody at every moment, and never the intruder', () => {
    expect(report.failures).toEqual([])
    const swapped = Array.from({ length: SWAPS }, (_, swap) => (swap % 2 === 0 ? 'Bob' : 'Ada'))
    const parties = heard.turns.map(({ party }) => party)
    expect(parties.slice(-SWAPS - 3)).toEqual([PROGRAMME, 'Ada', ...swapped, PROGRAMME])
    // Whether the moment without a sender was bridged by what was in hand, or by the programme, is a matter of milliseconds.
    const before = parties.slice(0, -SWAPS - 3).join()
    expect([[PROGRAMME, 'Ada'].join(), [PROGRAMME, 'Ada', PROGRAMME, 'Ada'].join()]).toContain(before)
    expect(heard.nobody).toEqual([])
  })

  it('nobody was on air who was not', async () => {
    expect(ghosts).toEqual([])
    const { sessions, onAirSessionId } = await stage.crew.live()
    expect(onAirSessionId).toBeNull()
    const ids = turns.map(({ id }) => id)
    expect(new Set(ids).size).toBe(SWAPS + 2)
    for (const session of sessions) if (ids.includes(session.id)) expect(session.state).toBe('ended')
  })

  it('each turn has a recording of its own, exact to the frame, with nobody else in it', async () => {
    const { sessions } = await stage.crew.live()
    const aired = sessions.filter(({ onAirFromSample }) => onAirFromSample !== null)
    expect(recordings.map(({ sessionId }) => sessionId).sort()).toEqual(turns.map(({ id }) => id).sort())
    for (const { onAirFromSample, onAirUntilSample, id, anchorId } of aired)
      expect(recordings.find(({ sessionId }) => sessionId === id)).toMatchObject({
        anchorId,
        fromFrame: frameOfSample(onAirFromSample!),
        untilFrame: Math.ceil(onAirUntilSample! / FRAME_SAMPLES),
        silentMs: 0,
      })
    for (const turn of turns.slice(3, 5)) {
      const { id, fromFrame, untilFrame } = recordings.find(({ sessionId }) => sessionId === turn.id)!
      const list = (await stage.crew.bytes(`/api/recordings/${id}/index.m3u8`)).toString('utf8')
      const files = ['init.mp4', ...list.split('\n').filter((line) => line.endsWith('.m4s'))]
      const bytes = await Promise.all(files.map((file) => stage.crew.bytes(`/api/recordings/${id}/${file}`)))
      const { pcm, errors } = await decodeAudio(Buffer.concat(bytes), 'mov', 2, systemProcesses)
      expect(errors).toEqual([])
      expect(lengthOf(pcm)).toBe((untilFrame! - fromFrame) * FRAME_SAMPLES)
      // All of it but the crossfades at its ends.
      const alone = sliceOf(pcm, 30_000, lengthOf(pcm) - 30_000)
      expect(hearWho(alone).turns.map(({ party }) => party)).toEqual([turn.anchorName])
    }
  })
})
