import { DateTime } from 'luxon'
import { describe, expect, it } from 'vitest'
import { freshCursors } from '../../../control-center/schedule/cursors.ts'
import { committedItems, type Plan, planRundown } from '../../../control-center/schedule/plan.ts'
import { msOfSample, sampleAtMs } from '../../../media/timeline.ts'
import { check } from '../../../schemas/check.ts'
import { Rundown, type RundownItem } from '../../../schemas/rundown.ts'
import { madeLibrary, madePlayable, madeSongs, madeStation, seconds } from './made-library.ts'
import { endOf, flawsOf } from './rundown-checks.ts'

const HOUR_MS = 3_600_000
const CROSSFADE = seconds(3)
const berlin = (text: string): number => DateTime.fromISO(text, { zone: 'Europe/Berlin' }).toMillis()

const library = madeLibrary({
  music: madeSongs('/m/music', 300, 60),
  evening: madeSongs('/m/evening', 60, 20),
  serial: [1, 2, 3, 4, 5].map((part) => madePlayable(`/m/serial/${part}.mp3`, 25 * 60)),
  'mix.mp3': [madePlayable('/m/mix.mp3', 3 * 3600)],
  jingles: [madePlayable('/m/j/1.wav', 5), madePlayable('/m/j/2.wav', 7)],
  'ident.wav': [madePlayable('/m/ident.wav', 8)],
})

const TOP_OF_HOUR = { name: 'Top of the hour', at: { everyHourAt: '00:00' }, source: { file: 'ident.wav' } }
const EVENING = { name: 'Evening', start: '20:00', end: '22:00', source: { folder: 'evening' } }
const ROTATION = { source: { folder: 'music' } }

function plan(programme: object, more: Partial<Parameters<typeof planRundown>[0]> = {}, hours = 24): Plan {
  const nowMs = berlin('2026-06-01T12:10:00')
  return planRundown({
    station: madeStation('Europe/Berlin', { rotation: ROTATION, ...programme }),
    library,
    fromSample: sampleAtMs(nowMs),
    untilSample: sampleAtMs(nowMs + hours * HOUR_MS),
    cursors: freshCursors,
    version: 1,
    nowMs,
    ...more,
  })
}

const line = (item: RundownItem): string => JSON.stringify(item)
const startMs = (item: RundownItem): number => msOfSample(item.startSample)

