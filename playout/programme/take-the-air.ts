import { takeOver } from '../mixer/envelope.ts'
import type { Placement } from './placement.ts'

/**
 * A voice comes in at a sample: all that sounds goes out under it, in the middle of its own fades if need be, so that the powers add up
 * to one. What ended by itself only a little later gives the fade its length. Changes the placements, and answers the fade's length.
 */
export function takeTheAir(
  placed: readonly Placement[],
  atSample: number,
  fadeSamples: number,
  endReason: string,
): number {
  const sounding = placed.filter(({ endSample }) => endSample > atSample)
  for (const placement of sounding) if (placement.open) placement.endSample = atSample + fadeSamples
  const lastEnd = Math.max(atSample, ...sounding.map(({ endSample }) => endSample))
  const fade = Math.min(fadeSamples, lastEnd - atSample)
  for (const placement of sounding) {
    if (placement.endSample > atSample + fade || placement.open) placement.endReason = endReason
    delete placement.open
    // Nothing comes in under a fade out that has not begun.
    if (placement.endSample - placement.fadeOutSamples >= atSample && !placement.takenOver) placement.fadeOutSamples = 0
    takeOver(placement, atSample, atSample + fade)
  }
  return fade
}
