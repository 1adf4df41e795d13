import { EventStreamReader } from '../../../media/event-stream.ts'
import type { LiveAnswer } from '../../../schemas/api-live.ts'

/** Follows live events over HTTP; `next` resolves with the first state, from now on or seen before, that fits. */
export async function followEvents(url: string, headers: Record<string, string>) {
  const abort = new AbortController()
  const answer = await fetch(`${url}/api/live/events`, { headers, signal: abort.signal })
  if (!answer.ok || !answer.body) throw new Error(`${answer.status}: ${await answer.text()}`)
  const seen: LiveAnswer[] = []
  const waiting = new Set<() => void>()
  const ended = read(answer.body)
  async function read(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = new EventStreamReader(1_000_000)
    try {
      for await (const piece of body)
        for (const { event, data } of reader.push(piece)) {
          if (event !== 'live') throw new Error(`an event ${event}`)
          seen.push(JSON.parse(data))
          for (const look of waiting) look()
        }
    } catch (error) {
      if (!abort.signal.aborted) throw error
    }
  }
  return {
    seen,
    next: (fits: (state: LiveAnswer) => boolean): Promise<LiveAnswer> =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = seen.find(fits)
          if (!found) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
    async end(): Promise<void> {
      abort.abort()
      await ended
    },
  }
}
