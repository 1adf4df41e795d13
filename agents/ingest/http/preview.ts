import type { ServerResponse } from 'node:http'
import type { Clock } from '../../../platform/clock.ts'
import type { Logger } from '../../../platform/log.ts'
import { type Processes, programs } from '../../../platform/processes.ts'
import type { Feeds } from '../feeds/feeds.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { sendText } from './answers.ts'
import { readPcm } from './pcm-reader.ts'

const ARGUMENTS = [
  ...['-hide_banner', '-nostats', '-v', 'error', '-threads', '1', '-probesize', '32', '-analyzeduration', '0'],
  ...['-f', 'f32le', '-ar', '48000', '-ac', '2', '-i', 'pipe:0', '-c:a', 'aac', '-aac_coder', 'fast', '-b:a', '96k'],
  ...['-f', 'adts', '-flush_packets', '1', 'pipe:1'],
]

/** `GET /feeds/<keyId>/preview.aac`: the feed from now on as ADTS, an encoder for each listener. */
export function createPreviews(options: { feeds: Feeds; processes: Processes; clock: Clock; log: Logger }) {
  const running = new Set<() => void>()

  return {
    answer(keyId: string, response: ServerResponse) {
      const feed = options.feeds.ofKey(keyId)
      if (!feed) return sendText(response, 404, 'nobody sends with this key\n')
      if (running.size >= INGEST_LIMITS.previewsMax || feed.readers >= INGEST_LIMITS.pcmReadersMax)
        return sendText(response, 503, 'enough people are listening already\n')
      const child = options.processes.start(programs.ffmpeg, ARGUMENTS, { stdio: ['pipe', 'pipe', 'ignore'] })
      const end = (): void => {
        running.delete(end)
        child.kill('SIGKILL')
        child.stdin?.destroy()
        response.destroy()
      }
      running.add(end)
      child.on('error', (error) => {
        options.log.warn(`a preview can't be made: ${error.message}`)
        end()
      })
      child.stdin?.on('error', end)
      child.on('exit', () => running.delete(end))
      response.on('close', end)
      response.writeHead(200, { 'content-type': 'audio/aac', 'cache-control': 'no-store' })
      response.flushHeaders()
      child.stdout?.pipe(response)
      if (child.stdin) readPcm(feed, feed.ring.newestSample, child.stdin, options.clock)
    },
    running: () => running.size,
    stop(): void {
      for (const end of [...running]) end()
    },
  }
}
