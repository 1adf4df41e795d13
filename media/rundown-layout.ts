import type { Playable, RundownItem } from '../schemas/rundown.ts'
import {
  type Boundary,
  chooseFiller,
  cutByBoundary,
  cutFadeSamples,
  LEAST_SOUNDING_SAMPLES,
  usableFillers,
} from './rundown-fill.ts'
import { cutTo, endSampleOf, joinSamples, wholeLengthSamples } from './rundown-joins.ts'
import { SAMPLE_RATE, sampleAtMs } from './timeline.ts'

export type LayoutRequest = {
  /** What is to come, in order; the start samples of items that are not anchored are ignored. */
  items: readonly RundownItem[]
  /** What fills holes, taken round and round from `fillerOffset` on. */
  fillers: readonly Playable[]
  fillerOffset: number
  fromSample: number
  /** Items are placed until this sample is reached; the last one is not cut for it. An anchored item due at or before it is placed. */
  untilSample: number
  crossfadeSamples: number
  /** What sounds at `fromSample`: it is never shortened. */
  incoming?: { endSample: number; fadeOutSamples: number } | undefined
  /** Fillers are named `<idPrefix>-0`, `<idPrefix>-1`, … */
  idPrefix: string
  fillerReason?: string
}

export type Layout = {
  items: RundownItem[]
  /** By how much to advance `fillerOffset` next time. */
  fillersUsed: number
}

/** An anchored item that has sounded for less than this is not cut by the next one, which waits for its end instead. */
const ANCHOR_SOUNDS_SAMPLES = SAMPLE_RATE

/**
 * Packs items one after the other, joined by equal-power crossfades, around those whose time is fixed. Pure and deterministic;
 * the control center plans with it, playout re-packs with it when an item fails or ends early.
 *
 * - An anchored item starts exactly at its time (`fixed.atMs`, else `startSample`), at its full level; what plays before goes out
 *   under its first 20 ms. With `fixed.waitSecondsMax` it lets the item before end, if that ends in time; if not, it cuts at once.
 * - The room before an anchor takes the items in order. One that would be cut is started only when at least 20 s, and half of it
 *   (a show's item: 20 s), would sound. A cut item gets some of its length back when there is room. Then fillers, the last
 *   one chosen so that as little as possible is cut off it. When less than 20 s would be left for it, a song before it ends earlier.
 * - Items before an anchor that find no room are left out. No fade is longer than half of its item, and never do three items sound.
 * - No fillers: the songs among the items serve. Nothing at all: holes, which are playout's emergency to fill. Fillers under 1 s are not used.
 */
