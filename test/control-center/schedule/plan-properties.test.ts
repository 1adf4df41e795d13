import fc from 'fast-check'
import { expect, it } from 'vitest'
import { freshCursors } from '../../../control-center/schedule/cursors.ts'
import { committedItems, planRundown } from '../../../control-center/schedule/plan.ts'
import { SAMPLE_RATE, sampleAtMs } from '../../../media/timeline.ts'
import { check } from '../../../schemas/check.ts'
import { Rundown } from '../../../schemas/rundown.ts'
import { madeLibrary, madePlayable, madeSongs, madeStation, seconds } from './made-library.ts'
import { endOf, flawsOf } from './rundown-checks.ts'

const HOUR_MS = 3_600_000
const CROSSFADE = seconds(3)

const library = madeLibrary({
  large: madeSongs('/m/large', 200, 30),
  small: madeSongs('/m/small', 3, 1),
  long: [40, 75, 130].map((length) => madePlayable(`/m/long/${length}.mp3`, length * 60)),
  short: [2, 9, 14, 25].map((length) => madePlayable(`/m/short/${length}.wav`, length)),
  'one.mp3': [madePlayable('/m/one.mp3', 5_000)],
})

const source = fc.constantFrom(
  { folder: 'large' },
  { folder: 'small' },
  { folder: 'long' },
  { folder: 'short' },
  { file: 'one.mp3' },
  { folder: 'gone' },
)
const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '15', '29', '30', '59'))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`)
const waitSecondsMax = fc.constantFrom(0, 0, 30, 600)
const order = fc.constantFrom('shuffle', 'in-order')
const shows = fc.array(
  fc.record({ name: fc.constantFrom('A', 'B', 'C'), start: time, end: time, source, order, waitSecondsMax }),
  { maxLength: 6 },
)
const at = fc.oneof(fc.record({ everyHourAt: fc.constantFrom('00:00', '29:50', '30:00') }), fc.record({ time }))
const fixed = fc.array(fc.record({ name: fc.constantFrom('X', 'Y'), at, source, waitSecondsMax }), { maxLength: 3 })
const worlds = fc.record({
  programme: fc.record({
    rotation: fc.record({
      source: fc.constantFrom({ folder: 'large' }, { folder: 'small' }, { folder: 'short' }),
      order,
    }),
    shows,
    fixed,
    jingles: fc.constantFrom(undefined, { source: { folder: 'short' }, everyItems: 2 }),
  }),
  zone: fc.constantFrom('Europe/Berlin', 'Australia/Lord_Howe', 'UTC'),
  nowMs: fc.integer({ min: Date.UTC(2026, 2, 26), max: Date.UTC(2026, 3, 6) }),
  laterMs: fc.integer({ min: 0, max: 12 * HOUR_MS }),
})

it('whatever the programme: no hole, no overlap but fades, unique ids, and a re-plan that goes on with what was committed', () => {
  fc.assert(
    fc.property(worlds, ({ programme, zone, nowMs, laterMs }) => {
      const station = madeStation(zone, JSON.parse(JSON.stringify(programme)))
      const until = (ms: number) => ({
        fromSample: sampleAtMs(ms),
        untilSample: sampleAtMs(ms + 12 * HOUR_MS),
        nowMs: ms,
      })
      const first = planRundown({ station, library, cursors: freshCursors, version: 1, ...until(nowMs) })
      const keep = committedItems(first.rundown, nowMs + laterMs)
      const again = planRundown({
        station,
        library,
        keep,
        cursors: first.cursors,
        version: 2,
        ...until(nowMs + laterMs),
      })
      for (const { rundown } of [first, again]) {
        expect(check(Rundown, rundown).ok).toBe(true)
        expect(flawsOf(rundown.items, CROSSFADE)).toEqual([])
        expect(rundown.items[0]!.startSample).toBeLessThanOrEqual(rundown.fromSample)
        expect(endOf(rundown.items.at(-1)!)).toBeGreaterThanOrEqual(rundown.untilSample)
        expect(new Set(rundown.items.map(({ id }) => id)).size).toBe(rundown.items.length)
      }
      const kept = keep.filter((item) => endOf(item) > again.rundown.fromSample)
      expect(again.rundown.items.slice(0, kept.length)).toEqual(kept)
    }),
    { numRuns: 20 },
  )
}, 60_000)

it('whatever the programme: a fixed item is on its sample, unless it waited or another one was due in the same second', () => {
  fc.assert(
    fc.property(worlds, ({ programme, zone, nowMs }) => {
      const station = madeStation(zone, JSON.parse(JSON.stringify(programme)))
      const untilSample = sampleAtMs(nowMs + 12 * HOUR_MS)
      const { rundown } = planRundown({
        station,
        library,
        cursors: freshCursors,
        version: 1,
        fromSample: sampleAtMs(nowMs),
        untilSample,
        nowMs,
      })
      rundown.items.forEach((item, index) => {
        if (!item.fixed) return
        const due = sampleAtMs(item.fixed.atMs)
        const late = item.startSample - due
        const before = rundown.items[index - 1]
        const isHeld = before?.fixed !== undefined && due - before.startSample < SAMPLE_RATE
        const isWaiting = late > 0 && late <= seconds(item.fixed.waitSecondsMax)
        expect(late === 0 || isHeld || isWaiting).toBe(true)
      })
    }),
    { numRuns: 20 },
  )
}, 60_000)
