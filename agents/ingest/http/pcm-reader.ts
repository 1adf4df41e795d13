import type { Writable } from 'node:stream'
import type { Clock } from '../../../platform/clock.ts'
import type { HeldFeed } from '../feeds/held-feed.ts'
import { BYTES_PER_PAIR } from '../feeds/pcm-ring.ts'
import { INGEST_LIMITS } from '../limits.ts'

/**
 * Writes a feed's audio from an offset on, endlessly, as fast as the other end takes it: nothing waits for it but one piece, the ring is what
 * is buffered. Ends the stream when the feed is forgotten; destroys it when it takes nothing any more, or has fallen out of the ring.
 */
export function readPcm(feed: HeldFeed, from: number, into: Writable, clock: Clock): void {
  let cursor = from
  let cancelStall: (() => void) | null = null

  function pump(): void {
    while (cancelStall === null && cursor < feed.ring.newestSample) {
      if (cursor < feed.ring.oldestSample) {
        into.destroy()
        return
      }
      const piece = feed.ring.read(cursor, INGEST_LIMITS.pcmPieceBytesMax)
      cursor += piece.length / BYTES_PER_PAIR
      if (!into.write(piece)) cancelStall = clock.after(INGEST_LIMITS.readerStallMs, () => into.destroy())
    }
    if (feed.isForgotten && cancelStall === null) into.end()
  }
  function drained(): void {
    cancelStall?.()
    cancelStall = null
    pump()
  }
  const stopListening = feed.onAudio(pump)
  into.on('drain', drained)
  into.once('close', () => {
    stopListening()
    cancelStall?.()
    into.off('drain', drained)
  })
  pump()
}
