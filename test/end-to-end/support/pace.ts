import { setTimeout as delay } from 'node:timers/promises'
import { msOfFrame } from '../../../media/timeline.ts'
import type { NewestFrames } from '../../../schemas/playout.ts'

const LOOK_MS = 2_500
const EVERY_MS = 5

/**
 * How long after its last sample, by the wall clock, a frame is at a slicer: the least of many looks, so that a busy machine counts little.
 * It is constant while the timeline is right; where the timeline is off the clock, so is this.
 */
export async function leastLagMs(slicer: string, rendition = 'high'): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (const end = performance.now() + LOOK_MS; performance.now() < end; await delay(EVERY_MS)) {
    const answer = (await (await fetch(`${slicer}/frames/newest`)).json()) as NewestFrames
    const frame = answer.newestFrame[rendition]
    if (frame !== undefined) least = Math.min(least, Date.now() - msOfFrame(frame + 1))
  }
  return least
}
