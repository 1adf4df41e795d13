import type { FrameBundle } from '../../../media/frame-bundle.ts'
import {
  FRAME_MS,
  FRAMES_PER_SEGMENT,
  firstFrameOfSegment,
  newestListableSegment,
  segmentOfFrame,
} from '../../../media/timeline.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Logger } from '../../../platform/log.ts'
import type { NodeBriefing } from '../../../schemas/nodes.ts'
import type { NewestFrames } from '../../../schemas/playout.ts'
import type { FrameClient } from '../../shared/frame-client.ts'
import { markerFault } from '../../shared/sound-marker.ts'
import type { AirStore } from '../air/air-store.ts'
import type { Disk } from '../air/disk.ts'
import { isTrue, type SealedSegment } from '../air/segment-file.ts'
import { limits } from '../limits.ts'
import { missingSpans, type Span } from './missing.ts'

export type PullerParts = {
  briefing(): NodeBriefing | null
  client: FrameClient
  store: AirStore
  disk: Disk
  clock: Clock
  log: Logger
}
type Source = { url: string; newest: NewestFrames }

/**
 * Brings the sealed segments of every rendition into the archive. Each round it looks which of the newest are missing, whatever the reason:
 * they are new, the archive was dead, its file was torn, nobody could be asked. So there is nothing to be remembered.
 */
export class Puller {
  readonly #parts: PullerParts
  readonly #askedInVainMs = new Map<string, number>()
  /** What is older was given up by playout, or has never been. */
  #firstSegment = 0
  #heard: { frame: number; atMs: number } | null = null
  /** The newest frame that anybody has told of. */
  newestFrame: Record<string, number> = {}
  segmentsStored = 0
  segmentsRefused = 0
  /** Why nothing comes, in a sentence; null while something does. */
  trouble: string | null = 'nothing has been fetched yet'

  constructor(parts: PullerParts) {
    this.#parts = parts
  }