describe('a day of the rundown', () => {
  it('fits its schema, has no hole, and unique ids', () => {
    const { rundown, warnings } = plan({
      shows: [EVENING],
      fixed: [TOP_OF_HOUR],
      jingles: { source: { folder: 'jingles' } },
    })
    expect(check(Rundown, rundown).ok).toBe(true)
    expect(flawsOf(rundown.items, CROSSFADE)).toEqual([])
    expect(rundown.items[0]!.startSample).toBe(rundown.fromSample)
    expect(endOf(rundown.items.at(-1)!)).toBe(rundown.untilSample)
    expect(new Set(rundown.items.map(({ id }) => id)).size).toBe(rundown.items.length)
    expect(warnings).toEqual([])
    expect(rundown.reserve.length).toBeGreaterThan(20)
  })

  it('starts each ident on its sample, and loses at most some seconds of the song before it', () => {
    const { rundown } = plan({ fixed: [TOP_OF_HOUR] })
    const idents = rundown.items.filter(({ kind }) => kind === 'ident')
    expect(idents.map(startMs)).toEqual(
      Array.from({ length: 24 }, (_, hour) => berlin('2026-06-01T13:00:00') + hour * HOUR_MS),
    )
    const cut = rundown.items.flatMap(({ uncutSamples, lengthSamples }) =>
      uncutSamples ? [uncutSamples - lengthSamples] : [],
    )
    expect(Math.max(...cut)).toBeLessThan(seconds(20))
  })

  it('begins a show at its local time, names it on its items, and goes back to the rotation after it', () => {
    const { rundown } = plan({ shows: [EVENING] })
    const evening = rundown.items.filter(({ show }) => show === 'Evening')
    expect(startMs(evening[0]!)).toBe(berlin('2026-06-01T20:00:00'))
    expect(evening[0]!.anchored).toBe(true)
    expect(evening.every(({ path }) => path.startsWith('/m/evening/'))).toBe(true)
    const overrunMs = msOfSample(endOf(evening.at(-1)!)) - berlin('2026-06-01T22:00:00')
    expect(Math.abs(overrunMs)).toBeLessThan(60_000)
    const after = rundown.items[rundown.items.indexOf(evening.at(-1)!) + 1]!
    expect(after.path.startsWith('/m/music/')).toBe(true)
  })

  it('begins the show right after the ident when both are due at the same time', () => {
    const { rundown } = plan({ shows: [EVENING], fixed: [TOP_OF_HOUR] })
    const first = rundown.items.findIndex(({ show }) => show === 'Evening')
    expect(rundown.items[first - 1]).toMatchObject({ kind: 'ident' })
    expect(startMs(rundown.items[first - 1]!)).toBe(berlin('2026-06-01T20:00:00'))
    expect(rundown.items[first]!.anchored).toBe(false)
  })

  it('plays a jingle after every third song', () => {
    const { rundown } = plan({ jingles: { source: { folder: 'jingles' }, everyItems: 3 } })
    expect(
      rundown.items
        .slice(0, 12)
        .map(({ kind }) => (kind === 'jingle' ? 'j' : 's'))
        .join(''),
    ).toBe('sssjsssjsssj')
  })

  it('cuts one long file at the end of its show, and says so', () => {
    const { rundown, warnings } = plan({
      shows: [{ name: 'Mix', start: '14:00', end: '16:00', source: { file: 'mix.mp3' } }],
    })
    const mix = rundown.items.filter(({ show }) => show === 'Mix')
    expect(mix).toHaveLength(1)
    expect(startMs(mix[0]!)).toBe(berlin('2026-06-01T14:00:00'))
    expect(msOfSample(endOf(mix[0]!))).toBe(berlin('2026-06-01T16:00:00') + 20)
    expect(warnings.map(({ sentence }) => sentence)).toContain(
      '"Mix" lasts 120 min, but the file "mix.mp3" lasts 180 min: it is cut at the end of the show.',
    )
  })

  it('goes on with a long file after the ident that cut it, from where it was', () => {
    const { rundown } = plan({
      fixed: [TOP_OF_HOUR],
      shows: [{ name: 'Mix', start: '13:30', end: '15:30', source: { file: 'mix.mp3' } }],
    })
    const mix = rundown.items.filter(({ show }) => show === 'Mix')
    expect(mix).toHaveLength(3)
    mix.slice(1).forEach((part, index) => {
      const before = mix[index]!
      expect(part.cueInSample).toBe(before.cueInSample + before.lengthSamples - before.fadeOutSamples)
    })
    expect(startMs(mix[1]!)).toBeCloseTo(berlin('2026-06-01T14:00:08') - 250, 0)
  })

  it('keeps a fixed time even while a show waits for the end of a song', () => {
    for (const time of ['20:00:12', '20:00:45', '20:02:30']) {
      const fixed = [{ name: 'News', at: { time }, source: { file: 'ident.wav' } }]
      const shows = [{ ...EVENING, waitSecondsMax: 300 }]
      const few = madeLibrary({
        music: [madePlayable('/m/1.mp3', 433)],
        evening: [madePlayable('/m/e.mp3', 200)],
        'ident.wav': [madePlayable('/m/ident.wav', 8)],
      })
      const { rundown, warnings } = plan({ shows, fixed }, { library: few })
      const ident = rundown.items.find(({ kind }) => kind === 'ident')!
      expect(startMs(ident)).toBe(berlin(`2026-06-01T${time}`))
      expect(warnings.map(({ kind }) => kind)).not.toContain('time')
    }
  })

  it('never begins a show before its time, however little of the programme before it is left', () => {
    const shows = Array.from({ length: 20 }, (_, index) => ({
      name: `Part ${index}`,
      start: `${13 + Math.floor(index / 2)}:${index % 2 ? '41' : '07'}:${10 + index}`,
      end: `${13 + Math.floor(index / 2)}:${index % 2 ? '55' : '23'}`,
      source: { folder: 'serial' },
      order: 'in-order',
    }))
    const few = madeLibrary({ music: [madePlayable('/m/1.mp3', 100)], serial: [madePlayable('/m/part.mp3', 200)] })
    const { rundown } = plan({ shows }, { library: few })
    for (const { name, start } of shows) {
      const first = rundown.items.find(({ show }) => show === name)!
      expect([name, startMs(first)]).toEqual([name, berlin(`2026-06-01T${start}`)])
    }
  })

  it('closes the gap before an ident in a serial with something else than what the serial plays next', () => {
    const parts = [1, 2, 3, 4, 5].map((part) => madePlayable(`/m/serial/${part}.mp3`, 293))
    const music = [...parts, ...[6, 7].map((part) => madePlayable(`/m/serial/${part}.mp3`, 293))]
    const { rundown } = plan(
      {
        shows: [{ name: 'Serial', start: '13:00', end: '13:20', source: { folder: 'parts' }, order: 'in-order' }],
        fixed: [{ name: 'News', at: { time: '13:05:02' }, source: { file: 'ident.wav' } }],
      },
      { library: madeLibrary({ music, parts, 'ident.wav': [madePlayable('/m/ident.wav', 8)] }) },
    )
    const ident = rundown.items.findIndex(({ kind }) => kind === 'ident')
    const [gap, , part] = rundown.items.slice(ident - 1)
    expect(gap).toMatchObject({ reason: 'Closes the gap before "News".' })
    expect(part).toMatchObject({ show: 'Serial', path: '/m/serial/2.mp3' })
    expect(gap!.path).not.toBe(part!.path)
  })

  it('leaves a show that started earlier for one that starts within it, and comes back', () => {
    const inner = { name: 'News', start: '20:30', end: '20:40', source: { folder: 'music' } }
    const { rundown, warnings } = plan({ shows: [EVENING, inner] })
    const order = rundown.items
      .map(({ show }) => show ?? 'rotation')
      .filter((show, index, all) => show !== all[index - 1])
    expect(order).toEqual(['rotation', 'Evening', 'News', 'Evening', 'rotation'])
    expect(warnings.map(({ kind }) => kind)).toEqual(['overlap'])
  })

  it('waits for a song that ends in time, when the show may', () => {
    const { rundown } = plan({ shows: [{ ...EVENING, waitSecondsMax: 60 }] })
    const at = rundown.items.findIndex(({ show }) => show === 'Evening')
    const late = rundown.items[at]!.startSample - sampleAtMs(berlin('2026-06-01T20:00:00'))
    expect(late).toBeGreaterThanOrEqual(0)
    expect(late).toBeLessThanOrEqual(seconds(60))
    expect(rundown.items[at - 1]!.uncutSamples).toBeUndefined()
  })
})

