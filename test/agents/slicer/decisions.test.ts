import { describe, expect, it } from 'vitest'
import { byteRangeOf } from '../../../agents/shared/http/byte-range.ts'
import { findGaps } from '../../../agents/slicer/fill/gaps.ts'
import { decide, isFetchable, type Situation } from '../../../agents/slicer/serve/decision.ts'
import { alignedEdges } from '../../../agents/slicer/serve/edges.ts'
import { SegmentSlot } from '../../../agents/slicer/store/segment-slot.ts'

/** The first frame with which a segment may be listed. */
const listing = (segment: number): number => (segment + 1) * 188 + 23

describe('renditions list alike', () => {
  it('the newest segment that all of them may list', () => {
    const edges = alignedEdges(
      new Map([
        ['high', listing(10)],
        ['low', listing(10) - 1],
      ]),
      new Map(),
    )
    expect([...edges]).toEqual([
      ['high', 9],
      ['low', 9],
    ])
  })

  it('one that is dead at its source holds up the others by a segment, no more', () => {
    const frames = (high: number): Map<string, number> =>
      new Map([
        ['high', listing(high)],
        ['low', listing(10)],
      ])
    expect(alignedEdges(frames(11), new Map()).get('high')).toBe(10)
    expect(alignedEdges(frames(12), new Map()).get('high')).toBe(12)
  })

  it('an edge never goes back, whoever returns', () => {
    const before = new Map([
      ['high', 12],
      ['low', 10],
    ])
    const frames = new Map([
      ['high', listing(12)],
      ['low', listing(11)],
    ])
    expect(alignedEdges(frames, before).get('high')).toBe(12)
    expect(alignedEdges(frames, before).get('low')).toBe(11)
  })

  it('a rendition without frames counts for nothing', () => {
    const frames = new Map([
      ['high', listing(12)],
      ['low', null],
    ])
    expect([...alignedEdges(frames, new Map())]).toEqual([['high', 12]])
    expect(alignedEdges(new Map([['high', null]]), new Map()).size).toBe(0)
  })
})

