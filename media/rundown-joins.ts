import type { ItemKind, RundownItem } from '../schemas/rundown.ts'
import { SAMPLE_RATE } from './timeline.ts'

/** How a cut sounds: what was playing goes out within 20 ms, under the first samples of what cuts it. */
export const CUT_FADE_SAMPLES = 960
/** Spoken pieces are joined tightly: a long fade would swallow their words. */
const SPOKEN_JOIN_SAMPLES = SAMPLE_RATE / 4

type Joinable = { kind: ItemKind; lengthSamples: number }

export const endSampleOf = (item: Pick<RundownItem, 'startSample' | 'lengthSamples'>): number =>
  item.startSample + item.lengthSamples

/** The longest fade that an item bears at one of its ends: half of itself, and for idents and jingles a quarter of a second. */
export function fadeSamplesMax(item: Joinable): number {
  const half = Math.floor(item.lengthSamples / 2)
  return item.kind === 'ident' || item.kind === 'jingle' ? Math.min(half, SPOKEN_JOIN_SAMPLES) : half
}

/** By how many samples two neighbours overlap when nothing forces them. */
export const joinSamples = (before: Joinable, after: Joinable, crossfadeSamples: number): number =>
  Math.min(crossfadeSamples, fadeSamplesMax(before), fadeSamplesMax(after))

/** The whole length of an item, also when it stands cut in the rundown. */
export const wholeLengthSamples = (item: { lengthSamples: number; uncutSamples?: number | undefined }): number =>
  Math.max(item.lengthSamples, item.uncutSamples ?? 0)

/** Changes how long an item sounds, and remembers what it would have been. */
export function cutTo(item: RundownItem, lengthSamples: number): void {
  const whole = wholeLengthSamples(item)
  item.lengthSamples = lengthSamples
  if (lengthSamples < whole) item.uncutSamples = whole
  else delete item.uncutSamples
}
