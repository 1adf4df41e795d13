import type { ServerResponse } from 'node:http'
import type { Clock } from '../../platform/clock.ts'
import type { LiveAnswer } from '../../schemas/api-live.ts'
import type { LiveFollower } from './live-follower.ts'

const CLIENTS_MAX = 200
const HEARTBEAT_MS = 10_000
/** A client whose connection takes nothing for so long is let go. */
const STUCK_MS_MAX = 30_000
/** Then it must come again, and show that it still may: rights may have been taken away meanwhile. */
const STAY_MS_MAX = 15 * 60_000
const RECONNECT_MS = 1_000

export type EventClients = ReturnType<typeof createEventClients>

/** Hands the live state on to pages, as server-sent events. A slow page gets the newest state when it can, never a queue of old ones. */
export function createEventClients(follower: Pick<LiveFollower, 'answer' | 'subscribe'>, clock: Clock) {
  const clients = new Set<() => void>()
  return {
    count: () => clients.size,
    full: () => clients.size >= CLIENTS_MAX,
    /** Writes to the response until the client goes; the head too. */
    serve(response: ServerResponse): void {
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      response.write(`retry: ${RECONNECT_MS}\n\n`)
      let waiting: LiveAnswer | null = null
      let stuckSinceMs: number | null = null
      const write = (text: string): void => {
        if (response.write(text)) return
        stuckSinceMs ??= clock.monotonicMs()
      }
      const send = (answer: LiveAnswer): void => {
        if (stuckSinceMs === null) write(`event: live\ndata: ${JSON.stringify(answer)}\n\n`)
        else waiting = answer
      }
      const end = (): void => {
        if (!clients.delete(end)) return
        unsubscribe()
        stopBeating()
        cancelStay()
        response.destroy()
      }
      response.on('drain', () => {
        stuckSinceMs = null
        const answer = waiting
        waiting = null
        if (answer) send(answer)
      })
      response.on('close', end)
      response.on('error', end)
      const unsubscribe = follower.subscribe(send)
      const stopBeating = clock.every(HEARTBEAT_MS, () => {
        if (stuckSinceMs === null) write(': still here\n\n')
        else if (clock.monotonicMs() - stuckSinceMs > STUCK_MS_MAX) end()
      })
      const cancelStay = clock.after(STAY_MS_MAX, () => void response.end())
      clients.add(end)
      const newest = follower.answer()
      if (newest) send(newest)
    },
    stop(): void {
      for (const end of [...clients]) end()
    },
  }
}
