import { describe, expect, it } from 'vitest'
import { renderTones, type ToneItem } from '../oracle/synthetic-tones.ts'
import { trackTones } from '../oracle/tone-levels.ts'
import { hearTurns } from '../oracle/turns.ts'
import { bufferOf } from './parts/handoff-cases.ts'
import { deficitMs, figuresOf, type HandoffFigures, type Mark } from './parts/handoff-figures.ts'
import type { PublishedSegment } from './parts/handoff-recording.ts'
import { rowOf, whereBeaten } from './parts/handoff-row.ts'

/** A stream that began at this moment of the wall, in segments of 4 s that are listed 500 ms after their end. */
const BEGAN_MS = 1_000_000
const FREQUENCIES = { first: 4600, usual: 4200, last: 5000 }
const PROGRAMME = [440, 700]

const item = (frequency: number, from: number, to: number, fadeIn = 0, fadeOut = 0): ToneItem => ({
  frequency,
  startSample: Math.round(from * 48),
  endSample: Math.round(to * 48),
  fadeInSamples: fadeIn * 48,
  fadeOutSamples: fadeOut * 48,
})

const segment = (index: number, listedMs: number, samples = 4_000 * 48, discontinuity = false): PublishedSegment => ({
  sequence: index,
  discontinuity,
  arrivedMs: index === 0 ? null : BEGAN_MS + listedMs,
  dateTimeMs: null,
  samples,
})

/** Listed as they come, or later by what each segment says. */
const segmentsOf = (count: number, laterMs: (index: number) => number = () => 0): PublishedSegment[] =>
  Array.from({ length: count }, (_, index) => segment(index, (index + 1) * 4_000 + 500 + laterMs(index)))

function figures(items: ToneItem[], marks: Mark[], segments = segmentsOf(6)): HandoffFigures {
  const pcm = renderTones(items, 24_000 * 48)
  return figuresOf({
    anchor: 'anchor',
    heard: hearTurns(pcm, [
      { name: 'programme', frequencies: PROGRAMME },
      { name: 'anchor', frequencies: Object.values(FREQUENCIES) },
    ]),
    segments,
    marks: marks.map(({ kind, atMs }) => ({ kind, atMs: BEGAN_MS + atMs })),
    first: trackTones(pcm, [FREQUENCIES.first], 5),
    last: trackTones(pcm, [FREQUENCIES.last], 5),
    programme: trackTones(pcm, PROGRAMME, 20),
  })
}

const crossfaded = [
  item(440, 0, 7_500, 0, 500),
  item(FREQUENCIES.first, 7_000, 8_000, 500, 0),
  item(FREQUENCIES.usual, 8_000, 12_000),
  item(FREQUENCIES.last, 12_000, 13_000, 0, 500),
  item(700, 12_500, 24_000, 500, 0),
]
const LIVE: Mark = { kind: 'live', atMs: 6_300 }
const END: Mark = { kind: 'end', atMs: 13_000 }

