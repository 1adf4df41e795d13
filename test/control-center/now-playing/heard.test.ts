import { describe, expect, it } from 'vitest'
import { mergeAsRun } from '../../../control-center/now-playing/as-run-memory.ts'
import { history, type Known, nowPlaying } from '../../../control-center/now-playing/heard.ts'
import { createKnown } from '../../../control-center/now-playing/known.ts'
import { SAMPLE_RATE } from '../../../media/timeline.ts'
import type { PlacedItem, PlayoutStatus } from '../../../schemas/playout.ts'
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

describe('while somebody is live', () => {
  const nowMs = 400_000
  const voice: PlacedItem = {
    ...{ itemId: 'live-1', kind: 'live', rung: 'live', title: 'The Evening Show', artist: 'Anna Anchor' },
    ...{ startSample: at(240), endSample: at(380) },
  }
  const status = (change: Partial<PlayoutStatus>): PlayoutStatus => ({
    ...{ stationId: 's', generation: 1, nowMs, clock: { wallOffsetMs: 0, alarm: null }, newestFrame: {}, rung: 'live' },
    ...{ firstAvailableFrame: 0, lateMs: 0, onAir: voice, next: null, rundownVersion: 1, rundownUntilMs: 0 },
    ...{ targetsVersion: 1, targets: [], counters: { encoderRestarts: 0, stepsDown: {}, framesLost: 0 }, alarms: [] },
    ...change,
  })
  const asRun = [entry('first', 0, 103), entry('second', 100, 240), { ...entry('live-1', 240, 330, 'live'), ...voice }]
  const during = (next: PlacedItem | null) =>
    createKnown({ asRun: () => asRun, status: () => status({ next }), rundown: () => known.rundown })()

  it('the listener reads who it is, however long it goes on', () => {
    for (const atMs of [250_000, 379_000, 395_000, 400_000, 420_000])
      expect(nowPlaying(atMs, nowMs, during(null)).now).toMatchObject({
        ...{ kind: 'live', title: 'The Evening Show', artist: 'Anna Anchor', startedAtMs: 240_000 },
      })
    expect(nowPlaying(120_000, nowMs, during(null)).now?.title).toBe('second')
  })

  it('next is what playout would go on with, and nothing of the plan that live has pushed away', () => {
    expect(nowPlaying(nowMs, nowMs, during(null)).next).toBeNull()
    const { now, next, recent } = nowPlaying(nowMs, nowMs, during(placed('third', 250, 353)))
    expect([now?.title, next?.title]).toEqual(['The Evening Show', 'third'])
    expect(next!.startedAtMs).toBeGreaterThan(nowMs)
    expect(next!.endsAtMs - next!.startedAtMs).toBe(103_000)
    expect(recent.map(({ title }) => title)).toEqual(['second', 'first'])
  })

  it('and after it: it is history, and the next song is on', () => {
    const onAir = placed('third', 400, 503)
    const ended = { ...entry('live-1', 240, 403, 'live'), title: 'The Evening Show', artist: 'Anna Anchor' }
    const after = { asRun: [...asRun.slice(0, 2), ended, { ...onAir, ...entry('third', 400, 405) }], onAir }
    const all: Known = { ...after, next: null, rundown: known.rundown }
    expect(nowPlaying(404_000, 404_000, all).now?.title).toBe('third')
    expect(history(all, 3).map(({ kind, title }) => [kind, title])).toEqual([
      ['music', 'third'],
      ['live', 'The Evening Show'],
      ['music', 'second'],
    ])
  })
})
