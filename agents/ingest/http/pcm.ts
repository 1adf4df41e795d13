import type { ServerResponse } from 'node:http'
import type { Clock } from '../../../platform/clock.ts'
import type { Feeds } from '../feeds/feeds.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { sendText } from './answers.ts'
import { readPcm } from './pcm-reader.ts'

/** `GET /feeds/<keyId>/<run>/pcm?from=<offset|newest>`: endless interleaved f32le; the first offset is in `x-airtight-from`. */
export function answerPcm(
  feeds: Feeds,
  clock: Clock,
  wanted: { keyId: string; run: string; from: string },
  response: ServerResponse,
) {
  const feed = feeds.find(wanted.keyId, wanted.run)
  if (!feed) return sendText(response, 410, 'this run is over, and forgotten\n')
  const { oldestSample, newestSample } = feed.ring
  const from = wanted.from === 'newest' ? newestSample : wholeNumber(wanted.from)
  if (from === null) return sendText(response, 400, 'from is an offset, or newest\n')
  if (from < oldestSample) return sendText(response, 410, `offset ${from} is gone, the oldest is ${oldestSample}\n`)
  if (from > newestSample)
    return sendText(response, 416, `offset ${from} is not there yet, the next is ${newestSample}\n`)
  if (feed.readers >= INGEST_LIMITS.pcmReadersMax)
    return sendText(response, 503, `${INGEST_LIMITS.pcmReadersMax} readers of this feed are here already\n`)
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'cache-control': 'no-store',
    'x-airtight-from': String(from),
  })
  response.flushHeaders()
  readPcm(feed, from, response, clock)
}

const wholeNumber = (text: string): number | null => (/^\d{1,15}$/.test(text) ? Number(text) : null)
