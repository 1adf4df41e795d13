import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LayoutRequest, layOut } from '../../../media/rundown-layout.ts'
import { msOfSample, SAMPLE_RATE, sampleAtMs } from '../../../media/timeline.ts'
import type { ItemKind, Playable, RundownItem } from '../../../schemas/rundown.ts'
import { endOf, flawsOf } from './rundown-checks.ts'

const FROM = sampleAtMs(Date.UTC(2026, 5, 1, 12))
const CROSSFADE = 3 * SAMPLE_RATE
const seconds = (count: number): number => Math.round(count * SAMPLE_RATE)

function playable(path: string, lengthSamples: number, kind: ItemKind = 'music'): Playable {
  return { path, fingerprint: path, kind, title: path, artist: 'A', cueInSample: 0, lengthSamples, gainDb: 0 }
}

function item(id: string, lengthSamples: number, more: Partial<RundownItem> = {}): RundownItem {
  const bare = { id, startSample: 0, fadeInSamples: 0, fadeOutSamples: 0, anchored: false, reason: 'test' }
  return { ...playable(`/${id}.mp3`, lengthSamples), ...bare, ...more }
}

const anchoredAt = (id: string, offsetSeconds: number, lengthSeconds: number, waitSecondsMax = 0): RundownItem =>
  item(id, seconds(lengthSeconds), {
    kind: 'ident',
    anchored: true,
    startSample: FROM + seconds(offsetSeconds),
    fixed: { atMs: msOfSample(FROM + seconds(offsetSeconds)), waitSecondsMax },
  })

const songs = [61, 120, 185, 200, 213, 240, 275, 310].map((length) =>
  playable(`/filler-${length}.mp3`, seconds(length)),
)

const request = (more: Partial<LayoutRequest>): LayoutRequest => ({
  items: [],
  fillers: songs,
  fillerOffset: 0,
  fromSample: FROM,
  untilSample: FROM + seconds(3600),
  crossfadeSamples: CROSSFADE,
  idPrefix: 'filler',
  ...more,
})