describe('what a change cost', () => {
  it('a crossfade into live and one out of it cost nothing', () => {
    const { into, ended, dropped, deficitMsPerChange, discontinuities } = figures(crossfaded, [LIVE, END])
    expect(dropped).toEqual([])
    expect(discontinuities).toBe(0)
    expect(deficitMsPerChange).toBe(0)
    const [live] = into
    expect(live!.gapMs).toBe(0)
    expect(Math.abs(live!.overlapMs - 500)).toBeLessThan(40)
    // Made 500 ms before the wall says so, by the delay of the listing: 1,200 ms after the click.
    expect(Math.abs(live!.toHeardMs! - 1_200)).toBeLessThan(30)
    expect(Math.abs(live!.toAloneMs! - 1_700)).toBeLessThan(30)
    // Its first sound is in the segment that was listed 8.5 s after the beginning.
    expect(live!.toEdgeMs).toBe(8_500 - 6_300)
    expect(live!.firstLostMs).toBeLessThan(30)
    const [out] = ended
    expect(out!.gapMs).toBe(0)
    expect(out!.lastLostMs).toBeLessThan(30)
    expect(out!.oldItemMs).toBe(0)
    expect(rowOf('this', figures(crossfaded, [LIVE, END]))).toMatchObject({ 'gap in': '0', 'old item again': '0' })
  })

  it('a hole, words that are cut off, and the old song once more are told', () => {
    const items = [
      item(440, 0, 7_000),
      item(FREQUENCIES.first, 7_100, 7_500),
      item(FREQUENCIES.usual, 7_500, 12_000),
      item(FREQUENCIES.last, 12_000, 12_700),
      item(440, 12_700, 14_200),
      item(700, 14_200, 24_000),
    ]
    const { into, ended } = figures(items, [LIVE, END])
    expect(Math.abs(into[0]!.gapMs - 100)).toBeLessThan(8)
    expect(Math.abs(into[0]!.firstLostMs - 600)).toBeLessThan(30)
    expect(Math.abs(ended[0]!.lastLostMs - 300)).toBeLessThan(30)
    expect(Math.abs(ended[0]!.oldItemMs - 1_500)).toBeLessThan(60)
  })

  it('an encoder that died is not one that said goodbye', () => {
    const { ended, dropped } = figures(crossfaded, [LIVE, { kind: 'drop', atMs: 12_000 }])
    expect(ended).toEqual([])
    expect(Math.abs(dropped[0]!.toProgrammeMs! - 1_000)).toBeLessThan(30)
  })

  it('a click that nobody heard anything of is told as never', () => {
    const silent = figures([item(440, 0, 24_000)], [LIVE, END])
    expect(silent).toMatchObject({ into: [null], ended: [null] })
    expect(rowOf('this', silent)).toMatchObject({ 'gap in': 'never', 'click to edge': 'never' })
  })

  it('someone who begins with a segment is at the edge when that is listed, not when the one before is', () => {
    const items = [item(440, 0, 8_000), item(FREQUENCIES.first, 8_000, 24_000)]
    const { into } = figures(items, [{ kind: 'live', atMs: 7_800 }])
    expect(into[0]!.toEdgeMs).toBe(12_500 - 7_800)
  })

  it('date-times say when something was made, the listing when it can be fetched', () => {
    const segments = segmentsOf(6).map((one, index) => ({ ...one, dateTimeMs: BEGAN_MS + index * 4_000 }))
    const [live] = figures(crossfaded, [LIVE, END], segments).into
    expect(Math.abs(live!.toHeardMs! - 700)).toBeLessThan(30)
    expect(live!.toEdgeMs).toBe(8_500 - 6_300)
  })

  it('media that is missing shows in the listings, shared by the changes', () => {
    const segments = segmentsOf(6, (index) => (index < 3 ? 0 : 700))
    expect(deficitMs(segments)).toBe(700)
    expect(figures(crossfaded, [LIVE, END], segments).deficitMsPerChange).toBe(350)
  })
})

describe('where another system is better', () => {
  const ours = { system: 'ours', 'gap in': '0', overlap: '480', 'click to heard': '700', 'first lost': '8' }

  it('tells the column and both figures; of the overlap more is better, and what can not be told apart is equal', () => {
    const other = { system: 'other', 'gap in': '20', overlap: '0', 'click to heard': '300', 'first lost': '0' }
    expect(whereBeaten([ours, other])).toEqual(['click to heard: 700, other 300'])
    expect(whereBeaten([other, ours])).toHaveLength(2)
  })

  it('what never happened, and who is not installed, beats nobody', () => {
    expect(whereBeaten([ours, { system: 'other', 'gap in': 'never' }, { system: 'absent: not installed' }])).toEqual([])
    expect(
      whereBeaten([
        { ...ours, 'gap in': 'never' },
        { system: 'other', 'gap in': '20' },
      ]),
    ).toHaveLength(1)
  })
})

describe('the buffer of a slow sender', () => {
  const depthsOf = (depths: number[]) => depths.map((depthMs, index) => ({ atMs: index * 10_000, depthMs }))

  it('runs empty at the pace at which it falls, or is held', () => {
    expect(bufferOf(depthsOf([0, 5_000, 4_700, 4_400]))).toContain('4400 at the end: empty 167 s after it was full')
    expect(bufferOf(depthsOf([0, 640, 480, 620]))).toBe('buffer 640 ms when full, then 480 at least, 620 at the end')
    expect(bufferOf([])).toBe('it keeps no buffer')
  })
})
