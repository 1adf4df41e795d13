import { expect, it } from 'vitest'
import { keepOf } from '../../../control-center/planner/keep.ts'
import { msOfSample, SAMPLE_RATE } from '../../../media/timeline.ts'
import type { PlacedItem } from '../../../schemas/playout.ts'
import type { Rundown, RundownItem } from '../../../schemas/rundown.ts'

const START = 86_000_000_000_000
const LENGTH = 8 * SAMPLE_RATE

const item = (index: number): RundownItem => ({
  id: `song-${index}`,
  path: `/music/${index}.flac`,
  fingerprint: `${index}`,
  kind: 'music',
  title: `Song ${index}`,
  artist: '',
  cueInSample: 0,
  lengthSamples: LENGTH,
  gainDb: 0,
  startSample: START + index * LENGTH,
  fadeInSamples: 0,
  fadeOutSamples: 0,
  anchored: false,
  reason: 'planned',
})

it('of short items playout holds several in hand: where they moved up, each of them is kept where it is', () => {
  const items = Array.from({ length: 6 }, (_, index) => item(index))
  const rundown: Rundown = {
    stationId: 'short',
    version: 1,
    madeAtMs: msOfSample(START),
    fromSample: START,
    untilSample: START + items.length * LENGTH,
    crossfadeSamples: 0,
    items,
    reserve: [],
  }
  const movedUp = 3 * SAMPLE_RATE
  const [onAir, next, afterNext] = items.slice(1, 4).map(
    ({ id, kind, title, artist, startSample }): PlacedItem => ({
      ...{ itemId: id, kind, rung: 'scheduled', title, artist },
      startSample: startSample - movedUp,
      endSample: startSample - movedUp + LENGTH,
    }),
  )
  const nowMs = msOfSample(START + LENGTH)
  const kept = keepOf(rundown, { onAir: onAir!, next: next!, upcoming: [next!, afterNext!], asRun: [] }, nowMs)
  expect(kept.map(({ id, startSample }) => [id, startSample]).slice(-3)).toEqual(
    [onAir!, next!, afterNext!].map(({ itemId, startSample }) => [itemId, startSample]),
  )
})
