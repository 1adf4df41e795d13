import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FRAME_MS, msOfSample, sampleAtMs } from '../../media/timeline.ts'
import { systemProcesses } from '../../platform/processes.ts'
import { findClicks } from '../oracle/clicks.ts'
import { listen } from '../oracle/listen.ts'
import { measureLoudness } from '../oracle/loudness.ts'
import { compareOrigins } from '../oracle/origins.ts'
import { lengthOf, sliceOf } from '../oracle/pcm.ts'
import type { ListenReport } from '../oracle/report.ts'
import { findSilences } from '../oracle/silence.ts'
import { analyseTimeline } from '../oracle/timeline-analysis.ts'
import { itemsHeard } from '../oracle/tone-items.ts'
import { type HeardWindow, hearWindow } from './support/heard-window.ts'
import { type HeardJoin, hearJoins } from './support/joins.ts'
import { leastLagMs } from './support/pace.ts'
import { signal } from './support/process-tree.ts'
import { RundownHistory } from './support/rundown-history.ts'
import { Station } from './support/station.ts'
import { ThirdSlicer } from './support/third-slicer.ts'
import { FREQUENCIES, frequencyOf, IDENT } from './support/tone-music.ts'
import { until } from './support/until.ts'

/** One station, from its start to its first fixed-time item, while slicers and playout are killed and a player listens all along. */

const IDENT_AFTER_MS = 88_000
/** Playout takes items in hand so long before they sound; the plan is then no longer changed under it. */
const IN_HAND_MS = 15_000
/** The planner follows what playout did when it is off by more. */
const ANNOUNCED_WITHIN_MS = 2_000
const SEGMENTS = 15
const PLAYLISTS = 6
const station = new Station()
const third = new ThirdSlicer()
const enough = new AbortController()
let listening: Promise<ListenReport>
let identMs: number
const announced = new RundownHistory()

beforeAll(async () => {
  identMs = Math.ceil((Date.now() + IDENT_AFTER_MS) / 1000) * 1000
  const minuteAndSecond = new Date(identMs).toISOString().slice(14, 19)
  await station.prepare({
    programme: `  fixed: [{ name: Ident, at: { everyHourAt: "${minuteAndSecond}" }, source: { file: ${IDENT.file} } }]`,
  })
  announced.follow(station)
  await station.start()
  listening = listen(station.master(station.edge), { seconds: 600, enough: enough.signal })
  listening.catch(() => {})
}, 90_000)

afterAll(async () => {
  enough.abort()
  announced.stop()
  await third.leave()
  await station.dispose()
})

async function expectSameBytes(a: string, b: string): Promise<void> {
  const compared = await compareOrigins(station.master(a), station.master(b))
  expect(compared.differences).toEqual([])
  expect(compared.playlistsCompared).toBe(PLAYLISTS)
  const [manifestA, manifestB] = await Promise.all([a, b].map(manifestOf))
  expect(manifestA).toContain('<MPD')
  expect(manifestB).toBe(manifestA)
  // While one is compared the window may move on by a segment.
  expect(compared.segmentsCompared).toBeGreaterThanOrEqual(PLAYLISTS * (SEGMENTS - 1))
}

const manifestOf = async (origin: string): Promise<string> =>
  (await fetch(`${origin}/dash/${station.id}/manifest.mpd`)).text()

/** Kills a program with SIGKILL; resolves when its successor runs. */
async function kill(name: 'playout' | `slicer-${number}`): Promise<void> {
  const before = station.program(name)
  signal(before, 'SIGKILL')
  await until(`${name} to be started again`, () => station.program(name).pid !== before.pid)
}

const serves = async (origin: string): Promise<boolean> =>
  (await fetch(`${origin}/healthz`)).ok && (await fetch(station.media(origin))).ok

