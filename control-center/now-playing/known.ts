import type { PlayoutStatus } from '../../schemas/playout.ts'
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
    known = { asRun, onAir: status?.onAir ?? null, next: status?.next ?? null, rundown }
    return known
  }
}
