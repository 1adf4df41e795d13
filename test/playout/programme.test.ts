import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SAMPLE_RATE, sampleAtMs } from '../../media/timeline.ts'
import type { Placement } from '../../playout/programme/placement.ts'
import { Programme, type ProgrammeEvent } from '../../playout/programme/programme.ts'
import { titlesOfSegment } from '../../playout/programme/titles.ts'
import type { Playable, Rundown, RundownItem } from '../../schemas/rundown.ts'

const T0 = sampleAtMs(Date.UTC(2026, 10, 20, 12))
const FADE = 3 * SAMPLE_RATE
const MINUTE = 60 * SAMPLE_RATE

const playable = (path: string, lengthSamples = 3 * MINUTE): Playable => ({
  path,
  fingerprint: 'x',
  kind: 'music',
  title: path,
  artist: '',
  cueInSample: 0,
  lengthSamples,
  gainDb: 0,
})

/** Songs back to back with crossfades, and an ident that is fixed at the tenth minute. */
function rundownFrom(start: number, songs: number, reserve: string[] = []): Rundown {
  const items: RundownItem[] = []
  let at = start
  for (let index = 0; index < songs; index++) {
    items.push({
      ...playable(`song-${index}`),
      id: `item-${index}`,
      startSample: at,
      fadeInSamples: index === 0 ? 0 : FADE,
      fadeOutSamples: FADE,
      anchored: false,
      reason: 'Rotation.',
    })
    at += 3 * MINUTE - FADE
  }
  return {
    stationId: 's',
    version: 1,
    madeAtMs: 0,
    fromSample: start,
    untilSample: at,
    crossfadeSamples: FADE,
    items,
    reserve: reserve.map((path) => playable(path)),
  }
}

function onAir(rundown: Rundown | null, hasEmergency = true) {
  const events: ProgrammeEvent[] = []
  const programme = new Programme({
    startSample: T0,
    stationName: 'Station',
    placed: [],
    hasEmergency: () => hasEmergency,
    onEvent: (event) => events.push(event),
  })
  if (rundown) programme.load(rundown)
  return { programme, events }
}

/** Every sample from T0 is covered, never by more than two placements at once. */
function expectCovered(placements: readonly Placement[], until: number): void {
  const ordered = [...placements].sort((a, b) => a.startSample - b.startSample)
  let covered = ordered[0]!.startSample
  expect(covered).toBeLessThanOrEqual(T0)
  for (const [index, placement] of ordered.entries()) {
    expect(placement.endSample).toBeGreaterThanOrEqual(placement.startSample)
    expect(placement.startSample).toBeLessThanOrEqual(covered)
    expect(placement.fadeInSamples + placement.fadeOutSamples).toBeLessThanOrEqual(
      placement.endSample - placement.startSample + 1,
    )
    const beforeLast = ordered[index - 2]
    if (beforeLast) expect(placement.startSample).toBeGreaterThanOrEqual(beforeLast.endSample)
    covered = Math.max(covered, placement.endSample)
  }
  expect(covered).toBeGreaterThanOrEqual(until)
}

