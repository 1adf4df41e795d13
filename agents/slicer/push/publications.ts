import type { Clock } from '../../../platform/clock.ts'
import { isSameSecret } from '../../../platform/credentials.ts'
import type { Logger } from '../../../platform/log.ts'
import type { StationStore } from '../store/station-store.ts'
import { Publication } from './publication.ts'

/** As the RTMP server tells of someone who wants to publish. */
export type PublishRequest = {
  application: string
  stream: string
  query: URLSearchParams
  remoteAddress: string
  end(reason: string): void
}
export type PublishHandler = {
  audio(timestampMs: number, body: Buffer): void
  data(timestampMs: number, name: string, values: readonly unknown[]): void
  ended(reason: string): void
}

export const PUSH_APPLICATION = 'live'
/** A publication that has not said by then what its first frame is, is ended. */
const START_TIMEOUT_MS = 5_000

export type Publications = {
  publish(request: PublishRequest): Promise<PublishHandler | { refuse: string }>
  /** Whether a publication of the rendition has begun and not ended. */
  isOpen(rendition: string): boolean
  /** Monotonic milliseconds since the push last brought a frame; null: never. */
  quietMs(rendition: string): number | null
  framesPushed(): number
  endAll(reason: string): void
}

/** Who may push, and which publication of a rendition counts: of a higher generation of playout, and among equals the newest. */
export function createPublications(options: {
  store: StationStore
  /** Null as long as the node has no credential. */
  pushKey(): string | null
  clock: Clock
  log: Logger
}): Publications {
  const { store, clock, log } = options
  const open = new Map<string, { publication: Publication; end(reason: string): void }>()
  const pushedAtMs = new Map<string, number>()
  let framesPushed = 0

  function refusalOf(request: PublishRequest): string | null {
    const key = options.pushKey()
    if (request.application !== PUSH_APPLICATION) return `there is no application ${request.application}, only live`
    if (key === null) return 'this node is not registered yet'
    if (!isSameSecret(request.query.get('key') ?? '', key)) return 'the key is not this node’s push key'
    return null
  }

  async function publish(request: PublishRequest): Promise<PublishHandler | { refuse: string }> {
    const refusal = refusalOf(request)
    if (refusal) {
      log.debug({ stream: request.stream, from: request.remoteAddress }, `publication refused: ${refusal}`)
      return { refuse: refusal }
    }
    const rendition = request.stream
    const cancelTimeout = clock.after(START_TIMEOUT_MS, () => end('no start marker came'))
    function end(reason: string): void {
      log.warn({ rendition, from: request.remoteAddress }, `publication ended: ${reason}`)
      request.end(reason)
    }
    const publication = new Publication(rendition, store, {
      begun() {
        cancelTimeout()
        const older = open.get(rendition)
        open.set(rendition, { publication, end })
        for (const [name, other] of open)
          if (name !== rendition && other.publication.generation < publication.generation)
            other.end(`generation ${publication.generation} of playout has begun`)
        if (older && older.publication !== publication) older.end('a newer publication has begun')
        log.info({ rendition, generation: publication.generation }, 'publication begun')
      },
      took() {
        framesPushed += 1
        pushedAtMs.set(rendition, clock.monotonicMs())
      },
      refused: end,
      ignored: (reason) => log.warn({ rendition }, reason),
    })
    return {
      audio: (timestampMs, body) => publication.audio(timestampMs, body),
      data: (timestampMs, name, values) => publication.data(timestampMs, name, values),
      ended(reason) {
        cancelTimeout()
        publication.close()
        if (open.get(rendition)?.publication !== publication) return
        open.delete(rendition)
        log.warn({ rendition, reason }, 'the push has ended')
      },
    }
  }

  return {
    publish,
    isOpen: (rendition) => open.has(rendition),
    quietMs(rendition) {
      const at = pushedAtMs.get(rendition)
      return at === undefined ? null : clock.monotonicMs() - at
    },
    framesPushed: () => framesPushed,
    endAll(reason) {
      for (const { end } of [...open.values()]) end(reason)
    },
  }
}
