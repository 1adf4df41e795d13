import type { Playable, RundownItem } from '../schemas/rundown.ts'
import { CUT_FADE_SAMPLES, fadeSamplesMax, joinSamples, wholeLengthSamples } from './rundown-joins.ts'
import { SAMPLE_RATE } from './timeline.ts'

/** A shorter piece of a song is not worth starting. */
export const LEAST_SOUNDING_SAMPLES = 20 * SAMPLE_RATE
const USABLE_SAMPLES_MIN = SAMPLE_RATE
/** How many fillers, in their order, are compared for the last place before an anchor. */
const CHOICES_MAX = 64

type Lasting = { kind: RundownItem['kind']; lengthSamples: number }

/** What the items of a stretch run up to: an anchored item, or just the end of what is asked for. */
export type Boundary = {
  atSample: number
  waitSamples: number
  /** `lengthSamples` is what it sounds for certain: less than its length when another one comes soon after. */
  anchor: (Lasting & { path: string }) | null
}

/** Whether an item that would end at `end` has to be cut for the boundary, rather than fade out under it or be waited for. */
export function cutByBoundary(end: number, item: Lasting, boundary: Boundary, crossfadeSamples: number): boolean {
  const { anchor, atSample, waitSamples } = boundary
  if (!anchor) return false
  if (end - joinSamples(item, anchor, crossfadeSamples) <= atSample + waitSamples) return false
  return end - atSample > Math.min(cutFadeSamples(anchor), fadeSamplesMax(item))
}

/** How long what is cut sounds on under what cuts it. */
export const cutFadeSamples = (anchor: Lasting): number =>
  Math.min(CUT_FADE_SAMPLES, Math.floor(anchor.lengthSamples / 2))

/** The fillers that are long enough to be used; without any, the songs and show items themselves, but no ident over and over. */
export function usableFillers(fillers: readonly Playable[], items: readonly RundownItem[]): Playable[] {
  const usable = fillers.filter((filler) => filler.lengthSamples >= USABLE_SAMPLES_MIN)
  if (usable.length > 0) return usable
  const songs = items.filter(({ kind }) => kind !== 'ident' && kind !== 'jingle')
  const byPath = new Map(songs.map((item) => [item.path, playableOf(item)]))
  return [...byPath.values()].filter((filler) => filler.lengthSamples >= USABLE_SAMPLES_MIN)
}

function playableOf(item: RundownItem): Playable {
  const { path, fingerprint, kind, title, artist, album, cueInSample, gainDb } = item
  const lengthSamples = wholeLengthSamples(item)
  return { path, fingerprint, kind, title, artist, ...(album && { album }), cueInSample, lengthSamples, gainDb }
}

export type FillerRequest = {
  ring: readonly Playable[]
  offset: number
  /** Neighbours: a filler does not play beside itself when there is another. */
  avoidPaths: readonly (string | undefined)[]
  boundary: Boundary
  naturalEnd: (next: Lasting) => number
  crossfadeSamples: number
}

export type FillerChoice = {
  filler: Playable
  /** How many places of the ring were used up. */
  advance: number
  /** Too little of it would sound before the boundary. */
  isStub: boolean
}

/**
 * The next filler of the ring when it leaves room for another one; near the boundary, of the next ones that which loses least:
 * nothing when it ends within the boundary's wait or crossfade, else what is cut off it.
 */
export function chooseFiller(request: FillerRequest): FillerChoice {
  const { ring, offset, avoidPaths, boundary, naturalEnd, crossfadeSamples } = request
  let best: (FillerChoice & { cost: number }) | null = null
  let isFirst = true
  const compared = Math.min(ring.length, CHOICES_MAX)
  for (let step = 0; step < compared; step++) {
    const filler = ring[(offset + step) % ring.length]!
    const end = naturalEnd(filler)
    const leaves = boundary.atSample - end
    const beside = avoidPaths.includes(filler.path)
    const roomy = leaves >= LEAST_SOUNDING_SAMPLES
    if (!beside && isFirst) {
      if (!boundary.anchor || leaves >= 2 * LEAST_SOUNDING_SAMPLES + filler.lengthSamples)
        return { filler, advance: step + 1, isStub: false }
      isFirst = false
    }
    const sounding = filler.lengthSamples - Math.max(0, -leaves)
    const isCut = cutByBoundary(end, filler, boundary, crossfadeSamples)
    const isStub = isCut && sounding < LEAST_SOUNDING_SAMPLES && sounding < filler.lengthSamples / 2
    let cost = step
    if (isCut) cost += -leaves
    else if (roomy) cost += LEAST_SOUNDING_SAMPLES
    else if (leaves > 0) cost += 100 * LEAST_SOUNDING_SAMPLES
    if (isStub) cost += 100 * LEAST_SOUNDING_SAMPLES
    if (beside) cost += 10_000 * LEAST_SOUNDING_SAMPLES
    if (best === null || cost < best.cost) best = { filler, advance: step + 1, isStub, cost }
  }
  if (!best) throw new Error('chooseFiller needs at least one filler')
  return best
}
