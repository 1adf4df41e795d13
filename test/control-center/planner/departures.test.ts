import { describe, expect, it } from 'vitest'
import { departureOf } from '../../../control-center/planner/departures.ts'
import { SAMPLE_RATE } from '../../../media/timeline.ts'
import type { AsRunEntry, Rundown, RundownItem } from '../../../schemas/rundown.ts'
import { songOf } from '../support/fake-library.ts'

const itemAt = (id: string, seconds: number): RundownItem => ({
  ...songOf(id),
  id,
  startSample: seconds * SAMPLE_RATE,
  fadeInSamples: 0,
  fadeOutSamples: 0,
  anchored: false,
  reason: 'planned',
})
const rundown: Rundown = {
  stationId: 'test-radio',
  version: 1,
  madeAtMs: 0,
  fromSample: 0,
  untilSample: 720 * SAMPLE_RATE,
  crossfadeSamples: 0,
  items: [itemAt('a', 0), itemAt('b', 240), itemAt('c', 480)],
  reserve: [],
}
const played = (itemId: string, seconds: number, change: Partial<AsRunEntry> = {}): AsRunEntry => ({
  itemId,
  kind: 'music',
  rung: 'scheduled',
  title: itemId,
  artist: '',
  startSample: seconds * SAMPLE_RATE,
  endSample: (seconds + 240) * SAMPLE_RATE,
  plannedStartSample: null,
  reason: 'its file is gone',
  generation: 1,
  ...change,
})

describe('where playout departed from the plan', () => {
  it('is nowhere when everything began within two seconds of its time', () => {
    expect(departureOf([played('a', 0), played('b', 241)], rundown, 0)).toBeNull()
  })
  it('is where something else played, with its reason', () => {
    const filler = played('reserve-1', 240, { rung: 'rotation', title: 'Filler' })
    expect(departureOf([played('a', 0), filler], rundown, 0)).toBe(
      'playout played "Filler" instead of what was planned: its file is gone',
    )
  })
  it('is where an item came early', () => {
    expect(departureOf([played('b', 100)], rundown, 0)).toBe('"b" began 140 s before its planned time')
  })
  it('is not an anchor on the air, nor what was answered before, nor what lies outside the plan', () => {
    expect(departureOf([played('live-1', 100, { rung: 'live' })], rundown, 0)).toBeNull()
    expect(departureOf([played('b', 100)], rundown, 101 * SAMPLE_RATE)).toBeNull()
    expect(departureOf([played('bed-1', 9_000, { rung: 'bed' })], rundown, 0)).toBeNull()
  })
})
