import type { Pcm } from './pcm.ts'
import { trackTones } from './tone-levels.ts'

/** A stretch in which one frequency was the loudest. Edges exact to a step (10 ms); {@link ./tone-edges.ts} finds them exactly. */
export type HeardItem = { frequency: number; fromSample: number; toSample: number }

export type HeardProgramme = {
  items: HeardItem[]
  /** Stretches in which none of the frequencies was above the floor. */
  gaps: { fromSample: number; toSample: number }[]
}

/**
 * The order of the items of a tone-coded programme: who was loudest, step by step; stretches shorter than `leastMs` are
 * taken for a flicker and dropped. Two items of the same frequency with no gap between them are one.
 */
export function itemsHeard(pcm: Pcm, frequencies: readonly number[], floorDbfs = -40, leastMs = 50): HeardProgramme {
  const track = trackTones(pcm, frequencies)
  const floor = 10 ** (floorDbfs / 20)
  const steps = track.amplitudes[0]?.length ?? 0
  const runs: { index: number; from: number; to: number }[] = []
  for (let step = 0; step < steps; step++) {
    let loudest = -1
    for (let index = 0; index < frequencies.length; index++) {
      const level = track.amplitudes[index]![step]!
      if (level >= floor && (loudest < 0 || level > track.amplitudes[loudest]![step]!)) loudest = index
    }
    const run = runs.at(-1)
    if (run?.index === loudest) run.to = step + 1
    else runs.push({ index: loudest, from: step, to: step + 1 })
  }
  const leastSteps = ((leastMs / 1000) * pcm.sampleRate) / track.stepSamples
  const items: HeardItem[] = []
  const gaps: HeardProgramme['gaps'] = []
  for (const { index, from, to } of runs) {
    const span = { fromSample: from * track.stepSamples, toSample: to * track.stepSamples }
    if (index < 0) gaps.push(span)
    else if (to - from >= leastSteps) extendOrAdd(items, { frequency: frequencies[index]!, ...span }, gaps.at(-1))
  }
  return { items, gaps }
}

function extendOrAdd(items: HeardItem[], item: HeardItem, lastGap: HeardProgramme['gaps'][number] | undefined): void {
  const last = items.at(-1)
  const parted = lastGap !== undefined && last !== undefined && lastGap.fromSample >= last.toSample
  if (last && last.frequency === item.frequency && !parted) last.toSample = item.toSample
  else items.push(item)
}
