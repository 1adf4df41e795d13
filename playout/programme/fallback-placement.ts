import { SAMPLE_RATE } from '../../media/timeline.ts'
import type { Placement } from './placement.ts'

const PIECE_SAMPLES = 10 * SAMPLE_RATE
const FADE_SAMPLES = SAMPLE_RATE

export const isFallback = ({ rung }: Placement): boolean => rung === 'emergency' || rung === 'bed'

/** The emergency file or the bed from here on: ten more seconds, or until something is planned. */
export const fallbackEnd = (from: number, plannedSample: number | null): number =>
  plannedSample !== null && plannedSample > from ? Math.min(from + PIECE_SAMPLES, plannedSample) : from + PIECE_SAMPLES

/** What lies there already lies on. */
export function prolong(last: Placement, endSample: number): void {
  last.endSample = Math.max(endSample, last.endSample + SAMPLE_RATE)
  last.fadeOutSamples = Math.min(FADE_SAMPLES, Math.floor((last.endSample - last.startSample) / 2))
}

/** `fadeInSamplesMax`: for as long as what sounds goes out. */
export function fallbackPlacement(
  rung: 'emergency' | 'bed',
  span: { from: number; endSample: number; fadeInSamplesMax: number },
  title: string,
  reason: string,
): Placement {
  const { from, endSample, fadeInSamplesMax } = span
  const length = endSample - from
  return {
    id: `${rung}-${from}`,
    kind: rung,
    rung,
    title,
    artist: '',
    path: null,
    cueInSample: 0,
    gainDb: 0,
    startSample: from,
    endSample: Math.max(endSample, from + SAMPLE_RATE),
    fadeInSamples: Math.min(fadeInSamplesMax, Math.floor(length / 2)),
    fadeOutSamples: Math.min(FADE_SAMPLES, Math.floor(length / 2)),
    plannedStartSample: null,
    reason,
    logged: false,
  }
}