describe('the same bytes, whoever answers', () => {
  it('two slicers answer alike: playlists and every segment of the window, in three packagings and two renditions', async () => {
    await until('the window to be full', async () => {
      const text = await (await fetch(station.media(station.edge))).text()
      return text.split('#EXTINF').length - 1 === SEGMENTS && (await station.status()).lateMs < 100
    })
    await expectSameBytes(station.slicer(1), station.slicer(2))
    await expectSameBytes(station.edge, station.slicer(2))
  })

  it('a third slicer, started by hand, joins the running station, answers alike, and soon serves behind the edge', async () => {
    await third.join(station)
    await until('the third slicer to serve', async () => (await station.nodes()).serving.includes(third.id))
    await expectSameBytes(station.slicer(1), third.origin)
    const server = new URL(third.origin).host
    await until('the edge to send listeners to the third slicer', () =>
      readFileSync(join(station.data, 'edge', 'nginx.conf'), 'utf8').includes(`server ${server}`),
    )
  })

  it('a slicer that was killed with SIGKILL comes back by itself and answers alike', async () => {
    await kill('slicer-2')
    await until('slicer 2 to serve again', () => serves(station.slicer(2)))
    await expectSameBytes(station.slicer(1), station.slicer(2))
  })
})

describe('playout is killed with SIGKILL shortly before a fixed-time item', () => {
  it('goes on with the same bytes everywhere, and as much on time as before', async () => {
    await station.plannedFromAll()
    const lagBefore = await leastLagMs(station.slicer(1))
    await until('the moment, 15 s before the ident', () => Date.now() > identMs - 15_000, { withinMs: 90_000 })
    await kill('playout')
    await until('playout to be on time again', async () => (await station.status()).lateMs < 100)
    const lagAfter = await leastLagMs(station.slicer(1))
    console.log(`lag of the newest frame: ${lagBefore.toFixed(1)} ms before, ${lagAfter.toFixed(1)} ms after`)
    expect(lagBefore).toBeGreaterThan(0)
    expect(Math.abs(lagAfter - lagBefore)).toBeLessThan(50)
    expect(Math.abs((await station.status()).clock.wallOffsetMs)).toBeLessThan(50)
    expect((await station.status()).counters.framesLost).toBe(0)
    await expectSameBytes(station.slicer(1), station.slicer(2))
    await expectSameBytes(station.slicer(2), third.origin)
  }, 120_000)
})