describe('choosing', () => {
  it('plays all songs of the rotation before it begins anew, the same ones and artists far apart', () => {
    const { rundown } = plan({}, {}, 40)
    const paths = rundown.items.map(({ path }) => path)
    expect(paths.length).toBeGreaterThan(400)
    expect(new Set(paths.slice(0, 300)).size).toBeGreaterThanOrEqual(288)
    expect(new Set(paths).size).toBe(300)
    paths.forEach((path, index) => {
      expect(paths.slice(Math.max(0, index - 100), index)).not.toContain(path)
    })
    rundown.items.forEach(({ artist }, index) => {
      expect(rundown.items.slice(Math.max(0, index - 2), index).map((other) => other.artist)).not.toContain(artist)
    })
  })

  it('goes on with a serial where it stopped the day before', () => {
    const serial = { name: 'Serial', start: '18:00', end: '18:50', order: 'in-order', source: { folder: 'serial' } }
    const { rundown } = plan({ shows: [serial] }, {}, 80)
    const parts = rundown.items.filter(({ show }) => show === 'Serial').map(({ title }) => title)
    expect(parts.slice(0, 6)).toEqual(['1.mp3', '2.mp3', '3.mp3', '4.mp3', '5.mp3', '1.mp3'])
  })

  it('orders another station differently, and the same station alike', () => {
    const paths = (id: string) =>
      plan({}, { station: madeStation('UTC', { rotation: ROTATION }, { id }) }).rundown.items.map(({ path }) => path)
    expect(paths('one')).toEqual(paths('one'))
    expect(paths('one').slice(0, 10)).not.toEqual(paths('two').slice(0, 10))
  })
})

