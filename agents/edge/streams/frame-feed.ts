import type { NumberedFrame } from '../../../media/frame-bundle.ts'
import {
  FRAMES_PER_SEGMENT,
  firstFrameOfSegment,
  LISTING_DELAY_FRAMES,
  segmentOfFrame,
} from '../../../media/timeline.ts'
import { type Clock, sleep } from '../../../platform/clock.ts'
import type { Logger } from '../../../platform/log.ts'
import type { Title } from '../../../schemas/markers.ts'
import type { FrameClient } from '../../shared/frame-client.ts'
import { chooseSource, continuation } from './feed-source.ts'

/** The most that is asked for at once. */
const ANSWER_FRAMES_MAX = 4 * FRAMES_PER_SEGMENT
/** Frames kept: the largest answer, and behind it what a listener runs late by until titles are known, and its burst. */
const KEPT_FRAMES = ANSWER_FRAMES_MAX + FRAMES_PER_SEGMENT + LISTING_DELAY_FRAMES + FRAMES_PER_SEGMENT
const START_BEHIND_FRAMES = 3 * FRAMES_PER_SEGMENT
/** Asking five times a second costs less than once a frame, and adds as much delay as a listener's own buffer forgets. */
const POLL_PAUSE_MS = 200
const WAIT_MS = 400
/** With the pause and the next source's answer a change of source takes about 1.1 s. */
const ANSWER_TIME_MAX_MS = 800
const SHUNNED_FOR_MS = 3_000
/** A hole that no source can fill for so long is given up. */
const HOLE_PATIENCE_MS = 8_000
const LINGER_MS = 15_000

export type FrameFeedOptions = {
  rendition: string
  /** Base addresses of who has frames, best first. */
  sources(): readonly string[]
  client: FrameClient
  clock: Clock
  log: Logger
}

/**
 * One rendition's row of frames as it grows, pulled from whoever has it: each number once, in order, whichever slicer dies.
 * It runs while somebody listens, and a while longer.
 */
export class FrameFeed {
  readonly #options: FrameFeedOptions
  readonly #listeners = new Set<() => void>()
  readonly #failedAtMs = new Map<string, number>()
  #running: AbortController | null = null
  #cancelLinger: (() => void) | null = null
  #next: number | null = null
  #stuckSinceMs: number | null = null
  #markedSegment = -1
  #current: string | null = null
  /** In rising order. */
  frames: NumberedFrame[] = []
  /** In rising order; the first may lie before the oldest frame. */
  titles: Title[] = []
  readonly counters = { changesOfSource: 0, framesSkipped: 0 }

  constructor(options: FrameFeedOptions) {
    this.#options = options
  }

  /** Calls back whenever there is something new; the answer ends that. */
  subscribe(callback: () => void): () => void {
    this.#listeners.add(callback)
    this.#cancelLinger?.()
    this.#cancelLinger = null
    if (this.#running === null) this.#start()
    return () => {
      if (!this.#listeners.delete(callback) || this.#listeners.size > 0 || this.#running === null) return
      this.#cancelLinger = this.#options.clock.after(LINGER_MS, () => this.stop())
    }
  }

  stop(): void {
    this.#cancelLinger?.()
    this.#cancelLinger = null
    this.#running?.abort(new Error('the feed has ended'))
    this.#running = null
  }

  #start(): void {
    const running = new AbortController()
    this.#running = running
    this.frames = []
    this.titles = []
    this.#next = null
    this.#stuckSinceMs = null
    this.#markedSegment = -1
    void this.#run(running.signal)
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    while (!signal.aborted) {
      const hasProgressed = await this.#step(signal)
      const pauseMs = hasProgressed ? POLL_PAUSE_MS : this.#hasUntriedSource() ? 0 : POLL_PAUSE_MS
      if (pauseMs > 0) await sleep(clock, pauseMs, signal).catch(() => undefined)
    }
  }

  #hasUntriedSource(): boolean {
    const nowMs = this.#options.clock.monotonicMs()
    return this.#options.sources().some((url) => nowMs - (this.#failedAtMs.get(url) ?? -Infinity) >= SHUNNED_FOR_MS)
  }

