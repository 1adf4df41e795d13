import type { LiveSourceKind } from '../../../schemas/live.ts'

/** A connection that brings audio, whichever way it came in. */
export type Sender = {
  keyId: string
  source: LiveSourceKind
  remoteAddress: string
  /** What it sends, for a person: `AAC-LC, 44.1 kHz, mono`. */
  format: string
  /** Ends the sender's connection; it is told why, when its protocol can say so. */
  drop(reason: string): void
}

/** What a connection may do with its feed. After `end`, `lost`, or when another connection has taken over, calls do nothing. */
export type FeedWriter = {
  /** Interleaved f32le, 48 kHz stereo, whole pairs. The memory stays the caller's. */
  pcm(samples: Buffer): void
  /** A byte of media has arrived. */
  heard(): void
  title(text: string): void
  format(text: string): void
  /** Something odd, by a name of our own; null: it is over. */
  problem(name: string, sentence: string | null): void
  /** It said goodbye, and everything is decoded and written. */
  end(reason: string): void
  /** Gone without a goodbye. */
  lost(reason: string): void
}
