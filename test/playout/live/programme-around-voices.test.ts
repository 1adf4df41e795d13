import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layOut } from '../../../media/rundown-layout.ts'
import { gainAt } from '../../../playout/mixer/envelope.ts'
import type { Placement } from '../../../playout/programme/placement.ts'
import { Programme } from '../../../playout/programme/programme.ts'
import type { Rundown, RundownItem } from '../../../schemas/rundown.ts'
import { playable, SECOND, START, song } from './studio.ts'

const FADE = SECOND / 2
const AHEAD = 15 * SECOND
const IDENT_EVERY = 70 * SECOND
const UNTIL = START + 1_200 * SECOND

const idents: RundownItem[] = Array.from({ length: 16 }, (_, index) => {
  const startSample = START + (index + 1) * IDENT_EVERY
  const fixed = { atMs: startSample / 48, waitSecondsMax: 0 }
  return song(900 + index, startSample, 8 * SECOND, { kind: 'ident', anchored: true, fixed })
})

/** Songs of 25 s, packed around idents at fixed times, as the control center plans them. */
const rundown: Rundown = {
  stationId: 's',
  version: 1,
  madeAtMs: 0,
  fromSample: START,
  untilSample: UNTIL,
  crossfadeSamples: SECOND,
  items: layOut({
    items: Array.from({ length: 60 }, (_, index) => song(index, START + index * 24 * SECOND, 25 * SECOND))
      .concat(idents)
      .sort((a, b) => a.startSample - b.startSample),
    fillers: [playable('filler', 30 * SECOND)],
    fillerOffset: 0,
    fromSample: START,
    untilSample: UNTIL,
    crossfadeSamples: SECOND,
    idPrefix: 'filler',
  }).items,
  reserve: [playable('spare-a', 30 * SECOND), playable('spare-b', 35 * SECOND)],
}

const step = fc.record({
  advanceMs: fc.integer({ min: 20, max: 14_900 }),
  what: fc.constantFrom('go-live', 'go-live', 'end', 'end', 'end', 'hold', 'release', 'load', 'fail', 'nothing'),
  laterMs: fc.integer({ min: 0, max: 900 }),
})

/** Carries a broadcast through the steps; nothing is forgotten. */
function broadcast(steps: readonly { advanceMs: number; what: string; laterMs: number }[]) {
  const failed = new Set<string>()
  const programme = new Programme({
    startSample: START,
    stationName: 'Station',
    placed: [],
    hasEmergency: () => true,
    onEvent: (event) => {
      if (event.event === 'given-up') failed.add(event.placement.id)
    },
  })
  programme.load(rundown)
  let mixed = START
  let voices = 0
  for (const { advanceMs, what, laterMs } of steps) {
    programme.extendTo(mixed + AHEAD)
    mixed += advanceMs * 48
    const open = programme.placements.findLast((placement) => placement.open && placement.rung === 'live')
    if (what === 'go-live') {
      const live = { id: `live-${++voices}`, title: '', artist: 'Ada', reason: '' }
      programme.goLive(live, mixed + laterMs * 48, FADE)
      programme.extendTo(mixed + AHEAD)
      mixed += laterMs * 48 + 1_024
    }
    if (what === 'end' && open)
      programme.endLive(open.id, { startSample: mixed + laterMs * 48, fadeSamples: FADE, reason: '' }, mixed)
    if (what === 'hold') programme.setHold(true, FADE, mixed)
    if (what === 'release') programme.setHold(false, FADE, mixed)
    if (what === 'load') programme.load(rundown)
    if (what === 'fail') {
      const sounding = programme.placements.findLast(({ startSample }) => startSample <= mixed)!
      if (sounding.path) programme.giveUp(sounding.id, mixed + laterMs * 48, mixed, 'it failed')
    }
    programme.standby(mixed)
  }
  programme.extendTo(mixed + AHEAD)
  return { placements: programme.placements, mixed, failed }
}

const powerAt = (placements: readonly Placement[], sample: number): number =>
  placements.reduce((power, placement) => power + gainAt(placement, sample) ** 2, 0)

function expectNoHole(placements: readonly Placement[], until: number): void {
  let covered = START
  for (const { startSample, endSample } of [...placements].sort((a, b) => a.startSample - b.startSample)) {
    if (startSample > covered) expect.fail(`nothing from ${covered - START} to ${startSample - START}`)
    covered = Math.max(covered, endSample)
  }
  expect(covered).toBeGreaterThanOrEqual(until)
}

/** After a voice comes the first item that has not sounded and is not over by the plan, where no fixed time is near. */
function expectNothingPassedOver(placements: readonly Placement[]): void {
  for (const [index, live] of placements.entries()) {
    const after = placements[index + 1]
    if (live.rung !== 'live' || after?.rung !== 'scheduled') continue
    const from = after.startSample
    if (idents.some(({ startSample }) => startSample > from - SECOND && startSample < from + 30 * SECOND)) continue
    const isDone = (item: RundownItem): boolean =>
      item.startSample + item.lengthSamples <= from ||
      placements.slice(0, index).some(({ id }) => id === item.id) ||
      (item.anchored && item.startSample < from)
    expect(after.id).toBe(rundown.items.find((item) => !isDone(item))?.id)
  }
}

describe('whatever anchors do, the programme', () => {
  it('covers every sample, plays nothing twice, gives and takes the air at equal power, and meets its fixed times', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) => {
        const { placements, mixed, failed } = broadcast(steps)
        expectNoHole(placements, mixed + AHEAD)
        const ids = placements.map(({ id }) => id)
        expect(new Set(ids).size).toBe(ids.length)
        const hasFailed = ({ endReason }: Placement): boolean => endReason?.startsWith('Given up') ?? false
        const isHeard = (placement: Placement, from: number, until: number): boolean =>
          placement.startSample < until && placement.endSample > from
        for (const live of placements.filter(({ rung }) => rung === 'live')) {
          for (const at of [live.startSample, live.endSample - live.fadeOutSamples]) {
            if (placements.some((placement) => hasFailed(placement) && isHeard(placement, at, at + FADE))) continue
            for (let sample = at; sample < Math.min(at + FADE, mixed + AHEAD); sample += 997)
              expect(powerAt(placements, sample)).toBeGreaterThan(0.999)
          }
          const begins = placements.filter(({ startSample }) => Math.abs(startSample - live.startSample) < 3 * SECOND)
          if (begins.length > 1 || begins.some(hasFailed) || placements.some(hasFailed)) continue
          for (let index = 0; index < live.fadeInSamples && live.endSample > live.startSample + 2 * FADE; index += 997)
            expect(powerAt(placements, live.startSample + index)).toBeCloseTo(1, 5)
        }
        if (failed.size === 0) expectNothingPassedOver(placements)
        for (const { id, startSample: due } of idents) {
          const isOpen = ({ rung, id: other }: Placement): boolean => rung === 'live' || other.startsWith('hold-')
          const isTaken = placements.some(
            (placement) => isOpen(placement) && isHeard(placement, due - SECOND, due + 9 * SECOND),
          )
          if (due > mixed || isTaken || failed.has(id)) continue
          expect(placements.find((placement) => placement.id === id)?.startSample).toBe(due)
        }
      }),
      { numRuns: 300, endOnFailure: true },
    )
  }, 30_000)
})