describe('what is played', () => {
  it('is the rundown, to the sample, as long as nothing fails', () => {
    const rundown = rundownFrom(T0 - MINUTE, 6)
    const { programme } = onAir(rundown)
    programme.extendTo(T0 + 10 * MINUTE)
    expect(programme.placements.slice(0, 4).map(({ id, startSample, rung }) => [id, startSample, rung])).toEqual(
      rundown.items.slice(0, 4).map(({ id, startSample }) => [id, startSample, 'scheduled']),
    )
  })

  it('goes on with the next item when one breaks off, under a fade, and the rotation fills what is short before the next fixed time', () => {
    const rundown = rundownFrom(T0, 3, ['spare-a', 'spare-b'])
    const identAt = T0 + 9 * MINUTE - 2 * FADE
    rundown.items[2]!.lengthSamples = identAt + 960 - rundown.items[2]!.startSample
    rundown.items[2]!.fadeOutSamples = 960
    rundown.items.push({
      ...playable('ident', 10 * SAMPLE_RATE),
      kind: 'ident',
      id: 'ident',
      startSample: identAt,
      fadeInSamples: 0,
      fadeOutSamples: 0,
      anchored: true,
      reason: 'Top of the hour.',
    })
    rundown.untilSample = identAt + 10 * SAMPLE_RATE
    const { programme, events } = onAir(rundown)
    programme.extendTo(T0 + MINUTE)
    const mixed = T0 + MINUTE
    programme.giveUp('item-0', mixed + 6 * SAMPLE_RATE, mixed, 'the file ends after 66.0 s, 180.0 s were planned')
    programme.extendTo(T0 + 9 * MINUTE)
    const [first, second] = programme.placements
    expect(first).toMatchObject({ id: 'item-0', endSample: mixed + 6 * SAMPLE_RATE, fadeOutSamples: SAMPLE_RATE })
    expect(second).toMatchObject({ id: 'item-1', startSample: mixed + 5 * SAMPLE_RATE })
    expect(programme.placements.find(({ id }) => id === 'ident')?.startSample).toBe(identAt)
    expect(programme.placements.some(({ rung }) => rung === 'rotation')).toBe(true)
    expect(events.filter(({ event }) => event === 'given-up')).toHaveLength(1)
    expectCovered(programme.placements, T0 + 9 * MINUTE)
  })

  it('leaves an item out that can not even be opened', () => {
    const { programme } = onAir(rundownFrom(T0, 4))
    programme.extendTo(T0 + 3 * MINUTE)
    programme.giveUp('item-1', T0, T0 + MINUTE, 'No such file')
    programme.extendTo(T0 + 5 * MINUTE)
    expect(programme.placements.map(({ path }) => path)).toEqual(['song-0', 'song-2'])
    expectCovered(programme.placements, T0 + 5 * MINUTE)
  })

  it('is the emergency file when nothing is planned, for as long as nothing is, and then the plan again', () => {
    const { programme, events } = onAir(null)
    programme.extendTo(T0 + 2 * MINUTE)
    expect(programme.placements.map(({ rung }) => rung)).toEqual(['emergency'])
    expect(events).toContainEqual({
      event: 'stepped-down',
      rung: 'emergency',
      reason: 'Nothing is planned, and the rotation is empty.',
    })
    programme.load(rundownFrom(T0 + MINUTE, 4))
    programme.extendTo(T0 + 6 * MINUTE)
    expect(programme.placements.map(({ rung }) => rung)).toEqual(['emergency', 'scheduled', 'scheduled'])
    expectCovered(programme.placements, T0 + 6 * MINUTE)
  })

  it('is the generated bed when there is no emergency file either', () => {
    const { programme } = onAir(null, false)
    programme.extendTo(T0 + MINUTE)
    expect(programme.placements.map(({ rung }) => rung)).toEqual(['bed'])
  })

  it('is only the emergency file after repeated crashes, and the plan when that time is over', () => {
    const { programme } = onAir(rundownFrom(T0, 8))
    programme.emergencyOnlyUntilSample = T0 + 5 * MINUTE
    programme.extendTo(T0 + 8 * MINUTE)
    expect(programme.placements[0]).toMatchObject({ rung: 'emergency', startSample: T0 })
    expect(programme.placements[0]!.endSample).toBeGreaterThan(T0 + 5 * MINUTE)
    expect(programme.placements[1]?.rung).toBe('scheduled')
    expectCovered(programme.placements, T0 + 8 * MINUTE)
  })

  it('never has a hole, whatever fails and whenever plans change', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            advanceSeconds: fc.integer({ min: 1, max: 120 }),
            what: fc.constantFrom('fail', 'plan', 'nothing'),
            aheadSeconds: fc.integer({ min: 0, max: 10 }),
          }),
          { maxLength: 25 },
        ),
        fc.array(fc.constantFrom('spare-a', 'spare-b', 'spare-c'), { maxLength: 3 }),
        (steps, reserve) => {
          const { programme } = onAir(rundownFrom(T0, 3, reserve))
          let mixed = T0
          for (const { advanceSeconds, what, aheadSeconds } of steps) {
            programme.extendTo(mixed + 15 * SAMPLE_RATE)
            mixed += Math.min(advanceSeconds, 14) * SAMPLE_RATE
            const sounding = programme.placements
              .filter(({ startSample, endSample }) => startSample <= mixed + 12 * SAMPLE_RATE && endSample > mixed)
              .at(-1)!
            if (what === 'fail' && sounding.path)
              programme.giveUp(sounding.id, mixed + aheadSeconds * SAMPLE_RATE, mixed, 'it failed')
            if (what === 'plan')
              programme.load({ ...rundownFrom(mixed + advanceSeconds * SAMPLE_RATE, 3, reserve), version: 2 })
          }
          programme.extendTo(mixed + 15 * SAMPLE_RATE)
          expectCovered(programme.placements, mixed + 15 * SAMPLE_RATE)
        },
      ),
      { numRuns: 3_000 },
    )
  })
})