describe('what is heard in the minute in which all that happened', () => {
  let heard: HeardWindow
  let entries: Awaited<ReturnType<Station['asRun']>>
  let joins: HeardJoin[]

  beforeAll(async () => {
    const wanted = sampleAtMs(identMs + (IDENT.seconds + 6) * 1000)
    await until(
      'the window to reach beyond the ident',
      async () => {
        const text = await (await fetch(station.media(station.edge))).text()
        const newest = /(\d+)\.m4s\s*$/.exec(text)?.[1]
        return newest !== undefined && (Number(newest) + 1) * 188 * 1024 > wanted
      },
      { everyMs: 300 },
    )
    heard = await hearWindow(station.media(station.edge))
    entries = await station.asRun()
    joins = hearJoins(heard, entries)
  }, 60_000)

  it('every frame once, in order, without a complaint of the decoder', () => {
    const { segments, missingFrames, repeatedFrames, joints } = analyseTimeline(heard.segments)
    expect({ segments, missingFrames: missingFrames + 0, repeatedFrames: repeatedFrames + 0, joints }).toEqual({
      segments: SEGMENTS,
      missingFrames: 0,
      repeatedFrames: 0,
      joints: [],
    })
    expect(heard.decodeErrors).toEqual([])
    expect(heard.missingSamples).toBe(0)
  })

  it('the tones come in the order of the as-run log, as the rundown had announced them', () => {
    const inside = sliceOf(heard.pcm, 1024, lengthOf(heard.pcm))
    const { items, gaps } = itemsHeard(inside, FREQUENCIES)
    const [from, to] = [heard.firstSample, heard.firstSample + lengthOf(heard.pcm)]
    const within = ({ startSample, endSample }: { startSample: number; endSample: number }): boolean =>
      endSample - startSample > 48_000 && endSample > from + 48_000 && startSample < to - 48_000
    // The window may begin and end within a crossfade: what is heard between its first and its last item must stand in the log just so.
    const sounding = entries.filter(({ startSample, endSample }) => endSample > from && startSample < to)
    const logged = sounding.map(({ path }) => frequencyOf(path ?? ''))
    const heardInside = items.slice(1, -1).map(({ frequency }) => frequency)
    const begins = logged.findIndex((_, index) =>
      heardInside.every((frequency, step) => logged[index + step] === frequency),
    )
    expect({ begins, heardInside, logged }).toMatchObject({
      begins: expect.toSatisfy((index: number) => index === 0 || index === 1),
    })
    expect(logged.length - heardInside.length).toBeLessThanOrEqual(3)
    expect(gaps).toEqual([])
    const scheduled = entries.filter(
      (entry) =>
        within(entry) &&
        entry.rung === 'scheduled' &&
        msOfSample(entry.startSample) > announced.beganMs + 2 * IN_HAND_MS,
    )
    expect(scheduled.length).toBeGreaterThan(3)
    for (const { itemId, startSample } of scheduled) {
      const start = announced.announcedStart(itemId, msOfSample(startSample) - IN_HAND_MS)
      expect(start, `${itemId} was announced`).not.toBeNull()
      expect(Math.abs(msOfSample(startSample - start!))).toBeLessThan(ANNOUNCED_WITHIN_MS)
    }
  })

  it('each item begins where the log says, by an equal-power crossfade of its length', () => {
    console.table(joins)
    expect(joins.length).toBeGreaterThan(4)
    for (const join of joins) {
      expect(Math.abs(join.startErrorMs)).toBeLessThan(5)
      expect(Math.abs(join.overlapErrorMs)).toBeLessThan(10)
      expect(join.dipDb).toBeGreaterThan(-1)
    }
    expect(joins.filter(({ overlapMs }) => Math.abs(overlapMs - 1_500) < 10).length).toBeGreaterThan(3)
  })

  it('no click and no silence, at the loudness that the station is set to', async () => {
    const inside = sliceOf(heard.pcm, 1024, lengthOf(heard.pcm))
    const cut = sampleAtMs(identMs) - heard.firstSample - 1024
    const except = [{ fromSample: cut - 480, toSample: cut + 1_440 }]
    expect(findClicks(inside, FREQUENCIES, { except })).toEqual([])
    expect(findSilences(inside)).toEqual([])
    const { integratedLufs, truePeakDbtp } = await measureLoudness(inside, systemProcesses)
    console.log(`${integratedLufs} LUFS, ${truePeakDbtp} dBTP`)
    expect(Math.abs(integratedLufs! + 16)).toBeLessThan(1)
    expect(truePeakDbtp!).toBeLessThan(-1)
  })

  it('the fixed-time item begins at its time by the date-times, within one frame', () => {
    const ident = joins.find(({ to }) => to === 'ident')
    const entry = entries.find(({ title }) => title === 'ident')
    const { startSample, programDateTimeMs } = heard.segments.at(-1)!
    const dateTimeErrorMs = programDateTimeMs! - msOfSample(startSample!)
    const errorMs = msOfSample(entry!.startSample) + ident!.startErrorMs + dateTimeErrorMs - identMs
    console.log(`the ident begins ${errorMs.toFixed(2)} ms off its time`)
    expect(Math.abs(errorMs)).toBeLessThan(FRAME_MS)
    // Cut under 20 ms, or, when the song before happened to end just then, joined to its end within a quarter of a second.
    expect(ident!.overlapMs).toBeLessThan(260)
  })
})

it('a player at the edge heard all of it: nothing missing, nothing twice, no stall', async () => {
  enough.abort()
  const report = await listening
  const { seconds } = report.sound!
  const { stallMs, leastBufferSeconds } = report.playback
  console.log(
    `a player: ${seconds.toFixed(0)} s, stall ${stallMs} ms, least buffer ${leastBufferSeconds?.toFixed(1)} s`,
  )
  expect(report.failures).toEqual([])
  expect(seconds).toBeGreaterThan(60)
}, 60_000)
