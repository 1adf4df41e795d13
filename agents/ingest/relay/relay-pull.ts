import type { Clock } from '../../../platform/clock.ts'
import type { Logger } from '../../../platform/log.ts'
import type { Processes } from '../../../platform/processes.ts'
import { backoffMs } from '../../shared/backoff.ts'
import type { Feeds } from '../feeds/feeds.ts'
import type { FeedWriter } from '../feeds/sender.ts'
import { RELAY_LIMITS } from '../limits.ts'
import { type Fetch, type FetchEnd, startFetch } from './fetch.ts'
import { Pacer } from './pacer.ts'

export type RelayPullOptions = {
  keyId: string
  url: string
  feeds: Feeds
  processes: Processes
  clock: Clock
  random(): number
  log: Logger
}

/**
 * Pulls one stream until it is stopped. What is held for the even flow also bridges a pull that has to begin anew: the feed is lost only when
 * it runs out.
 */
export class RelayPull {
  readonly #options: RelayPullOptions
  readonly #pacer = new Pacer()
  readonly #stopTicking: () => void
  #fetch: Fetch | null = null
  #writer: FeedWriter | null = null
  #format = ''
  #failures = 0
  /** Of the pull that broke off; empty while one goes on. */
  #trouble = ''
  #isFull = false
  #cancelRetry: () => void = () => {}
  #isOver = false

  constructor(options: RelayPullOptions) {
    this.#options = options
    this.#stopTicking = options.clock.every(RELAY_LIMITS.pieceMs, () => this.#tick())
    this.#begin()
  }

  pulls(url: string): boolean {
    return this.#options.url === url
  }

  stop(reason: string): void {
    this.#isOver = true
    this.#stopTicking()
    this.#cancelRetry()
    this.#fetch?.kill()
    this.#writer?.end(reason)
    this.#writer = null
  }

  #begin(): void {
    if (this.#isOver) return
    const { url, processes, clock } = this.#options
    this.#isFull = false
    this.#fetch = startFetch({
      url,
      firstSoundMs: RELAY_LIMITS.firstSoundMs,
      silentMs: RELAY_LIMITS.silentMs,
      soundlessMs: RELAY_LIMITS.soundlessMs,
      processes,
      clock,
      pcm: (samples) => this.#take(samples),
      format: (text) => {
        this.#format = text
        this.#writer?.format(text)
      },
      title: (text) => this.#pacer.title(text),
      ended: (end) => this.#ended(end),
    })
  }

  #take(samples: Buffer): void {
    this.#trouble = ''
    this.#writer?.heard()
    this.#pacer.push(samples)
    this.#isFull = this.#pacer.heldMs > RELAY_LIMITS.heldMsMax
    if (this.#isFull) this.#fetch?.pause()
  }

  #tick(): void {
    const { clock } = this.#options
    for (const held of this.#pacer.take(clock.monotonicMs())) {
      this.#writer ??= this.#open()
      if (!this.#writer) return
      if ('samples' in held) this.#writer.pcm(held.samples)
      else this.#writer.title(held.title)
    }
    if (this.#writer && this.#pacer.heldMs > 0) {
      this.#writer.problem(
        'relay',
        this.#trouble === '' ? null : `The stream broke off, and is asked for again: ${this.#trouble}.`,
      )
      this.#writer.heard()
      if (this.#trouble === '') this.#failures = 0
    } else if (this.#writer && this.#trouble !== '') {
      this.#writer.lost(`The stream broke off: ${this.#trouble}.`)
      this.#writer = null
    }
    if (this.#isFull && this.#pacer.heldMs < RELAY_LIMITS.heldMsMax - RELAY_LIMITS.leftMs) {
      this.#isFull = false
      this.#fetch?.resume()
    }
  }

  #open(): FeedWriter | null {
    const { feeds, keyId, url } = this.#options
    const opened = feeds.open({
      keyId,
      source: 'relay',
      remoteAddress: URL.canParse(url) ? new URL(url).hostname : '',
      format: this.#format,
      drop: (reason) => this.#giveUp(reason),
    })
    if ('writer' in opened) return opened.writer
    this.#giveUp(opened.refuse)
    return null
  }

  /** The station wants none of it now: it is tried again later, for a while. */
  #giveUp(reason: string): void {
    this.#writer = null
    this.#pacer.clear()
    this.#fetch?.kill()
    this.#again(reason)
  }

  #ended({ reason }: FetchEnd): void {
    const { log, keyId } = this.#options
    if (this.#failures === 0) log.warn({ keyId }, `a relay's stream broke off: ${reason}`)
    this.#again(reason)
  }

  #again(reason: string): void {
    const { clock, random } = this.#options
    this.#fetch = null
    this.#trouble = reason
    const pauseMs = backoffMs(this.#failures++, RELAY_LIMITS.retryFirstMs, RELAY_LIMITS.retryLongestMs, random)
    this.#cancelRetry()
    this.#cancelRetry = clock.after(pauseMs, () => this.#begin())
  }
}
