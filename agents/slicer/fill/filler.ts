import { FRAMES_PER_BUNDLE_MAX, type FrameBundle } from '../../../media/frame-bundle.ts'
import {
  FRAMES_PER_SEGMENT,
  firstFrameOfSegment,
  newestListableSegment,
  segmentOfFrame,
} from '../../../media/timeline.ts'
import { type Clock, sleep } from '../../../platform/clock.ts'
import type { Logger } from '../../../platform/log.ts'
import type { FrameClient } from '../../shared/frame-client.ts'
import { markerFault } from '../../shared/sound-marker.ts'
import type { RenditionStore } from '../store/rendition-store.ts'
import type { StationStore } from '../store/station-store.ts'
import { findGaps, type Gap } from './gaps.ts'
import type { Source, Sources } from './sources.ts'

const ROUND_MS = 250
/** A push brings 47 frames a second: this long without any, and it is asked elsewhere whether there are more. */
const QUIET_MS_MAX = 750
/** In one round, so that no rendition waits long for another round to begin. */
const GAPS_PER_ROUND_MAX = 8
/** How long it counts that all sources were asked for something in vain. */
const VAIN_MS_MAX = 3_000

export type Filler = {
  isSoughtInVain(rendition: string, segment: number): boolean
  framesFetched(): number
  /** Frames known to exist somewhere and not held here. */
  framesMissing(): number
  stop(): Promise<void>
}

/**
 * Fetches what the push did not bring: the window on joining, holes, markers, segments that differ from their marker, and the newest
 * frames while the push is quiet. Playout is asked first, then the peers, one bundle a rendition at a time.
 */
