import type { Clock } from '../../../platform/clock.ts'
import type { NodeBriefing } from '../../../schemas/nodes.ts'
import type { NewestFrames } from '../../../schemas/playout.ts'
import type { FrameClient } from '../../shared/frame-client.ts'

/** Who else has frames: playout first, then the other slicers. */
export type Source = { url: string; isPlayout: boolean; newest: NewestFrames | null; failure: string | null }

export type Sources = {
  list(): readonly Source[]
  /** Asks one how far it is; afterwards its `newest` or its `failure` is set. */
  ask(source: Source, signal: AbortSignal): Promise<void>
  /** Asks all of them at once how far they are; each has a second to answer. */
  askAll(signal: AbortSignal): Promise<void>
  /** Monotonic milliseconds since all were last asked; null: never. */
  askedAgoMs(): number | null
  /** The newest frame of a rendition that any of them has said to have; null when none could be asked. */
  newestFrame(rendition: string): number | null
}

export function createSources(client: FrameClient, briefing: () => NodeBriefing | null, clock: Clock): Sources {
  let sources: Source[] = []
  let told: NodeBriefing | null = null
  let askedAtMs: number | null = null

  function list(): readonly Source[] {
    const now = briefing()
    if (now === told) return sources
    told = now
    const urls = now
      ? [now.playoutUrl, ...now.peers.filter((peer) => peer.role === 'slicer').map((peer) => peer.url)]
      : []
    sources = urls.map((url, index) => {
      const known = sources.find((source) => source.url === url)
      return known ?? { url, isPlayout: index === 0, newest: null, failure: null }
    })
    return sources
  }

  async function ask(source: Source, signal: AbortSignal): Promise<void> {
    try {
      source.newest = await client.fetchNewest(source.url, signal)
      source.failure = null
    } catch (error) {
      source.newest = null
      source.failure = (error as Error).message
    }
  }

  return {
    list,
    ask,
    async askAll(signal) {
      await Promise.all(list().map((source) => ask(source, signal)))
      askedAtMs = clock.monotonicMs()
    },
    askedAgoMs: () => (askedAtMs === null ? null : clock.monotonicMs() - askedAtMs),
    newestFrame(rendition) {
      const frames = sources.flatMap((source) => source.newest?.newestFrame[rendition] ?? [])
      return frames.length > 0 ? Math.max(...frames) : null
    },
  }
}
