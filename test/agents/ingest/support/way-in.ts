import { createHash, randomBytes } from 'node:crypto'
import { createFeeds, type Feeds } from '../../../../agents/ingest/feeds/feeds.ts'
import type { HeldFeed } from '../../../../agents/ingest/feeds/held-feed.ts'
import { systemClock } from '../../../../platform/clock.ts'
import { pushSignatureOf } from '../../../../platform/credentials.ts'
import { createLogger } from '../../../../platform/log.ts'
import type { Feed, LiveGrant, LiveSettings } from '../../../../schemas/live.ts'

export const SETTINGS: LiveSettings = {
  bufferMs: 600,
  relayBufferMs: 3_000,
  crossfadeMs: 500,
  graceMs: 10_000,
  silenceDbfs: -50,
  silenceMs: 15_000,
  soundAgainMs: 3_000,
  duckDb: -15,
  duckDownMs: 300,
  duckUpMs: 800,
  levelLufs: null,
}

/** An anchor's key as the control center would grant it; its secret is `secret-of-<keyId>`. */
export function anchorGrant(keyId: string, more: Partial<LiveGrant> = {}): LiveGrant {
  return {
    keyId,
    anchorId: keyId,
    name: keyId,
    kind: 'anchor',
    keySha256: createHash('sha256').update(`secret-of-${keyId}`).digest('hex'),
    signingKey: `signing-key-of-${keyId}`,
    goLive: 'manual',
    windows: null,
    endsWithWindow: false,
    srt: null,
    relayUrl: null,
    ...more,
  }
}

export const relayGrant = (keyId: string, relayUrl: string, windows: LiveGrant['windows']): LiveGrant =>
  anchorGrant(keyId, { kind: 'relay', keySha256: null, signingKey: null, relayUrl, windows, endsWithWindow: true })

/** `<keyId>.<expires>.<signature>`, good for a minute (or since a minute no more). */
export function ticketOf(keyId: string, forSeconds = 60): string {
  const expires = Math.floor(systemClock.wallMs() / 1000) + forSeconds
  return `${keyId}.${expires}.${pushSignatureOf(`signing-key-of-${keyId}`, keyId, expires)}`
}

export type WayIn = {
  feeds: Feeds
  grants: LiveGrant[]
  /** When the condition holds for the key's feed; rejects when that takes too long. */
  until(keyId: string, condition: (feed: Feed) => boolean, timeoutMs?: number): Promise<HeldFeed>
}

/** What every way in is given: feeds that work by these grants. */
export function createWayIn(grants: LiveGrant[]): WayIn {
  const feeds = createFeeds({
    briefing: () => ({ settings: SETTINGS, grants }),
    newRun: () => randomBytes(8).toString('hex'),
    clock: systemClock,
    log: createLogger('test', 'silent'),
  })
  return {
    feeds,
    grants,
    until(keyId, condition, timeoutMs = 20_000) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const feed = feeds.ofKey(keyId)
          if (!feed || !condition(feed.describe())) return
          end()
          resolve(feed)
        }
        const stop = systemClock.every(20, look)
        const cancel = systemClock.after(timeoutMs, () => {
          end()
          reject(new Error(`not within ${timeoutMs} ms; the feed is ${JSON.stringify(feeds.ofKey(keyId)?.describe())}`))
        })
        const end = (): void => {
          stop()
          cancel()
        }
        look()
      })
    },
  }
}