describe('planning again', () => {
  const programme = { shows: [EVENING], fixed: [TOP_OF_HOUR], jingles: { source: { folder: 'jingles' } } }
  const laterMs = berlin('2026-06-01T14:37:11')
  const first = plan(programme)
  const again = (more: Partial<Parameters<typeof planRundown>[0]> = {}): Plan =>
    plan(programme, {
      nowMs: laterMs,
      fromSample: sampleAtMs(laterMs),
      untilSample: sampleAtMs(laterMs + 24 * HOUR_MS),
      keep: committedItems(first.rundown, laterMs),
      cursors: first.cursors,
      version: 2,
      ...more,
    })

  it('changes nothing when nothing has changed', () => {
    const { rundown } = again()
    const still = first.rundown.items.filter((item) => endOf(item) > rundown.fromSample)
    const settled = still.slice(0, -15)
    expect(rundown.items.slice(0, settled.length).map(line)).toEqual(settled.map(line))
  })

  it('leaves what is on air and what is about to start as it was, when everything else is new', () => {
    const { rundown } = again({
      station: madeStation('Europe/Berlin', { rotation: { source: { folder: 'evening' } } }),
    })
    const kept = committedItems(first.rundown, laterMs).filter((item) => endOf(item) > rundown.fromSample)
    expect(kept.length).toBeGreaterThan(0)
    expect(rundown.items.slice(0, kept.length)).toEqual(kept)
    expect(rundown.items.slice(kept.length).every(({ path }) => path.startsWith('/m/evening/'))).toBe(true)
  })

  it('moves few songs when one file is removed', () => {
    const gone = again().rundown.items[12]!.path
    const songs = madeSongs('/m/music', 300, 60).filter(({ path }) => path !== gone)
    const without = madeLibrary({
      music: songs,
      evening: madeSongs('/m/evening', 60, 20),
      jingles: library.resolve({ folder: 'jingles' }).playables,
      'ident.wav': library.resolve({ file: 'ident.wav' }).playables,
    })
    const { rundown } = again({ library: without })
    expect(rundown.items.map(({ path }) => path)).not.toContain(gone)
    const before = new Set(again().rundown.items.map(({ path }) => path))
    const known = rundown.items.filter(({ path }) => before.has(path))
    expect(known.length / rundown.items.length).toBeGreaterThan(0.9)
  })

  it('takes its cursors through JSON', () => {
    const stored = JSON.parse(JSON.stringify(first.cursors))
    expect(again({ cursors: stored }).rundown).toEqual(again().rundown)
  })

  it('places an ident that has just been written into the station file', () => {
    const at = { name: 'Extra', at: { time: '14:50:30' }, source: { file: 'ident.wav' } }
    const { rundown } = again({
      station: madeStation('Europe/Berlin', { rotation: ROTATION, ...programme, fixed: [TOP_OF_HOUR, at] }),
    })
    const extra = rundown.items.find(({ id }) => id.startsWith('at-extra.'))!
    expect(startMs(extra)).toBe(berlin('2026-06-01T14:50:30'))
    expect(flawsOf(rundown.items, CROSSFADE)).toEqual([])
  })

  it('says so when an ident is written into the station file for a time that is taken by what is on air', () => {
    const kept = committedItems(first.rundown, laterMs)
    const onAir = kept.at(-1)!
    const atMs = Math.ceil((Math.max(startMs(onAir), laterMs) + 20_000) / 1000) * 1000
    const time = DateTime.fromMillis(atMs, { zone: 'Europe/Berlin' }).toFormat('HH:mm:ss')
    const fixed = [TOP_OF_HOUR, { name: 'Flash', at: { time }, source: { file: 'ident.wav' } }]
    const { rundown, warnings } = again({ station: madeStation('Europe/Berlin', { rotation: ROTATION, fixed }) })
    expect(
      rundown.items.some(({ reason, startSample }) => reason.includes('Flash') && startSample < endOf(onAir)),
    ).toBe(false)
    expect(warnings.map(({ sentence }) => sentence)).toContainEqual(
      expect.stringMatching(/^"Flash" of .* is left out: what plays then was already on air, or about to be\.$/),
    )
    expect(again().warnings).toEqual([])
  })
})