describe('packing items around those whose time is fixed', () => {
  it('joins two songs by a crossfade of equal length on both sides', () => {
    const { items } = layOut(
      request({ items: [item('a', seconds(200)), item('b', seconds(200))], untilSample: FROM + seconds(390) }),
    )
    expect(items.map(({ id }) => id)).toEqual(['a', 'b'])
    expect(items[1]!.startSample).toBe(FROM + seconds(197))
    expect(items[0]!.fadeOutSamples).toBe(CROSSFADE)
    expect(items[1]!.fadeInSamples).toBe(CROSSFADE)
  })

  it('cuts a song under the first 20 ms of an ident that does not wait', () => {
    const { items } = layOut(
      request({ items: [item('song', seconds(300)), anchoredAt('ident', 200, 8)], untilSample: FROM + seconds(200) }),
    )
    const [song, ident] = items
    expect(ident!.startSample).toBe(FROM + seconds(200))
    expect(ident!.fadeInSamples).toBe(0)
    expect(endOf(song!) - ident!.startSample).toBe(960)
    expect(song!.fadeOutSamples).toBe(960)
    expect(song!.uncutSamples).toBe(seconds(300))
  })

  it('lets a song end when the ident may wait for long enough, and cuts at once when not', () => {
    const waits = (waitSecondsMax: number) =>
      layOut(
        request({
          items: [item('song', seconds(230)), anchoredAt('ident', 200, 8, waitSecondsMax)],
          untilSample: FROM + seconds(200),
        }),
      ).items
    const [whole, late] = waits(30)
    expect(whole!.lengthSamples).toBe(seconds(230))
    expect(late!.startSample).toBe(FROM + seconds(230) - SAMPLE_RATE / 4)
    const [, onTime] = waits(29)
    expect(onTime!.startSample).toBe(FROM + seconds(200))
  })

  it('does not start a song for the two seconds that are left: the song before makes room or another ends in time', () => {
    const { items } = layOut(
      request({
        items: [item('song', seconds(195)), item('next', seconds(240)), anchoredAt('ident', 200, 8)],
        untilSample: FROM + seconds(200),
      }),
    )
    expect(flawsOf(items, CROSSFADE)).toEqual([])
    expect(items.at(-1)!.startSample).toBe(FROM + seconds(200))
    for (const short of items.slice(0, -1)) expect(short.lengthSamples).toBeGreaterThanOrEqual(seconds(20))
  })

  it('re-packs what follows a failed item up to the next anchor, and leaves the anchor where it was', () => {
    const whole = layOut(
      request({
        items: [item('a', seconds(200)), item('b', seconds(220)), item('c', seconds(250)), anchoredAt('ident', 600, 8)],
      }),
    ).items
    const [a, , c, ident] = whole
    const again = layOut(
      request({
        items: [c!, ...whole.slice(3)],
        fromSample: endOf(a!) - CROSSFADE,
        incoming: { endSample: endOf(a!), fadeOutSamples: CROSSFADE },
        idPrefix: 'again',
      }),
    ).items
    expect(flawsOf(again, CROSSFADE)).toEqual([])
    expect(again[0]!.id).toBe('c')
    expect(again[0]!.startSample).toBe(endOf(a!) - CROSSFADE)
    expect(again[0]!.lengthSamples).toBe(seconds(250))
    expect(again.find(({ id }) => id === 'ident')!.startSample).toBe(ident!.startSample)
  })

  it('fills with the items themselves when there is no filler, and says nothing when there is nothing', () => {
    const { items } = layOut(request({ items: [item('only', seconds(100))], fillers: [] }))
    expect(endOf(items.at(-1)!)).toBeGreaterThanOrEqual(FROM + seconds(3600))
    expect(flawsOf(items, CROSSFADE)).toEqual([])
    expect(layOut(request({ fillers: [] }))).toEqual({ items: [], fillersUsed: 0 })
  })
})

const lengths = fc.oneof(
  fc.integer({ min: 1, max: 5_000 }),
  fc.integer({ min: 1, max: seconds(20) }),
  fc.integer({ min: 1, max: seconds(600) }),
)
const kinds = fc.constantFrom<ItemKind>('music', 'show', 'jingle', 'ident')
const worlds = fc.record({
  pieces: fc.array(
    fc.record({
      length: lengths,
      kind: kinds,
      anchor: fc.option(
        fc.record({ afterMs: fc.integer({ min: 0, max: 900_000 }), wait: fc.integer({ min: 0, max: 300 }) }),
        { freq: 3 },
      ),
      longer: fc.integer({ min: 0, max: seconds(60) }),
    }),
    { maxLength: 14 },
  ),
  fillers: fc.array(fc.integer({ min: seconds(15), max: seconds(400) }), { minLength: 1, maxLength: 12 }),
  fillerOffset: fc.nat(100),
  crossfade: fc.oneof(fc.constant(0), fc.constant(CROSSFADE), fc.integer({ min: 0, max: seconds(20) })),
  incoming: fc.option(
    fc.record({
      lasts: fc.integer({ min: -seconds(5), max: seconds(60) }),
      fade: fc.integer({ min: 0, max: seconds(20) }),
    }),
  ),
  until: fc.integer({ min: 0, max: seconds(1800) }),
})

