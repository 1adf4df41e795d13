import type { LiveSpan } from './live-placement.ts'
import type { Placement } from './placement.ts'

/**
 * What had the air with an open end gets an end, under a fade that lies wholly ahead of what is mixed. Changes the placement, and answers
 * where it ends and under which fade.
 */
export function giveBackTheAir(
  ending: Placement,
  end: LiveSpan & { reason: string },
  mixedUntilSample: number,
): LiveSpan {
  delete ending.open
  ending.endSample = Math.max(end.startSample, mixedUntilSample, ending.startSample + 1)
  ending.fadeOutSamples = Math.max(
    0,
    Math.min(end.fadeSamples, ending.endSample - mixedUntilSample, ending.endSample - ending.startSample - 1),
  )
  ending.endReason = end.reason
  return { startSample: ending.endSample, fadeSamples: ending.fadeOutSamples }
}

/** Whether it still has the air to give back: nothing has taken it, nothing that follows is mixed already. */
export function canGiveBack(ending: Placement, following: readonly Placement[], mixedUntilSample: number): boolean {
  if (ending.takenOver || following.some(({ startSample }) => startSample < mixedUntilSample)) return false
  return ending.open === true || ending.endSample > mixedUntilSample
}