describe('when there is little or nothing to play', () => {
  it('plans nothing from an empty library, and says so', () => {
    const { rundown, warnings } = plan({ fixed: [TOP_OF_HOUR] }, { library: madeLibrary({}) })
    expect(rundown.items).toEqual([])
    expect(rundown.reserve).toEqual([])
    expect(warnings.map(({ sentence }) => sentence)).toEqual([
      'Nothing in the folder "music" is playable (there is no such thing): the rundown is empty, the emergency programme plays.',
      'Nothing in the file "ident.wav" is playable (there is no such thing): "Top of the hour" is left out.',
      'Nothing at all is playable for 1440 min: the emergency programme plays.',
    ])
  })

  it('plays the rotation in place of a show whose folder is empty', () => {
    const { rundown, warnings } = plan({ shows: [{ ...EVENING, source: { folder: 'nothing' } }] })
    expect(flawsOf(rundown.items, CROSSFADE)).toEqual([])
    expect(rundown.items.some(({ show }) => show === 'Evening')).toBe(false)
    expect(warnings[0]!.sentence).toContain('"Evening" is replaced by the rotation')
  })

  it('plays the one song there is again and again', () => {
    const { rundown } = plan(
      { fixed: [TOP_OF_HOUR] },
      { library: madeLibrary({ music: [madePlayable('/one.mp3', 200)], 'ident.wav': [madePlayable('/i.wav', 8)] }) },
    )
    expect(flawsOf(rundown.items, CROSSFADE)).toEqual([])
    expect(rundown.items.filter(({ kind }) => kind === 'ident')).toHaveLength(24)
  })

  it('fills the hours around the only show with its own songs when there is no rotation', () => {
    const { rundown } = plan({ rotation: { source: { folder: 'nothing' } }, shows: [EVENING] })
    expect(flawsOf(rundown.items, CROSSFADE)).toEqual([])
    expect(startMs(rundown.items.find(({ show }) => show === 'Evening')!)).toBe(berlin('2026-06-01T20:00:00'))
  })

  it('names the files that cannot be played', () => {
    const broken = madeLibrary({ music: madeSongs('/m', 20, 5) }, [
      { path: '/m/broken.mp3', reason: 'It ends in the middle of a frame.' },
    ])
    const { warnings } = plan({ rotation: {} }, { library: broken })
    expect(warnings.map(({ sentence }) => sentence)).toEqual([
      '"/m/broken.mp3" is not planned: It ends in the middle of a frame.',
    ])
  })
})

describe('a large library', () => {
  it('plans a day over 10,000 files in well under 200 ms', () => {
    const large = madeLibrary({ music: madeSongs('/m/music', 10_000, 900), 'ident.wav': [madePlayable('/i.wav', 8)] })
    const times = [1, 2, 3].map(() => {
      const before = performance.now()
      const { rundown } = plan({ fixed: [TOP_OF_HOUR] }, { library: large })
      expect(rundown.items.length).toBeGreaterThan(300)
      return performance.now() - before
    })
    expect(Math.min(...times)).toBeLessThan(200)
  })
})
