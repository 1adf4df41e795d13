import { HandoffsAnswer, LiveAnswer, SessionParams } from '../../schemas/api-live.ts'
import { ErrorAnswer } from '../../schemas/errors.ts'
import { Refusal } from '../refusal.ts'
import { Bytes } from './bytes-schema.ts'
import { LIVE_READERS, SESSION_ORDERS } from './live-access.ts'
import type { App } from './server.ts'
import type { World } from './world.ts'

const tags = ['live']

/** What is true about live, as playout says it. */
export function liveRoutes(app: App, { live, clock }: World): void {
  const newest = (): LiveAnswer => {
    const answer = live.follower.answer()
    if (answer) return answer
    throw new Refusal('playout-unreachable', live.follower.problem() ?? 'Playout has not said yet how live stands.')
  }

  app.get(
    '/api/live',
    {
      config: { allow: LIVE_READERS },
      schema: {
        tags,
        summary: 'Who is on air, who is ready, and how handoffs went; with its age when playout is silent',
        response: { 200: LiveAnswer, 503: ErrorAnswer },
      },
    },
    newest,
  )

  app.get(
    '/api/live/handoffs',
    {
      config: { allow: LIVE_READERS },
      schema: {
        tags,
        summary: 'Gap, overlap and click-to-air of the last handoffs, as the engine mixed them',
        response: { 200: HandoffsAnswer, 503: ErrorAnswer },
      },
    },
    (): HandoffsAnswer => {
      const { figures, handoffs, ageMs, problem } = newest()
      return { figures, handoffs, ageMs, problem }
    },
  )

  app.get(
    '/api/live/events',
    {
      config: { allow: LIVE_READERS },
      schema: {
        tags,
        summary: 'Server-sent events: `live` with the whole state, at once and at each change',
        produces: ['text/event-stream'],
        response: { 200: Bytes, 429: ErrorAnswer },
      },
    },
    (_request, reply) => {
      if (live.clients.full())
        throw new Refusal('listeners-too-many', `${live.clients.count()} pages are following live already.`)
      reply.hijack()
      live.clients.serve(reply.raw)
    },
  )

  app.get(
    '/api/live/sessions/:id/preview',
    {
      config: { allow: SESSION_ORDERS },
      schema: {
        tags,
        summary: 'What a sender sends now, on air or not, for as long as it is there (ADTS)',
        params: SessionParams,
        produces: ['audio/aac'],
        response: { 200: Bytes, 503: ErrorAnswer },
      },
    },
    async (request, reply) => {
      const session = await live.orders.sessionFor(request.caller, request.params.id)
      const body = await live.previews.open(session)
      reply.hijack()
      const { raw } = reply
      const cancelEnd = clock.after(PREVIEW_MS_MAX, () => raw.destroy())
      raw.on('close', () => {
        cancelEnd()
        body.destroy()
      })
      body.on('close', () => raw.destroy())
      body.on('error', () => raw.destroy())
      raw.writeHead(200, { 'content-type': 'audio/aac', 'cache-control': 'no-store', 'accept-ranges': 'none' })
      body.pipe(raw)
    },
  )
}

const PREVIEW_MS_MAX = 3_600_000
