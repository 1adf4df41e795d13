import type { ServerResponse } from 'node:http'
import type { Clock } from '../../../platform/clock.ts'
import type { FeedsLine } from '../../../schemas/live.ts'
import type { Feeds } from '../feeds/feeds.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { sendText } from './answers.ts'

/** A line at least this often when there are no feeds, so that a reader knows the connection from a dead one. */
const IDLE_LINE_MS = 2_000

/** `GET /feeds/events`: a line of {@link FeedsLine} at once, at each change, and ten times a second while there are feeds. */
export function createEvents(node: string, feeds: Feeds, clock: Clock) {
  const readers = new Set<ServerResponse>()
  let toldMs = 0

  function tell(): void {
    toldMs = clock.monotonicMs()
    if (readers.size === 0) return
    const line = lineOf(node, feeds)
    for (const reader of readers) {
      if (reader.writableLength > INGEST_LIMITS.eventBytesWaitingMax) reader.destroy()
      else reader.write(line)
    }
  }
  const stopListening = feeds.onChange(tell)
  const stopTelling = clock.every(INGEST_LIMITS.tellEveryMs, () => {
    if (feeds.count() > 0 || clock.monotonicMs() - toldMs >= IDLE_LINE_MS) tell()
  })

  return {
    answer(response: ServerResponse) {
      if (readers.size >= INGEST_LIMITS.eventReadersMax)
        return sendText(response, 503, `${INGEST_LIMITS.eventReadersMax} readers are here already\n`)
      response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
      response.write(lineOf(node, feeds))
      readers.add(response)
      response.on('close', () => readers.delete(response))
    },
    readers: () => readers.size,
    stop(): void {
      stopListening()
      stopTelling()
      for (const reader of readers) reader.end()
    },
  }
}

function lineOf(node: string, feeds: Feeds): string {
  const line: FeedsLine = { node, feeds: feeds.list() }
  return `${JSON.stringify(line)}\n`
}