  /** The timeline's present frame, by what was heard last and the time since; null before anything was. */
  nowFrame(): number | null {
    if (!this.#heard) return null
    return this.#heard.frame + Math.floor((this.#parts.clock.monotonicMs() - this.#heard.atMs) / FRAME_MS)
  }

  /** Segments that exist and are not held, of those within reach. */
  missing(): number {
    return (this.#parts.briefing()?.station.renditions ?? [])
      .flatMap(({ id }) => this.#spansOf(id, false))
      .reduce((sum, { from, to }) => sum + to - from, 0)
  }

  /** A segment that can't come any more: it is older than what others keep. */
  isBeyondReach(rendition: string, segment: number): boolean {
    const newest = this.newestFrame[rendition]
    return newest !== undefined && segment < segmentOfFrame(newest + 1) - limits.reachSegments
  }

  /** Asks how far the air is, without fetching anything. Never rejects. */
  async listen(signal: AbortSignal): Promise<readonly Source[]> {
    const briefing = this.#parts.briefing()
    if (!briefing) return []
    const sources = await this.#sources(briefing, signal)
    for (const { newest } of sources)
      for (const [rendition, frame] of Object.entries(newest.newestFrame)) this.#hear(rendition, frame)
    if (sources.length === 0) return []
    this.trouble = null
    this.#firstSegment = segmentOfFrame(Math.max(...sources.map(({ newest }) => newest.firstAvailableFrame)))
    return sources
  }

  /** Looks once for what is missing, and fetches it. Never rejects. */
  async round(signal: AbortSignal): Promise<void> {
    const sources = await this.listen(signal)
    const briefing = this.#parts.briefing()
    if (!briefing || sources.length === 0) return
    for (const { id } of briefing.station.renditions)
      for (const span of this.#spansOf(id, true)) {
        if (this.#parts.disk.alarm() !== null || signal.aborted) return
        await this.#fetch(id, span, sources, signal)
      }
  }

  #hear(rendition: string, frame: number): void {
    this.newestFrame[rendition] = Math.max(this.newestFrame[rendition] ?? -1, frame)
    if (frame > (this.#heard?.frame ?? -1)) this.#heard = { frame, atMs: this.#parts.clock.monotonicMs() }
  }

  /** Playout; when it can't be asked, the slicers. */
  async #sources(briefing: NodeBriefing, signal: AbortSignal): Promise<Source[]> {
    const slicers = briefing.peers.filter(({ role }) => role === 'slicer').map(({ url }) => url)
    const found: Source[] = []
    let failure = ''
    for (const url of [briefing.playoutUrl, ...slicers]) {
      try {
        found.push({ url, newest: await this.#parts.client.fetchNewest(url, signal) })
        if (url === briefing.playoutUrl && !this.#isBehind(briefing)) break
      } catch (error) {
        failure ||= (error as Error).message
      }
    }
    if (found.length === 0) this.trouble = `nobody can be asked for frames: ${failure}`
    return found
  }

  /** Then slicers are worth asking too: playout may have begun anew without its spool. */
  #isBehind(briefing: NodeBriefing): boolean {
    return briefing.station.renditions.some(({ id }) => this.#spansOf(id, true).length > 1)
  }

  #spansOf(rendition: string, areVainExcused: boolean): Span[] {
    const newest = this.newestFrame[rendition]
    if (newest === undefined) return []
    // A moment after its last frame a segment's marker is surely there.
    const to = newestListableSegment(newest) + 1
    const { store, clock } = this.#parts
    const isExcused = (segment: number): boolean => {
      const atMs = this.#askedInVainMs.get(`${rendition}/${segment}`)
      return areVainExcused && atMs !== undefined && clock.monotonicMs() - atMs < limits.vainMs
    }
    return missingSpans(
      { from: Math.max(0, this.#firstSegment, to - limits.reachSegments), to },
      (segment) => store.has(rendition, segment),
      isExcused,
      limits.segmentsPerRequest,
    )
  }

  async #fetch(rendition: string, span: Span, sources: readonly Source[], signal: AbortSignal): Promise<void> {
    const { client, store, log } = this.#parts
    const isWhole = (): boolean => this.#lackOf(rendition, span).length === 0
    let haveAllAnswered = true
    for (const { url } of sources) {
      if (isWhole()) return
      const [from, to] = [firstFrameOfSegment(span.from), firstFrameOfSegment(span.to)]
      try {
        const bundle = await client.fetchFrames(url, rendition, from, to, 0, signal)
        for (const sealed of this.#sealedIn(bundle, rendition))
          if (!store.has(rendition, sealed.marker.segment)) this.#keep(sealed)
      } catch (error) {
        haveAllAnswered = false
        log.debug({ url, span }, `segments can't be fetched: ${(error as Error).message}`)
      }
    }
    this.#forgetVain()
    if (!haveAllAnswered || this.#parts.disk.alarm() !== null) return
    for (const segment of this.#lackOf(rendition, span))
      this.#askedInVainMs.set(`${rendition}/${segment}`, this.#parts.clock.monotonicMs())
  }

  #lackOf(rendition: string, { from, to }: Span): number[] {
    const segments = Array.from({ length: to - from }, (_, index) => from + index)
    return segments.filter((segment) => !this.#parts.store.has(rendition, segment))
  }

  #sealedIn({ frames, markers }: FrameBundle, rendition: string): SealedSegment[] {
    return markers.flatMap((marker) => {
      if (marker.rendition !== rendition || markerFault(marker) !== null) return []
      const end = marker.firstFrame + FRAMES_PER_SEGMENT
      const units = frames.filter(({ frame }) => frame >= marker.firstFrame && frame < end).map(({ unit }) => unit)
      const sealed = { marker, units }
      if (isTrue(sealed)) return [sealed]
      if (units.length === FRAMES_PER_SEGMENT) this.segmentsRefused += 1
      return []
    })
  }

  #keep(sealed: SealedSegment): void {
    const { store, disk } = this.#parts
    disk.look()
    if (disk.alarm() !== null) return
    try {
      store.append(sealed)
      this.segmentsStored += 1
    } catch (error) {
      disk.failed(error as Error)
    }
  }

  #forgetVain(): void {
    const nowMs = this.#parts.clock.monotonicMs()
    for (const [key, atMs] of this.#askedInVainMs) if (nowMs - atMs > limits.vainMs) this.#askedInVainMs.delete(key)
  }
}
