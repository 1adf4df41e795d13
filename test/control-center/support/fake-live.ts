import type { IncomingMessage, ServerResponse } from 'node:http'
import { check } from '../../../schemas/check.ts'
import {
  GoLiveOrder,
  HandOverOrder,
  HoldOrder,
  KickOrder,
  type LiveSession,
  type LiveStatus,
  TalkOverOrder,
} from '../../../schemas/live.ts'

const quantiles = { p50: 0, p99: 0, worst: 0 }
const bodies = { 'go-live': GoLiveOrder, 'hand-over': HandOverOrder, 'talk-over': TalkOverOrder, kick: KickOrder }

export const sessionOf = (id: string, anchorId: string, change: Partial<LiveSession> = {}): LiveSession => ({
  ...{ id, keyId: `key-of-${anchorId}`, anchorId, anchorName: `Anchor ${anchorId}`, kind: 'anchor', source: 'rtmp' },
  ...{ ingest: 'ingest-1', title: '', state: 'ready', reason: 'it is heard well', stateSinceMs: 1 },
  ...{ onAirFromMs: null, onAirUntilMs: null, onAirFromSample: null, onAirUntilSample: null },
  ...{ covered: null, pending: null, talkOver: false, notes: [] },
  sender: {
    ...{ connected: true, depthMs: 600, levelDbfs: -20, peakDbfs: -6, heardAgoMs: 5, format: 'AAC-LC', driftPpm: 0 },
    ...{ losses: 0, problems: [] },
  },
  ...change,
})

/** The live part of playout's door: states told to whoever follows, orders checked by their schemas and written down. */
export function createFakeLive() {
  const status: LiveStatus = {
    ...{ revision: 1, generation: 7, nowMs: 0, planVersion: 0, onAirSessionId: null, hold: false },
    ...{ sessions: [], handoffs: [], ingests: [] },
    figures: { count: 0, gapMs: quantiles, overlapMs: quantiles, clickToAirMs: quantiles },
  }
  const followers = new Set<ServerResponse>()
  const orders: { path: string; body: unknown }[] = []
  const refusal: { next: { status: number; message: string } | null } = { next: null }
  const tellOne = (response: ServerResponse): void =>
    void response.write(`: a comment\n\nevent: live\ndata: ${JSON.stringify(status)}\n\n`)

  return {
    status,
    followers,
    orders,
    /** The next order is answered with it. */
    refusal,
    tell(change: Partial<LiveStatus>): void {
      Object.assign(status, change, { revision: status.revision + 1 })
      for (const response of followers) tellOne(response)
    },
    async handle(
      request: IncomingMessage,
      response: ServerResponse,
      path: string,
      answer: (code: number, body: unknown) => void,
    ): Promise<void> {
      if (path === '/live' && request.method === 'GET') return answer(200, status)
      if (path === '/live/events') {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        followers.add(response)
        response.on('close', () => followers.delete(response))
        return tellOne(response)
      }
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const body: unknown = JSON.parse(Buffer.concat(parts).toString())
      const [, , , id, action = 'hold'] = path.split('/')
      orders.push({ path, body })
      if (refusal.next) {
        const { status: code, message } = refusal.next
        refusal.next = null
        return answer(code, { error: code, message })
      }
      const schema = path === '/live/hold' ? HoldOrder : bodies[action as keyof typeof bodies]
      if (schema && !check(schema, body).ok) return answer(400, { error: 400, message: 'The order does not fit.' })
      if (path === '/live/hold') return answer(200, { hold: (body as { on: boolean }).on })
      const session = status.sessions.find((candidate) => candidate.id === id)
      return session ? answer(200, { session }) : answer(404, { error: 404, message: `There is no session ${id}.` })
    },
  }
}
