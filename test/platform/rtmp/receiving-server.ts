import { pino } from 'pino'
import type { AmfValue } from '../../../media/rtmp/amf0.ts'
import type { RtmpLimits } from '../../../media/rtmp/limits.ts'
import { systemClock } from '../../../platform/clock.ts'
import type { Logger } from '../../../platform/log.ts'
import { type RtmpPublishRequest, type RtmpRefusal, startRtmpServer } from '../../../platform/rtmp/server.ts'

export { systemClock }
export const silentLog = pino({ level: 'silent' })

export type Received = { timestampMs: number; body: Buffer } | { timestampMs: number; name: string; values: AmfValue[] }

/** One publication as a test sees it: what came, and promises for what is still to come. */
export class Publication {
  readonly request: RtmpPublishRequest
  readonly messages: Received[] = []
  readonly ended: Promise<string>
  #end: (reason: string) => void = () => {}
  #waiting: { count: number; resolve: () => void }[] = []

  constructor(request: RtmpPublishRequest) {
    this.request = request
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  get audio(): { timestampMs: number; body: Buffer }[] {
    return this.messages.filter((message) => 'body' in message)
  }

  /** Resolves when so many messages have come. */
  received(count: number): Promise<void> {
    if (this.messages.length >= count) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ count, resolve }))
  }

  readonly handler = {
    audio: (timestampMs: number, body: Buffer): void => this.#add({ timestampMs, body }),
    data: (timestampMs: number, name: string, values: AmfValue[]): void => this.#add({ timestampMs, name, values }),
    ended: (reason: string): void => this.#end(reason),
  }

  #add(message: Received): void {
    this.messages.push(message)
    for (const { count, resolve } of this.#waiting) if (this.messages.length >= count) resolve()
  }
}

type Refuses = (request: RtmpPublishRequest) => RtmpRefusal | null

/** A server that takes every publication that it is not told to refuse, and keeps what it hears. */
export async function startTestServer(
  refuses: Refuses = () => null,
  limits: Partial<RtmpLimits> = {},
  log: Logger = silentLog,
) {
  const publications: Publication[] = []
  const waiting: (() => void)[] = []
  const server = await startRtmpServer({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    log,
    limits,
    async publish(request) {
      const refusal = refuses(request)
      if (refusal) return refusal
      const publication = new Publication(request)
      publications.push(publication)
      for (const resolve of waiting.splice(0)) resolve()
      return publication.handler
    },
  })
  return {
    ...server,
    publications,
    async publication(index: number): Promise<Publication> {
      while (publications.length <= index) await new Promise<void>((resolve) => waiting.push(resolve))
      return publications[index]!
    },
  }
}
