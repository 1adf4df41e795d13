import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { msOfSample } from '../../media/timeline.ts'
import { listen } from '../oracle/listen.ts'
import { lengthOf, sliceOf } from '../oracle/pcm.ts'
import type { ListenReport } from '../oracle/report.ts'
import { trackTones } from '../oracle/tone-levels.ts'
import { type HeardTurns, hearTurns, type TurnChange } from '../oracle/turns.ts'
import { Crew } from './support/crew.ts'
import { LIVE_KINDS, PROGRAMME } from './support/live-kinds.ts'
import { LiveStage, type Performer, type Played, pause } from './support/live-stage.ts'
import { Station } from './support/station.ts'
import { EMERGENCY, FREQUENCIES } from './support/tone-music.ts'
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
  performers = [
    { anchor: await crew.hire('Ada'), tones: { usual: 4_200, first: 4_600, last: 5_000 } },
    { anchor: await crew.hire('Bob'), tones: { usual: 5_500, first: 5_900, last: 6_300 } },
  ]
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
  let heard: HeardTurns
  let figures: Awaited<ReturnType<Crew['live']>>

  beforeAll(async () => {
    figures = await stage.crew.live()
    // The last programme must have come as far as the listener.
    await pause(12_000)
    enough.abort()
    report = await listening
    const { pcm } = report.recording
    heard = hearTurns(sliceOf(pcm!, 1024, lengthOf(pcm!)), [
      { name: PROGRAMME, frequencies: FREQUENCIES.filter((frequency) => frequency !== EMERGENCY.frequency) },
      ...performers.map(({ anchor, tones }) => ({ name: anchor.name, frequencies: Object.values(tones) })),
    ])
  }, 120_000)

  const atMs = (sample: number): number => msOfSample(report.recording.firstSample! + 1024 + sample)

  it('every frame once, no stall, no silence, no discontinuity, no complaint of the decoder', () => {
    const { playback, sound, timeline, playlist } = report
    console.log(
      `a player: ${sound!.seconds.toFixed(0)} s, stall ${playback.stallMs} ms, gap ${timeline.gapMs} ms, repeat ${timeline.repeatMs} ms, ${playlist.discontinuities} discontinuities`,
    )
    expect(report.failures).toEqual([])
    expect(playlist.discontinuities).toBe(0)
  })

  it('who had the air, in the order in which it was played, one crossfade a change, and never nobody', () => {
    const expected = [PROGRAMME, ...played.flatMap(({ expects }) => expects.slice(1))]
    console.table(heard.changes.map((change) => ({ at: new Date(atMs(change.inSample)).toISOString(), ...change })))
    expect(heard.turns.map(({ party }) => party)).toEqual(expected)
    expect(heard.nobody).toEqual([])
    for (const change of heard.changes) {
      expect(change.gapMs).toBe(0)
      expect(change.dipDb, `${change.from} → ${change.to}`).toBeGreaterThan(-2)
      expect(change.overlapMs).toBeGreaterThan(100)
      expect(change.overlapMs).toBeLessThan(560)
    }
  })

  it('from the click to the air: at most the buffer, the crossfade and 150 ms', () => {
    const clicks = played.flatMap((one) => one.clicks)
    const answered = clicks.map((click) => {
      const change = heard.changes.find(({ to, inSample }) => to === click.anchor && atMs(inSample) > click.atMs)!
      return { ...click, toFirstMs: atMs(change.inSample) - click.atMs, toFullMs: atMs(change.outSample) - click.atMs }
    })
    console.table(answered)
    for (const { toFullMs } of answered) expect(toFullMs).toBeLessThan(600 + 500 + 150)
  })

  it('the second after each click is there whole, and hardly anything of before it', () => {
    for (const { anchor, tones } of performers) {
      const { amplitudes, stepSamples } = trackTones(report.recording.pcm!, [tones.first, tones.usual], 5)
      const seconds = (track: Float32Array): number =>
        (track.filter((level) => level > 0.004).length * stepSamples) / 48_000
      const clicks = played.flatMap((one) => one.clicks).filter((click) => click.anchor === anchor.name).length
      expect(seconds(amplitudes[0]!) / clicks, `${anchor.name}, a click`).toBeGreaterThan(0.95)
    }
  })

  it('the last second before a goodbye is there whole', () => {
    for (const { anchor, tones } of performers) {
      const { amplitudes, stepSamples } = trackTones(report.recording.pcm!, [tones.last], 5)
      const heardSamples = amplitudes[0]!.filter((level) => level > 0.002).length * stepSamples
      expect(heardSamples / 48_000, anchor.name).toBeGreaterThan(0.95)
    }
  })

  it('nothing was played twice', async () => {
    const music = (await station.asRun()).filter(({ kind }) => kind === 'music')
    const ids = music.map(({ itemId }) => itemId)
    expect(ids.length).toBe(new Set(ids).size)
  })

  it('the station’s own figures agree', () => {
    const changesOf = (change: TurnChange): boolean => change.from !== change.to
    expect(figures.figures.gapMs.worst).toBe(0)
    expect(figures.figures.count).toBe(heard.changes.filter(changesOf).length)
    expect(figures.figures.clickToAirMs.worst).toBeLessThan(600 + 500 + 150)
    console.log(JSON.stringify(figures.figures))
  })

  it('each session was one, and ended', () => {
    const { sessions, onAirSessionId } = figures
    expect(onAirSessionId).toBeNull()
    const clicked = new Set(played.flatMap((one) => one.clicks.map(({ sessionId }) => sessionId)))
    expect(clicked.size).toBe(LIVE_KINDS.length * ROUNDS)
    for (const session of sessions) if (clicked.has(session.id)) expect(session.state).toBe('ended')
  })
})
