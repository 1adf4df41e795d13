import { SAMPLE_RATE } from '../../media/timeline.ts'
import type { Feed, LiveGrant, LivePlan } from '../../schemas/live.ts'

/** A feed by an ingest node's last word; it is as old as `ageMs`. */
export type SeenFeed = { ingest: string; ageMs: number; feed: Feed }

/** A voice's audio at playout. Samples are of the feed, but for `bufferedSamples`, which are the air's. */
export type SeenVoice = {
  bufferedSamples: number
  offsetNow: number
  newestOffset: number
  /** Since the newest offset last rose. */
  quietMs: number
  failed: string | null
}

/** The world as it looks at one moment: all that the machine decides by, beside its own state. */
export type Seen = {
  /** By the timeline's clock. */
  nowMs: number
  mixedUntilSample: number
  /** After a restart the mixer takes stored audio faster than that can be fetched: little in hand means nothing then. */
  isCatchingUp: boolean
  itemEndSample: number
  plan: LivePlan
  /** Those of nodes that answer; of a node that is silent there are none. */
  feeds: readonly SeenFeed[]
  /** Nodes whose word is fresh. */
  ingestsHeard: ReadonlySet<string>
  /** False for the first moments after a start: nodes have not been heard yet, and nothing is concluded of that. */
  isSettled: boolean
  voiceOf: (sessionId: string) => SeenVoice | null
  newId: () => string
}

export const samplesOfMs = (ms: number): number => Math.round((ms * SAMPLE_RATE) / 1000)

export const grantOf = (seen: Seen, keyId: string): LiveGrant | null =>
  seen.plan.grants.find((grant) => grant.keyId === keyId) ?? null

export const isWithinWindows = (grant: LiveGrant, nowMs: number): boolean =>
  grant.windows === null || grant.windows.some(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs)

type Buffered = { kind: 'anchor' | 'relay'; bufferMs: number | null }

export function bufferMsOf({ plan: { settings } }: Seen, { kind, bufferMs }: Buffered): number {
  return Math.max(bufferMs ?? 0, kind === 'relay' ? settings.relayBufferMs : settings.bufferMs)
}

/**
 * The feed that a session goes by: the one it has, as long as its sender is there or has said goodbye, otherwise any other connected one of
 * the same key, at whatever node and in whatever run.
 */
export function feedFor(seen: Seen, keyId: string, own: { ingest: string; run: string } | null): SeenFeed | null {
  const ofKey = seen.feeds.filter(({ feed }) => feed.keyId === keyId)
  const mine = ofKey.find(({ ingest, feed }) => ingest === own?.ingest && feed.run === own.run) ?? null
  if (mine && mine.feed.state !== 'lost') return mine
  const others = ofKey.filter(({ feed }) => feed.state === 'connected')
  const freshest = others.reduce<SeenFeed | null>(
    (best, other) => (best && best.feed.heardAgoMs <= other.feed.heardAgoMs ? best : other),
    null,
  )
  return freshest ?? mine
}

/** Decoded audio of the present connection at the node, counted only as far as a buffer goes. */
export const depthOf = (feed: Feed, fromOffset = feed.connectionFromSample): number =>
  Math.max(0, feed.newestSample - Math.max(fromOffset, feed.connectionFromSample, feed.oldestSample))