export function layOut(request: LayoutRequest): Layout {
  const { crossfadeSamples, fromSample, incoming } = request
  const ring = usableFillers(request.fillers, request.items)
  const placed: RundownItem[] = []
  let fillersUsed = 0
  let fillerNumber = 0

  const last = (): RundownItem | undefined => placed[placed.length - 1]
  const incomingEnd = Math.max(fromSample, incoming?.endSample ?? fromSample)
  const soundsUntil = (): number => {
    const item = last()
    return item ? endSampleOf(item) : incomingEnd
  }
  const overlapWith = (next: { kind: RundownItem['kind']; lengthSamples: number }): number => {
    const item = last()
    if (item) return joinSamples(item, next, crossfadeSamples)
    return Math.min(incomingEnd - fromSample, incoming?.fadeOutSamples ?? 0, Math.floor(next.lengthSamples / 2))
  }
  const naturalEnd = (next: { kind: RundownItem['kind']; lengthSamples: number }): number =>
    soundsUntil() - overlapWith(next) + next.lengthSamples

  /** Appends an item; one that would run into the boundary ends with a 20 ms fade under it. Needs what sounds to end before the boundary. */
  const append = (item: RundownItem, boundary: Boundary): void => {
    let overlap = overlapWith(item)
    if (boundary.anchor && cutByBoundary(naturalEnd(item), item, boundary, crossfadeSamples)) {
      const gap = boundary.atSample - soundsUntil()
      const fade = cutFadeSamples(boundary.anchor)
      overlap = Math.min(overlap, gap + fade)
      cutTo(item, Math.min(item.lengthSamples, gap + overlap + Math.min(fade, gap + overlap)))
    }
    const before = last()
    if (before) before.fadeOutSamples = overlap
    item.startSample = soundsUntil() - overlap
    item.fadeInSamples = overlap
    item.fadeOutSamples = 0
    placed.push(item)
  }

  const appendFloating = (source: RundownItem, boundary: Boundary): boolean => {
    const item = { ...source, anchored: false }
    const end = naturalEnd(item)
    if (cutByBoundary(end, item, boundary, crossfadeSamples)) {
      const sounding = boundary.atSample - (end - item.lengthSamples)
      const enough = item.kind === 'show' || sounding >= item.lengthSamples / 2
      if (sounding < LEAST_SOUNDING_SAMPLES || !enough) return false
    }
    append(item, boundary)
    return true
  }

  const lengthen = (boundary: Boundary): void => {
    const item = last()
    if (!item?.uncutSamples || soundsUntil() >= boundary.atSample) return
    cutTo(item, wholeLengthSamples(item))
    if (boundary.anchor && cutByBoundary(endSampleOf(item), item, boundary, crossfadeSamples)) {
      const room = boundary.atSample - item.startSample
      cutTo(item, room + Math.min(room, cutFadeSamples(boundary.anchor)))
    }
  }

  /** Ends a song earlier, so that what stands between it and the boundary is worth starting. */
  const makeRoom = (boundary: Boundary): void => {
    const item = last()
    if (item?.kind !== 'music' || item.anchored) return
    const missing = LEAST_SOUNDING_SAMPLES - (boundary.atSample - soundsUntil())
    const left = item.lengthSamples - missing
    if (missing > 0 && left >= 2 * LEAST_SOUNDING_SAMPLES && left >= 2 * item.fadeInSamples) cutTo(item, left)
  }

  const fill = (boundary: Boundary, untilSample: number): void => {
    lengthen(boundary)
    while (ring.length > 0 && soundsUntil() < untilSample) {
      const choice = chooseFiller({
        ring,
        offset: request.fillerOffset + fillersUsed,
        avoidPaths: [last()?.path, boundary.anchor?.path],
        boundary,
        naturalEnd,
        crossfadeSamples,
      })
      if (choice.isStub) makeRoom(boundary)
      fillersUsed += choice.advance
      append(
        {
          ...choice.filler,
          id: `${request.idPrefix}-${fillerNumber++}`,
          startSample: 0,
          fadeInSamples: 0,
          fadeOutSamples: 0,
          anchored: false,
          reason: request.fillerReason ?? 'Fills the time until what comes next.',
        },
        boundary,
      )
    }
  }

  /** Places an anchored item: at its time, or when what plays before has ended. */
  const appendAnchored = (source: RundownItem, boundary: Boundary): void => {
    const item = { ...source, fadeInSamples: 0, fadeOutSamples: 0 }
    const before = last()
    const dueSample = boundary.atSample
    const atEnd = soundsUntil() - overlapWith(boundary.anchor ?? item)
    item.startSample = Math.max(dueSample, atEnd)
    if (
      before &&
      atEnd > dueSample + boundary.waitSamples &&
      mayBeCutAt(before, dueSample, placed[placed.length - 2])
    ) {
      item.startSample = dueSample
      const sounded = dueSample - before.startSample
      cutTo(before, sounded + Math.min(cutFadeSamples(item), sounded, soundsUntil() - dueSample))
    }
    if (before) before.fadeOutSamples = Math.max(0, soundsUntil() - item.startSample)
    placed.push(item)
  }

  /** The floating items of one stretch, as many as find room. */
  const appendStretch = (floating: readonly RundownItem[], boundary: Boundary, untilSample: number): void => {
    for (const item of floating) if (soundsUntil() >= untilSample || !appendFloating(item, boundary)) break
    fill(boundary, untilSample)
  }

  const anchors = request.items.filter(({ anchored }) => anchored)
  let floating: RundownItem[] = []
  let boundary: Boundary = { atSample: request.untilSample, waitSamples: 0, anchor: null }
  for (const item of request.items) {
    if (!item.anchored) {
      floating.push(item)
      continue
    }
    const before = boundaryBefore(item, anchors[anchors.indexOf(item) + 1], fromSample)
    if (before.atSample > request.untilSample) {
      boundary = before
      break
    }
    appendStretch(floating, before, before.atSample)
    appendAnchored(item, before)
    floating = []
  }
  appendStretch(floating, boundary, request.untilSample)
  return { items: placed, fillersUsed }
}

/** An anchored item is cut by the next one only when it has sounded for a second, and what played before it is out. */
function mayBeCutAt(item: RundownItem, sample: number, before: RundownItem | undefined): boolean {
  const sounded = sample - item.startSample
  if (!item.anchored) return true
  return sounded >= ANCHOR_SOUNDS_SAMPLES && sounded >= 2 * (before?.fadeOutSamples ?? 0)
}

const dueSampleOf = (anchor: RundownItem): number => (anchor.fixed ? sampleAtMs(anchor.fixed.atMs) : anchor.startSample)

/** Where an anchored item wants to be, and for how long it is left alone there. */
function boundaryBefore(anchor: RundownItem, next: RundownItem | undefined, fromSample: number): Boundary {
  const atSample = Math.max(dueSampleOf(anchor), fromSample)
  const waitSamples = Math.round((anchor.fixed?.waitSecondsMax ?? 0) * SAMPLE_RATE)
  const alone = next
    ? Math.max(ANCHOR_SOUNDS_SAMPLES, dueSampleOf(next) - atSample - waitSamples)
    : Number.POSITIVE_INFINITY
  const { kind, path } = anchor
  return { atSample, waitSamples, anchor: { kind, path, lengthSamples: Math.min(anchor.lengthSamples, alone) } }
}
