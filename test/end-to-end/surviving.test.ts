import { readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { msOfSample } from '../../media/timeline.ts'
import { findClicks } from '../oracle/clicks.ts'
import { compareUnits } from '../oracle/compare-units.ts'
import { type EndlessReport, listenToEndless } from '../oracle/endless.ts'
import { listen } from '../oracle/listen.ts'
import { compareOrigins } from '../oracle/origins.ts'
import { lengthOf, sliceOf } from '../oracle/pcm.ts'
import type { ListenReport } from '../oracle/report.ts'
import { itemsHeard } from '../oracle/tone-items.ts'
import { type SeenProcess, signal } from './support/process-tree.ts'
import { Station } from './support/station.ts'
import { EMERGENCY, FREQUENCIES } from './support/tone-music.ts'
import { until } from './support/until.ts'

/** One station and two listeners at its edge, a player and an endless stream, while one part after another dies, hangs or loses its files. */

const station = new Station()
const enough = new AbortController()
const stopped: SeenProcess[] = []
let listening: Promise<ListenReport>
let streaming: Promise<EndlessReport>

beforeAll(async () => {
  await station.prepare({ songsLonger: 2 })
  await station.start()
  await station.plannedFromAll()
  listening = listen(station.master(station.edge), { seconds: 600, enough: enough.signal })
  listening.catch(() => {})
  streaming = listenToEndless(`${station.edge}/stream/${station.id}/high.aac`, { seconds: 600, enough: enough.signal })
  streaming.catch(() => {})
}, 120_000)

afterAll(async () => {
  enough.abort()
  for (const process of stopped) signal(process, 'SIGCONT')
  await station.dispose()
})

const serves = async (origin: string): Promise<boolean> =>
  (await fetch(`${origin}/healthz`)).ok && (await fetch(station.media(origin))).ok

function stop(process: SeenProcess): SeenProcess {
  stopped.push(process)
  signal(process, 'SIGSTOP')
  return process
}

async function expectSameBytes(): Promise<void> {
  const { differences } = await compareOrigins(station.master(station.slicer(1)), station.master(station.slicer(2)))
  expect(differences).toEqual([])
}

/** Resolves when an item has just begun to sound, with what is known of it. */
async function nextItem() {
  const before = (await station.status()).onAir?.itemId
  return until('the next item to begin', async () => {
    const { onAir } = await station.status()
    return onAir && onAir.itemId !== before && onAir.kind === 'music' ? onAir : null
  })
}

describe('what dies or hangs while people listen', () => {
  it.each(['SIGKILL', 'SIGSTOP'] as const)('the encoder gets a %s: another goes on', async (name) => {
    const encoder = station.encoder()
    if (name === 'SIGSTOP') stop(encoder)
    else signal(encoder, name)
    await until('another encoder', () => station.encoder().pid !== encoder.pid)
    await expectSameBytes()
  })

  it('a slicer gets a SIGKILL: it is back within seconds, with the same bytes', async () => {
    const slicer = station.program('slicer-1')
    signal(slicer, 'SIGKILL')
    await until(
      'slicer 1 to serve again',
      () => station.program('slicer-1').pid !== slicer.pid && serves(station.slicer(1)),
    )
    await expectSameBytes()
  })

  it('a slicer hangs (SIGSTOP): the edge leaves it alone until it goes on', async () => {
    const slicer = stop(station.program('slicer-2'))
    await until('slicer 2 to be taken off the list', async () => !(await station.nodes()).serving.includes('slicer-2'))
    signal(slicer, 'SIGCONT')
    await until('slicer 2 to serve again', async () => (await station.nodes()).serving.includes('slicer-2'))
    await expectSameBytes()
  }, 60_000)

  it('a decoder hangs in the middle of an item: another goes on where it stood', async () => {
    const item = await nextItem()
    const path = await until(
      'its entry',
      async () => (await station.asRun()).find(({ itemId }) => itemId === item.itemId)?.path,
    )
    const decoder = stop(
      await until('its decoder', () => station.decoders().find(({ command }) => command.includes(path))),
    )
    await until('the decoder to be given up', () => !station.decoders().some(({ pid }) => pid === decoder.pid))
    expect(station.log('playout').some(({ msg }) => msg === 'decoder lost; another goes on where it stood')).toBe(true)
  }, 60_000)

  it('playout gets a SIGKILL: the frames of its absence are made faster than real time', async () => {
    const playout = station.program('playout')
    signal(playout, 'SIGKILL')
    await until('another playout', () => station.program('playout').pid !== playout.pid)
    await until('playout to be on time again', async () => (await station.status()).lateMs < 100)
    await expectSameBytes()
  })
})

describe('what becomes of the music', () => {
  it('a file is cut short while it is on air: it ends early, and the next item comes', async () => {
    const item = await nextItem()
    const entry = await until('its entry', async () =>
      (await station.asRun()).find(({ itemId }) => itemId === item.itemId),
    )
    truncateSync(entry.path!, Math.floor(statSync(entry.path!).size * 0.3))
    const ended = await until('the end of the item', async () =>
      (await station.asRun()).find(({ itemId, reason }) => itemId === item.itemId && reason.includes('Given up')),
    )
    expect(ended.endSample).toBeLessThan(item.endSample)
  }, 90_000)

  it('the music folder is emptied: the emergency file plays', async () => {
    for (const name of readdirSync(station.music)) rmSync(join(station.music, name), { recursive: true })
    await until('the emergency file to play', async () => (await station.status()).rung === 'emergency', {
      withinMs: 60_000,
    })
    const since = Date.now()
    await until('more of it to be listed than a player takes to notice', async () => {
      const text = await (await fetch(station.media(station.edge))).text()
      const dates = [...text.matchAll(/DATE-TIME:(\S+)/g)].map(([, date]) => Date.parse(date!))
      return Math.max(...dates) > since + 10_000
    })
  }, 90_000)
})

describe('what the two listeners heard of it', () => {
  let report: ListenReport
  let stream: EndlessReport

  beforeAll(async () => {
    enough.abort()
    ;[report, stream] = await Promise.all([listening, streaming])
  })

  it('the player: nothing missing, nothing twice, no stall, no silence', () => {
    const { playback, sound, timeline } = report
    console.log(
      `a player: ${sound!.seconds.toFixed(0)} s, stall ${playback.stallMs} ms, gap ${timeline.gapMs} ms, repeat ${timeline.repeatMs} ms, least buffer ${playback.leastBufferSeconds?.toFixed(1)} s, HTTP errors ${JSON.stringify(report.http.errors)}`,
    )
    expect(report.failures).toEqual([])
    expect(sound!.seconds).toBeGreaterThan(60)
  })

  it('the sound: always a tone of the programme, without a click, the emergency file last', () => {
    const { pcm, firstSample } = report.recording
    const inside = sliceOf(pcm!, 1024, lengthOf(pcm!))
    const { items, gaps } = itemsHeard(inside, FREQUENCIES)
    console.log(
      `from ${new Date(msOfSample(firstSample!)).toISOString()}: ${items.map(({ frequency }) => frequency).join(' ')}`,
    )
    expect(gaps).toEqual([])
    expect(findClicks(inside, FREQUENCIES)).toEqual([])
    expect(items.at(-1)!.frequency).toBe(EMERGENCY.frequency)
  })

  it('the endless stream: the same frames as the segments, every one once', async () => {
    const { endedEarly, headerErrors, stallMs, leastBufferMs, units } = stream
    const truth = report.recording.segments.flatMap((segment) => segment.units)
    const { compared, breaks } = compareUnits(units, truth)
    console.log(
      `an endless stream: ${units.length} frames, ${compared} compared, stall ${stallMs} ms, least buffer ${leastBufferMs?.toFixed(0)} ms`,
    )
    const metrics = await (await fetch(`${station.edge}/metrics`)).text()
    if (breaks.length > 0)
      console.log(
        metrics
          .split('\n')
          .filter((line) => /stream|feed|skipped|source/.test(line))
          .join('\n'),
      )
    expect({ endedEarly, headerErrors, stallMs, breaks }).toEqual({
      endedEarly: null,
      headerErrors: 0,
      stallMs: 0,
      breaks: [],
    })
    // The player began further back than the stream, and either may have been ended a segment before the other.
    expect(compared).toBeGreaterThan(units.length - 2 * 188)
    expect(compared).toBeGreaterThan(60 * 47)
  })
})
