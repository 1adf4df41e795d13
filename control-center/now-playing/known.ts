import { SAMPLE_RATE, sampleAtMs } from '../../media/timeline.ts'
import type { PlacedItem, PlayoutStatus } from '../../schemas/playout.ts'
import type { AsRunEntry, Rundown } from '../../schemas/rundown.ts'
import type { Known } from './heard.ts'

type Sources = { asRun(): AsRunEntry[]; status(): PlayoutStatus | null; rundown(): Rundown | null }

/** Puts together what is known; the same object for as long as nothing new is. */
export function createKnown(sources: Sources): () => Known {
  let from: [AsRunEntry[], PlayoutStatus | null, Rundown | null] | null = null
  let known: Known = { asRun: [], onAir: null, next: null, rundown: null }
  return () => {
    const asRun = sources.asRun()
    const status = sources.status()
    const rundown = sources.rundown()
    if (from && from[0] === asRun && from[1] === status && from[2] === rundown) return known
    from = [asRun, status, rundown]
    known = { asRun, rundown, ...(status ? sounding(status) : { onAir: null, next: null }) }
    return known
  }
}

/** A live turn goes on for now: listeners must not find that it is over whenever they ask a little later. */
const GOES_ON_SAMPLES = 60 * SAMPLE_RATE

/** What is on air and next, by playout's word. A live turn has no end yet, and what follows it has no beginning. */
function sounding({ onAir, next, nowMs }: PlayoutStatus): { onAir: PlacedItem | null; next: PlacedItem | null } {
  if (onAir?.rung !== 'live') return { onAir, next }
  const endSample = Math.max(onAir.endSample, sampleAtMs(nowMs) + GOES_ON_SAMPLES)
  const laterBy = next ? Math.max(0, endSample - next.startSample) : 0
  return {
    onAir: { ...onAir, endSample },
    next: next && { ...next, startSample: next.startSample + laterBy, endSample: next.endSample + laterBy },
  }
}