export function startFiller(options: {
  store: StationStore
  sources: Sources
  client: FrameClient
  /** Monotonic milliseconds since the push last brought a frame of a rendition; null: never. */
  quietMs(rendition: string): number | null
  clock: Clock
  log: Logger
}): Filler {
  const { store, sources, client, clock, log } = options
  const ending = new AbortController()
  const vain = new Map<string, number>()
  let framesFetched = 0
  let framesMissing = 0

  function gapsOf(rendition: RenditionStore, isQuiet: boolean): Gap[] {
    const elsewhere = isQuiet ? sources.newestFrame(rendition.rendition.id) : null
    const newest = Math.max(rendition.newestFrame ?? -1, elsewhere ?? -1)
    if (newest < 0) return []
    const kept = store.station?.keptSegments ?? 0
    const from = firstFrameOfSegment(Math.max(0, newestListableSegment(newest) - kept + 1))
    return findGaps(
      (segment) => rendition.slot(segment),
      Math.max(from, store.firstAvailableFrame),
      newest + 1,
      FRAMES_PER_BUNDLE_MAX,
    )
  }

  /** Answers how many frames or segments were gained. */
  function accept(rendition: RenditionStore, gap: Gap, source: Source, bundle: FrameBundle): number {
    const id = rendition.rendition.id
    const markers = bundle.markers.filter((marker) => marker.rendition === id && markerFault(marker) === null)
    if (gap.whole) return acceptWhole(rendition, gap, source, bundle, markers)
    let gained = 0
    for (const { frame, unit } of bundle.frames) if (store.put(id, frame, unit)) gained += 1
    for (const marker of markers) store.mark(marker)
    framesFetched += gained
    return gained
  }

  /** A whole segment that is not true to its marker: playout's word on the marker counts more than that which came with the push. */
  function acceptWhole(
    rendition: RenditionStore,
    gap: Gap,
    source: Source,
    bundle: FrameBundle,
    markers: FrameBundle['markers'],
  ): number {
    const segment = segmentOfFrame(gap.from)
    const theirs = markers.find((marker) => marker.segment === segment)
    const ours = rendition.slot(segment)?.marker ?? null
    if (theirs && !ours) store.mark(theirs)
    if (rendition.isSealed(segment)) return 1
    const units = bundle.frames.filter(({ frame }) => frame >= gap.from && frame < gap.to).map(({ unit }) => unit)
    const candidates = source.isPlayout ? [theirs, ours] : [ours]
    const isTaken = candidates.some((marker) => marker && store.replace(marker, units))
    if (isTaken) framesFetched += units.length
    return isTaken ? 1 : 0
  }

  function isClosed(rendition: RenditionStore, gap: Gap): boolean {
    if (gap.whole) return rendition.isSealed(segmentOfFrame(gap.from))
    for (let frame = gap.from; frame < gap.to; frame += 1) if (!rendition.unit(frame)) return false
    return true
  }

  async function fill(rendition: RenditionStore, gap: Gap): Promise<number> {
    let gained = 0
    let mayBeElsewhere = false
    const to = Math.min(gap.to, gap.from + FRAMES_PER_BUNDLE_MAX)
    const wanted = { ...gap, to }
    for (const source of sources.list()) {
      if (isClosed(rendition, wanted)) return gained
      try {
        const bundle = await client.fetchFrames(source.url, rendition.rendition.id, gap.from, to, 0, ending.signal)
        gained += accept(rendition, wanted, source, bundle)
      } catch (error) {
        if (ending.signal.aborted) return gained
        log.debug({ from: source.url, gap }, `frames can't be fetched: ${(error as Error).message}`)
        await sources.ask(source, ending.signal)
        if ((source.newest?.newestFrame[rendition.rendition.id] ?? -1) >= gap.from) mayBeElsewhere = true
      }
    }
    if (!mayBeElsewhere && !isClosed(rendition, wanted)) noteVain(rendition, wanted)
    return gained
  }

  function noteVain(rendition: RenditionStore, gap: Gap): void {
    const now = clock.monotonicMs()
    for (const [key, at] of vain) if (now - at > VAIN_MS_MAX) vain.delete(key)
    for (let segment = segmentOfFrame(gap.from); firstFrameOfSegment(segment) < gap.to; segment += 1)
      if (!rendition.isSealed(segment)) vain.set(`${rendition.rendition.id}/${segment}`, now)
  }

  async function round(): Promise<number> {
    const isQuiet = store.all().length === 0 || store.all().some(({ rendition }) => isQuietOn(rendition.id))
    if (isQuiet) {
      await sources.askAll(ending.signal)
      for (const { newest } of sources.list()) if (newest) store.learn(newest.generation, newest.firstAvailableFrame)
    }
    const gains = await Promise.all(
      store.all().map(async (rendition) => {
        let gained = 0
        const gaps = gapsOf(rendition, isQuiet)
        for (const gap of gaps.slice(0, GAPS_PER_ROUND_MAX)) gained += await fill(rendition, gap)
        return gained
      }),
    )
    framesMissing = store
      .all()
      .flatMap((rendition) => gapsOf(rendition, isQuiet))
      .reduce((sum, gap) => sum + (gap.whole ? FRAMES_PER_SEGMENT : gap.to - gap.from), 0)
    return gains.reduce((sum, gained) => sum + gained, 0)
  }

  const isQuietOn = (rendition: string): boolean =>
    (options.quietMs(rendition) ?? Number.POSITIVE_INFINITY) > QUIET_MS_MAX

  async function live(): Promise<void> {
    while (!ending.signal.aborted) {
      const gained = await round()
      if (gained > 0 && framesMissing > 0) continue
      await sleep(clock, ROUND_MS, ending.signal).catch(() => undefined)
    }
  }
  const living = live()

  return {
    isSoughtInVain(rendition, segment) {
      const at = vain.get(`${rendition}/${segment}`)
      return at !== undefined && clock.monotonicMs() - at <= VAIN_MS_MAX
    },
    framesFetched: () => framesFetched,
    framesMissing: () => framesMissing,
    async stop() {
      ending.abort(new Error('the node is ending'))
      await living
    },
  }
}