describe('titles', () => {
  it('of a segment say what holds at its first frame, and what changes within it', () => {
    const { programme } = onAir(rundownFrom(T0, 3))
    programme.extendTo(T0 + 5 * MINUTE)
    const change = T0 + 3 * MINUTE - FADE + FADE / 2
    const segment = Math.floor(change / 1024 / 188)
    const titles = titlesOfSegment(programme.placements, segment, 'Station')
    expect(titles.map(({ title, frame }) => [title, frame])).toEqual([
      ['song-0', segment * 188],
      ['song-1', Math.floor(change / 1024)],
    ])
    expect(titles[1]!.startSample).toBe(T0 + 3 * MINUTE - FADE)
  })

  it('rise from frame to frame, wherever the items begin: in the first frame of a segment, or several in one frame', () => {
    const segment = Math.ceil(T0 / 1024 / 188)
    const first = segment * 188
    const begins = [-50_000, 500, 700, 3_000, 3_010, 60_000]
    const placements = begins.map((offset, index) => ({
      ...placedAt(first * 1024 + offset, 48_000),
      title: `item ${index}`,
    }))
    expect(titlesOfSegment(placements, segment, 'Station').map(({ title, frame }) => [title, frame - first])).toEqual([
      ['item 2', 0],
      ['item 4', 2],
      ['item 5', 58],
    ])
  })

  it('name the station where nothing is known', () => {
    expect(titlesOfSegment([], 5, 'Station')).toMatchObject([{ title: 'Station', frame: 940 }])
  })

  it('fit into a marker, in whole characters, however long or odd they are and however many', () => {
    const odd = `\u0000\n"\u202e${'🎵'.repeat(5_000)}`
    const placements = Array.from({ length: 60 }, (_, index) => ({
      ...placedAt(T0 + index * 3_000, 3_000),
      id: `item-${index}-${odd}`,
      title: `a${odd}`,
      artist: odd,
      show: odd,
    }))
    const titles = titlesOfSegment(placements, Math.floor(T0 / 1024 / 188), 'Station')
    const json = JSON.stringify(titles)
    expect(titles.length).toBeGreaterThan(1)
    expect(Buffer.byteLength(json)).toBeLessThan(15_000)
    expect(json).not.toMatch(/\\ud[89a-f]/)
  })
})

function placedAt(startSample: number, samples: number): Placement {
  return {
    id: 'x',
    kind: 'music',
    rung: 'scheduled',
    title: '',
    artist: '',
    path: '/x',
    cueInSample: 0,
    gainDb: 0,
    startSample,
    endSample: startSample + samples,
    fadeInSamples: 0,
    fadeOutSamples: 0,
    plannedStartSample: null,
    reason: '',
    logged: false,
  }
}
