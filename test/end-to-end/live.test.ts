import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LiveStatus } from '../../schemas/live.ts'
import { listen } from '../oracle/listen.ts'
import type { ListenReport } from '../oracle/report.ts'
import { Crew } from './support/crew.ts'
import { faultsOf, type HeardLive, hearLive, LIVE_LIMITS } from './support/heard-live.ts'
import { LIVE_KINDS } from './support/live-kinds.ts'
import { LiveStage, type Performer, type Played, performersOf, programmeIsHeard } from './support/live-stage.ts'
import { Station } from './support/station.ts'
import { until } from './support/until.ts'

/** Anchors go on air and off again in every way there is, twice each, while a player listens at the edge; then it is decoded and measured. */

const ROUNDS = 2
const station = new Station()
const enough = new AbortController()
const played: Played[] = []
let stage: LiveStage
let performers: [Performer, Performer]
let listening: Promise<ListenReport>

beforeAll(async () => {
  await station.prepare({ songsLonger: 4, live: 'live: { graceSeconds: 8, levelling: false }' })
  await station.start()
  const crew = await Crew.found(station)
  performers = await performersOf(crew)
  stage = new LiveStage(station, crew)
  await station.plannedFromAll()
  await until('playout to be on time', async () => (await station.status()).lateMs < 100)
  listening = listen(station.master(station.edge), { seconds: 900, enough: enough.signal })
  listening.catch(() => {})
}, 120_000)

afterAll(async () => {
  enough.abort()
  await stage?.dispose()
  await station.dispose()
})

describe.each(LIVE_KINDS.map((kind) => ({ kind, name: kind.name })))('$name', ({ kind }) => {
  it.each(Array.from({ length: ROUNDS }, (_, round) => round))(
    'round %i',
    async (round) => {
      const [one, other] = performers
      played.push(await (round % 2 === 0 ? kind.play(stage, one, other) : kind.play(stage, other, one)))
    },
    60_000,
  )
})

describe('what the listener heard of it', () => {
  let report: ListenReport
  let heard: HeardLive
  let status: LiveStatus

  beforeAll(async () => {
    status = await stage.crew.live()
    await programmeIsHeard(station)
    enough.abort()
    report = await listening
    heard = hearLive(report, performers, played, ROUNDS / performers.length)
    console.table(heard.changes)
    console.table(heard.clicks)
  }, 120_000)

  it('every frame once, no stall, no silence, no discontinuity, no complaint of the decoder', () => {
    const { playback, sound, timeline, playlist } = report
    console.log(
      `a player: ${sound!.seconds.toFixed(0)} s, stall ${playback.stallMs} ms, gap ${timeline.gapMs} ms, repeat ${timeline.repeatMs} ms, ${playlist.discontinuities} discontinuities`,
    )
    expect(report.failures).toEqual([])
    expect(playlist.discontinuities).toBe(0)
  })

  it('who had the air, as it was played: one crossfade a change, never nobody, the first and the last second whole', () => {
    expect(played.length).toBe(LIVE_KINDS.length * ROUNDS)
    expect(faultsOf(heard)).toEqual([])
  })

  it('nothing was played twice', async () => {
    const music = (await station.asRun()).filter(({ kind }) => kind === 'music')
    const ids = music.map(({ itemId }) => itemId)
    expect(ids.length).toBeGreaterThan(LIVE_KINDS.length)
    expect(ids.length).toBe(new Set(ids).size)
  })

  it('the station’s own figures agree', () => {
    const { count, gapMs, clickToAirMs } = status.figures
    console.log(JSON.stringify(status.figures))
    expect(gapMs.worst).toBe(0)
    expect(count).toBe(heard.changes.length)
    expect(clickToAirMs.worst).toBeLessThan(LIVE_LIMITS.clickToAirMs)
    const own = status.handoffs.filter(({ kind }) => kind === 'into-live').map(({ atMs }) => atMs)
    const byEar = heard.clicks.map(({ atMs, toFirstMs }) => atMs + toFirstMs)
    expect(own.length).toBe(byEar.length)
    own
      .sort((a, b) => a - b)
      .forEach((atMs, index) => {
        expect(Math.abs(atMs - byEar[index]!)).toBeLessThan(30)
      })
  })

  it('each session was one, and ended', () => {
    expect(status.onAirSessionId).toBeNull()
    const clicked = new Set(heard.clicks.map(({ sessionId }) => sessionId))
    expect(clicked.size).toBe(LIVE_KINDS.length * ROUNDS)
    for (const session of status.sessions) if (clicked.has(session.id)) expect(session.state).toBe('ended')
  })
})
