import { describe, expect, it } from 'vitest'
import { mergeAsRun } from '../../../control-center/now-playing/as-run-memory.ts'
import { history, type Known, nowPlaying } from '../../../control-center/now-playing/heard.ts'
import { SAMPLE_RATE } from '../../../media/timeline.ts'
import type { PlacedItem } from '../../../schemas/playout.ts'
import type { AsRunEntry, ItemKind, RundownItem } from '../../../schemas/rundown.ts'
import { songOf } from '../support/fake-library.ts'

const at = (seconds: number): number => seconds * SAMPLE_RATE
const placed = (itemId: string, from: number, to: number, kind: ItemKind = 'music'): PlacedItem => ({
  ...{ itemId, kind, title: itemId, artist: '', rung: 'scheduled' },
  ...{ startSample: at(from), endSample: at(to) },
})
const entry = (itemId: string, from: number, to: number, kind?: ItemKind): AsRunEntry => ({
  ...placed(itemId, from, to, kind),
  ...{ plannedStartSample: null, reason: 'planned', generation: 1 },
})
const planned = (id: string, from: number, seconds: number): RundownItem => ({
  ...songOf(id, seconds),
  ...{ id, startSample: at(from), fadeInSamples: 0, fadeOutSamples: 0, anchored: false, reason: 'planned' },
})
const known: Known = {
  asRun: [
    entry('first', 0, 103),
    entry('jingle', 100, 110, 'jingle'),
    entry('second', 110, 210),
    entry('third', 207, 250),
  ],
  onAir: placed('third', 207, 310),
  next: placed('fourth', 307, 400),
  rundown: {
    ...{
      stationId: 'test-radio',
      version: 1,
      madeAtMs: 0,
      fromSample: 0,
      untilSample: at(600),
      crossfadeSamples: at(3),
    },
    // As it was planned: the second item then broke off, and playout moved the rest up.
    items: [
      planned('second', 110, 300),
      planned('third', 400, 103),
      planned('fourth', 500, 93),
      planned('fifth', 590, 60),
    ],
    reserve: [],
  },
}
const hear = (seconds: number) => nowPlaying(seconds * 1000, 250_000, known)

describe("what a listener hears at the listener's own position", () => {
  it('is what really played then, not what was planned, and not what the studio plays now', () => {
    expect(hear(120).now).toMatchObject({ title: 'second', startedAtMs: 110_000, endsAtMs: 210_000, from: 'as-run' })
    expect(hear(250).now).toMatchObject({ title: 'third', startedAtMs: 207_000, endsAtMs: 310_000, from: 'as-run' })
  })
  it('changes in the middle of a crossfade, as the titles in the stream do', () => {
    expect(hear(208.4).now?.title).toBe('second')
    expect(hear(208.6).now?.title).toBe('third')
  })
  it('has a next that passes over jingles, and comes from playout where playout has placed it', () => {
    expect(hear(50).next).toMatchObject({ title: 'second', from: 'as-run' })
    expect(hear(250).next).toMatchObject({ title: 'fourth', startedAtMs: 307_000, from: 'plan' })
    expect(hear(320).now).toMatchObject({ title: 'fourth', from: 'plan' })
    expect(hear(320).next?.title).toBe('Song fifth')
  })
  it('has a recent past with real starts, newest first, from before that position only', () => {
    expect(hear(250).recent.map(({ title, startedAtMs }) => `${title} ${startedAtMs}`)).toEqual([
      'second 110000',
      'first 0',
    ])
    expect(hear(120).recent.map(({ title }) => title)).toEqual(['first'])
  })
  it('has no hole where the log was read while an item was on air, and playout has gone on since', () => {
    const late: Known = { ...known, asRun: [entry('second', 110, 190)] }
    expect(nowPlaying(200_000, 250_000, late).now).toMatchObject({ title: 'second', endsAtMs: 207_000 })
    const dead: Known = { ...known, asRun: [entry('second', 110, 120)] }
    expect(nowPlaying(200_000, 250_000, dead).now).toBeNull()
  })
  it('is nothing where nothing is known', () => {
    expect(nowPlaying(5_000, 5_000, { asRun: [], onAir: null, next: null, rundown: null })).toEqual({
      ...{ atMs: 5_000, nowMs: 5_000 },
      ...{ now: null, next: null, recent: [] },
    })
    expect(hear(100_000).now).toBeNull()
  })
})

describe('the history', () => {
  it('is what played, newest first, each item once, without jingles', () => {
    expect(history(known, 10).map(({ title }) => title)).toEqual(['third', 'second', 'first'])
    expect(history(known, 1).map(({ title }) => title)).toEqual(['third'])
  })
})

describe('the memory of the as-run log', () => {
  it('takes in an entry again with its real end, and lets go of what is too old', () => {
    const before = [entry('first', 0, 100), entry('second', 100, 150)]
    const news = [entry('second', 100, 200), entry('third', 200, 210)]
    expect(mergeAsRun(before, news, at(110)).map(({ itemId, endSample }) => `${itemId} ${endSample}`)).toEqual([
      `second ${at(200)}`,
      `third ${at(210)}`,
    ])
  })
})