function requestOf(world: typeof worlds extends fc.Arbitrary<infer W> ? W : never): LayoutRequest {
  let atMs = msOfSample(FROM)
  const items = world.pieces.map((piece, index) => {
    const more: Partial<RundownItem> = { kind: piece.kind }
    if (piece.longer > 0) more.uncutSamples = piece.length + piece.longer
    if (piece.anchor) {
      atMs += piece.anchor.afterMs
      Object.assign(more, {
        anchored: true,
        startSample: sampleAtMs(atMs),
        fixed: { atMs, waitSecondsMax: piece.anchor.wait },
      })
    }
    return item(`i${index}`, piece.length, more)
  })
  return request({
    items,
    fillers: world.fillers.map((length, index) => playable(`/f${index}.mp3`, length)),
    fillerOffset: world.fillerOffset,
    crossfadeSamples: world.crossfade,
    untilSample: FROM + world.until,
    ...(world.incoming && {
      incoming: {
        endSample: FROM + world.incoming.lasts,
        fadeOutSamples: Math.min(world.incoming.fade, Math.max(0, world.incoming.lasts)),
      },
    }),
  })
}

describe('whatever is asked for', () => {
  it('never leaves a hole, never overlaps but by fades, and reaches the end', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const asked = requestOf(world)
        const { items } = layOut(asked)
        expect(flawsOf(items, asked.crossfadeSamples)).toEqual([])
        const incomingEnd = Math.max(FROM, asked.incoming?.endSample ?? FROM)
        if (items.length === 0) {
          expect(asked.untilSample).toBeLessThanOrEqual(incomingEnd)
          return
        }
        expect(endOf(items.at(-1)!)).toBeGreaterThanOrEqual(asked.untilSample)
        expect(items[0]!.startSample).toBeGreaterThanOrEqual(FROM)
        expect(items[0]!.startSample).toBeLessThanOrEqual(incomingEnd)
        expect(incomingEnd - items[0]!.startSample).toBeLessThanOrEqual(asked.incoming?.fadeOutSamples ?? 0)
        const whole = new Map(
          asked.items.map(({ id, lengthSamples, uncutSamples }) => [id, uncutSamples ?? lengthSamples]),
        )
        expect(items.filter(({ id, lengthSamples }) => lengthSamples > (whole.get(id) ?? Infinity))).toEqual([])
      }),
      { numRuns: 1_500 },
    )
  }, 60_000)

  it('starts an anchored item on its sample, or late for a reason: its wait, or one that could not be cut', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const asked = requestOf(world)
        const { items } = layOut(asked)
        items.forEach((placed, index) => {
          if (!placed.anchored) return
          const due = Math.max(FROM, sampleAtMs(placed.fixed!.atMs))
          const before = items[index - 1]
          expect(placed.startSample).toBeGreaterThanOrEqual(due)
          expect(placed.lengthSamples === placed.uncutSamples).toBe(false)
          if (placed.startSample === due) return
          const lateSamples = placed.startSample - due
          const heldByIncoming = !before && lateSamples <= (asked.incoming?.endSample ?? FROM) - due
          const heldByAnchor = before?.anchored === true && due - before.startSample < SAMPLE_RATE
          const waited = lateSamples <= seconds(placed.fixed!.waitSecondsMax)
          expect(heldByIncoming || heldByAnchor || waited).toBe(true)
        })
        const due = asked.items.filter(
          (source) => source.anchored && Math.max(FROM, sampleAtMs(source.fixed!.atMs)) <= asked.untilSample,
        )
        expect(items.filter(({ anchored }) => anchored).map(({ id }) => id)).toEqual(due.map(({ id }) => id))
      }),
      { numRuns: 1_500 },
    )
  }, 60_000)

  it('gives the same answer twice, keeps the order, and does not touch what it was given', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const asked = requestOf(world)
        const before = JSON.stringify(asked)
        const first = layOut(asked)
        expect(layOut(asked)).toEqual(first)
        expect(JSON.stringify(asked)).toBe(before)
        const order = first.items.filter(({ id }) => id.startsWith('i')).map(({ id }) => Number(id.slice(1)))
        expect(order).toEqual([...order].sort((a, b) => a - b))
        expect(new Set(first.items.map(({ id }) => id)).size).toBe(first.items.length)
      }),
      { numRuns: 1_500 },
    )
  }, 60_000)
})
