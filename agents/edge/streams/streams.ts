import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../../platform/clock.ts'
import type { Logger } from '../../../platform/log.ts'
import type { StationInfo } from '../../../schemas/markers.ts'
import type { FrameClient } from '../../shared/frame-client.ts'
import { FrameFeed } from './frame-feed.ts'
import { endlessAac, httpFlv } from './stream-format.ts'
import { feedListener } from './stream-listener.ts'

const LISTENERS_MAX = 4_000

export type StreamsOptions = {
  station(): StationInfo | null
  /** Base addresses of who has frames, best first. */
  sources(): readonly string[]
  opened(path: string): void
  closed(path: string): void
  client: FrameClient
  clock: Clock
  log: Logger
}

/** The endless streams: one feed a rendition, any number of listeners. */
export class Streams {
  readonly #options: StreamsOptions
  readonly #feeds = new Map<string, FrameFeed>()
  #listeners = 0
  readonly counters = { opened: 0, cutOffTooSlow: 0, refused: 0 }

  constructor(options: StreamsOptions) {
    this.#options = options
  }

  get feeds(): ReadonlyMap<string, FrameFeed> {
    return this.#feeds
  }

  /** False when there is no such stream. */
  answer(
    stationId: string,
    renditionId: string,
    formatName: 'aac' | 'flv',
    request: IncomingMessage,
    response: ServerResponse,
  ): boolean {
    const station = this.#options.station()
    const rendition = station?.renditions.find(({ id }) => id === renditionId)
    if (!station || !rendition || station.id !== stationId) return false
    const format =
      formatName === 'flv'
        ? httpFlv(rendition)
        : endlessAac(station.name, rendition, request.headers['icy-metadata'] === '1')
    if (request.method === 'HEAD') {
      response.writeHead(200, { ...format.headers, 'cache-control': 'no-store' }).end()
      return true
    }
    if (this.#listeners >= LISTENERS_MAX) {
      this.counters.refused += 1
      response.writeHead(503, { 'retry-after': '10' }).end('this edge is full\n')
      return true
    }
    const path = `/stream/${stationId}/${renditionId}.${formatName}`
    this.#listeners += 1
    this.counters.opened += 1
    this.#options.opened(path)
    feedListener(this.#feed(renditionId), format, response, (why) => {
      this.#listeners -= 1
      this.#options.closed(path)
      if (why === 'left') return
      this.counters.cutOffTooSlow += 1
      this.#options.log.info(
        { path, cutOff: this.counters.cutOffTooSlow },
        'an endless listener read too slowly and was cut off',
      )
    })
    return true
  }

  stop(): void {
    for (const feed of this.#feeds.values()) feed.stop()
  }

  #feed(rendition: string): FrameFeed {
    const known = this.#feeds.get(rendition)
    if (known !== undefined) return known
    const { sources, client, clock, log } = this.#options
    const feed = new FrameFeed({ rendition, sources, client, clock, log })
    this.#feeds.set(rendition, feed)
    return feed
  }
}