describe('what a playlist answers', () => {
  const wellOff: Situation = {
    rendition: 'high',
    hasJoined: true,
    edge: 100,
    firstSegment: 0,
    windowSegments: 6,
    isSealed: (segment) => segment > 80 && segment <= 101,
    newestSealedBelow: (segment) => Math.min(segment - 1, 101),
    isSoughtInVain: () => false,
    edgeAgeMs: 4_000,
    others: { askedAgoMs: null, newestListable: null },
  }
  const withChanges = (changes: Partial<Situation>): unknown => {
    const decision = decide({ ...wellOff, ...changes })
    return decision.answer === 'list' ? decision.window : [decision.fault, decision.reason]
  }

  it('the window up to the edge', () => expect(withChanges({})).toEqual({ oldest: 95, newest: 100 }))

  it('nothing before the first frame, nor before it has joined', () => {
    const sentence = expect.stringContaining('no frame of high has come yet')
    expect(withChanges({ edge: null })).toEqual(['node', sentence])
    expect(withChanges({ edge: null, others: { askedAgoMs: 9, newestListable: 100 } })).toEqual(['node', sentence])
    expect(withChanges({ edge: null, others: { askedAgoMs: 9, newestListable: null } })).toEqual(['station', sentence])
    expect(withChanges({ hasJoined: false, isSealed: (segment) => segment > 97 })).toEqual([
      'node',
      "joining: 3 of the window's 6 segments of high are here",
    ])
  })

  it('nothing while it has a hole that others can fill; what was before it when nobody can', () => {
    const isSealed = (segment: number): boolean => segment !== 98 && wellOff.isSealed(segment)
    expect(withChanges({ isSealed })).toEqual(['node', 'segment 98 of high is not whole here yet'])
    expect(withChanges({ isSealed, isSoughtInVain: () => true })).toEqual({ oldest: 92, newest: 97 })
  })

  it('a late edge: the old list when the station is late, nothing when it is only this node', () => {
    expect(withChanges({ edgeAgeMs: 6_000 })).toEqual({ oldest: 95, newest: 100 })
    const late = { edgeAgeMs: 14_000 }
    expect(withChanges({ ...late, others: { askedAgoMs: 200, newestListable: 100 } })).toEqual({
      oldest: 95,
      newest: 100,
    })
    expect(withChanges({ ...late, others: { askedAgoMs: 200, newestListable: null } })).toEqual({
      oldest: 95,
      newest: 100,
    })
    expect(withChanges({ ...late, others: { askedAgoMs: 200, newestListable: 102 } })).toEqual([
      'node',
      'newest segment of high is 14.0 s old, limit 6 s, while others are at segment 102, 8 s ahead',
    ])
    expect(withChanges({ ...late, others: { askedAgoMs: 60_000, newestListable: 100 } })).toEqual([
      'node',
      expect.stringContaining('the others have not been asked yet'),
    ])
  })

  it('frames given up: the window starts after them, and until then the old one stays', () => {
    expect(withChanges({ firstSegment: 98 })).toEqual({ oldest: 98, newest: 100 })
    expect(withChanges({ firstSegment: 103 })).toEqual({ oldest: 96, newest: 101 })
    expect(withChanges({ firstSegment: 103, newestSealedBelow: () => null })).toEqual(['station', expect.any(String)])
  })

  it('a station that has just begun answers no playlist of less than three segments', () => {
    const nothingBefore = { newestSealedBelow: () => null }
    expect(withChanges({ firstSegment: 99, ...nothingBefore })).toEqual(['station', expect.stringContaining('2 of 3')])
    expect(withChanges({ firstSegment: 98, ...nothingBefore })).toEqual({ oldest: 98, newest: 100 })
  })

  it('segments stay fetchable for as long as they are kept, and those of before a jump', () => {
    const fetchable = (segment: number): boolean => isFetchable(segment, 100, 70, 20)
    expect([69, 70, 80, 81, 100, 101].map(fetchable)).toEqual([true, false, false, true, true, false])
  })
})

describe('what is missing', () => {
  const slot = (number: number, held: number[]): SegmentSlot => {
    const made = new SegmentSlot(number, Buffer.alloc(100))
    for (const index of held) made.put(index, Buffer.from([1]))
    return made
  }
  const all = Array.from({ length: 188 }, (_, index) => index)

  it('is asked for from the newest on, whole segments together', () => {
    const slots = new Map([[12, slot(12, [0, 1, 5])]])
    const gaps = findGaps((segment) => slots.get(segment), 10 * 188, 12 * 188 + 6, 1000)
    expect(gaps.map(({ from, to }) => [from - 12 * 188, to - 12 * 188])).toEqual([
      [2, 5],
      [-376, 0],
    ])
  })

  it('goes no further than a bundle at a time', () => {
    expect(findGaps(() => undefined, 0, 188 * 5, 400)).toHaveLength(3)
  })

  it('may be a marker, but not before a frame of the next segment has come', () => {
    const whole = slot(10, all)
    expect(findGaps(() => whole, 10 * 188, 11 * 188, 1000)).toEqual([])
    expect(findGaps((segment) => (segment === 10 ? whole : slot(11, [0])), 10 * 188, 11 * 188 + 1, 1000)).toEqual([
      { from: 10 * 188, to: 11 * 188, whole: true },
    ])
  })
})

describe('byte ranges', () => {
  it.each([
    [undefined, null],
    ['bytes=0-0', { start: 0, end: 1 }],
    ['bytes=10-', { start: 10, end: 100 }],
    ['bytes=-10', { start: 90, end: 100 }],
    ['bytes=-1000', { start: 0, end: 100 }],
    ['bytes=90-1000', { start: 90, end: 100 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=20-10', null],
    ['bytes=-', null],
    ['bytes=0-1,5-6', null],
    ['frames=0-1', null],
  ])('%s', (header, range) => expect(byteRangeOf(header, 100)).toEqual(range))
})