  async #step(signal: AbortSignal): Promise<boolean> {
    const { clock, client, rendition } = this.#options
    const urls = this.#options.sources()
    for (const url of this.#failedAtMs.keys()) if (!urls.includes(url)) this.#failedAtMs.delete(url)
    const isCurrentSound =
      this.#current !== null && urls.includes(this.#current) && !this.#failedAtMs.has(this.#current)
    const url = isCurrentSound
      ? this.#current
      : chooseSource(urls, this.#failedAtMs, clock.monotonicMs(), SHUNNED_FOR_MS)
    if (url === null) return false
    this.#use(url)
    const limited = new AbortController()
    const signals = AbortSignal.any([signal, limited.signal])
    const cancel = clock.after(ANSWER_TIME_MAX_MS, () => limited.abort(new Error('it took too long to answer')))
    try {
      if (this.#next === null) {
        const newest = await client.fetchNewest(url, signals)
        const frame = newest.newestFrame[rendition]
        if (frame === undefined) throw new Error(`it has no frames of ${rendition}`)
        this.#next = Math.max(newest.firstAvailableFrame, frame + 1 - START_BEHIND_FRAMES)
      }
      const bundle = await client.fetchFrames(
        url,
        rendition,
        this.#next,
        this.#next + ANSWER_FRAMES_MAX,
        WAIT_MS,
        signals,
      )
      for (const marker of bundle.markers) this.#learnTitles(marker.segment, marker.titles)
      const { frames, resumesAt } = continuation(this.#next, bundle.frames)
      if (frames.length === 0) {
        await this.#considerSkipping(url, resumesAt, signals)
        throw new Error(resumesAt === null ? 'it has nothing new' : 'it lacks the next frame')
      }
      this.#failedAtMs.delete(url)
      this.#stuckSinceMs = null
      this.#append(frames)
      await this.#fetchMarker(url, signals)
      return true
    } catch (error) {
      if (!signal.aborted) {
        this.#failedAtMs.set(url, clock.monotonicMs())
        this.#options.log.debug({ url, reason: (error as Error).message }, 'another source of frames is tried')
      }
      return false
    } finally {
      cancel()
    }
  }

  #use(url: string): void {
    if (this.#current === url) return
    if (this.#current !== null) this.counters.changesOfSource += 1
    this.#current = url
  }

  #append(frames: NumberedFrame[]): void {
    this.frames.push(...frames)
    this.#next = frames[frames.length - 1]!.frame + 1
    if (this.frames.length > KEPT_FRAMES) this.frames.splice(0, this.frames.length - KEPT_FRAMES)
    const oldest = this.frames[0]!.frame
    while (this.titles.length > 1 && this.titles[1]!.frame <= oldest) this.titles.shift()
    for (const callback of [...this.#listeners]) callback()
  }

  /** A marker comes after its segment's last frame, so that the answer with the frames could not hold it yet. */
  async #fetchMarker(url: string, signal: AbortSignal): Promise<void> {
    const sealed = segmentOfFrame(this.#next!) - 1
    if (this.#markedSegment >= sealed) return
    const last = firstFrameOfSegment(sealed + 1) - 1
    const bundle = await this.#options.client.fetchFrames(url, this.#options.rendition, last, last + 1, 0, signal)
    for (const marker of bundle.markers) this.#learnTitles(marker.segment, marker.titles)
  }

  #learnTitles(segment: number, titles: readonly Title[]): void {
    if (segment <= this.#markedSegment) return
    this.#markedSegment = segment
    const newest = this.titles[this.titles.length - 1]
    const isSame = (title: Title): boolean =>
      newest !== undefined &&
      newest.title === title.title &&
      newest.artist === title.artist &&
      newest.itemId === title.itemId
    this.titles.push(...titles.filter((title, index) => index > 0 || !isSame(title)))
  }

  /** Frames that were given up by playout, or that nobody has had for a while, are passed over. */
  async #considerSkipping(url: string, resumesAt: number | null, signal: AbortSignal): Promise<void> {
    const { clock, client, log, rendition } = this.#options
    this.#stuckSinceMs ??= clock.monotonicMs()
    const { firstAvailableFrame } = await client.fetchNewest(url, signal)
    const isGivenUp = firstAvailableFrame > this.#next!
    const isBeyondPatience = resumesAt !== null && clock.monotonicMs() - this.#stuckSinceMs > HOLE_PATIENCE_MS
    if (!isGivenUp && !isBeyondPatience) return
    const goOnAt = Math.max(isGivenUp ? firstAvailableFrame : 0, isBeyondPatience ? resumesAt : 0)
    const skipped = goOnAt - this.#next!
    this.counters.framesSkipped += skipped
    log.warn({ rendition, from: this.#next, skipped }, 'frames that nobody has are passed over in the endless streams')
    this.#next = goOnAt
    this.#stuckSinceMs = null
  }
}
