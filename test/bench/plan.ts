import { freshCursors } from '../../control-center/schedule/cursors.ts'
import { committedItems, planRundown } from '../../control-center/schedule/plan.ts'
import { sampleAtMs } from '../../media/timeline.ts'
import { systemClock } from '../../platform/clock.ts'
import { madeLibrary, madePlayable, madeSongs, madeStation } from '../control-center/schedule/made-library.ts'
import type { Bench } from './bench.ts'
import { printTable, quantileOf } from './parts/table.ts'

const FILES = 10_000
const RUNS = 15
const HOUR_MS = 3_600_000
const FROM_MS = Date.UTC(2026, 5, 1, 12)

export const plan: Bench = {
  name: 'plan',
  about: `a plan of 24 hours over ${FILES.toLocaleString('en')} files`,
  async run() {
    const station = madeStation('Europe/Berlin', {
      rotation: { source: { folder: 'music' } },
      jingles: { source: { folder: 'jingles' }, everyItems: 4 },
      shows: [{ name: 'Evening', start: '20:15', end: '22:15', source: { folder: 'evening' } }],
      fixed: [{ name: 'Top of the hour', at: { everyHourAt: '00:00' }, source: { file: 'ident.wav' } }],
    })
    const library = () =>
      madeLibrary({
        music: madeSongs('/music', FILES - 203, 2_000),
        evening: madeSongs('/evening', 200, 80),
        jingles: [madePlayable('/jingles/1.wav', 5), madePlayable('/jingles/2.wav', 7)],
        'ident.wav': [madePlayable('/ident.wav', 8)],
      })
    const span = (nowMs: number) => ({
      fromSample: sampleAtMs(nowMs),
      untilSample: sampleAtMs(nowMs + 24 * HOUR_MS),
      nowMs,
    })
    const first: number[] = []
    const again: number[] = []
    let items = 0
    let bytes = 0
    for (let run = 0; run < RUNS; run++) {
      const held = library()
      const [made, madeMs] = timed(() =>
        planRundown({ station, library: held, cursors: freshCursors, version: 1, ...span(FROM_MS) }),
      )
      const nowMs = FROM_MS + 10 * 60_000
      const [, anewMs] = timed(() =>
        planRundown({
          station,
          library: held,
          keep: committedItems(made.rundown, nowMs),
          cursors: made.cursors,
          version: 2,
          ...span(nowMs),
        }),
      )
      first.push(madeMs)
      again.push(anewMs)
      items = made.rundown.items.length
      bytes = JSON.stringify(made.rundown).length
    }
    const row = (what: string, ms: readonly number[]) => ({
      what,
      'median ms': quantileOf(ms, 0.5).toFixed(1),
      'worst ms (cold code)': Math.max(...ms).toFixed(1),
      items,
      'kB as JSON': Math.round(bytes / 1000),
    })
    printTable([row('the first plan, library just scanned', first), row('planned anew ten minutes later', again)])
  },
}

function timed<T>(work: () => T): [T, number] {
  const startMs = systemClock.monotonicMs()
  const result = work()
  return [result, systemClock.monotonicMs() - startMs]
}
