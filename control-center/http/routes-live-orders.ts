import type { FastifyRequest } from 'fastify'
import Type, { type TSchema } from 'typebox'
import { SessionParams } from '../../schemas/api-live.ts'
import { ErrorAnswer } from '../../schemas/errors.ts'
import { GoLiveOrder, HandOverOrder, HoldOrder, KickOrder, OrderAnswer, TalkOverOrder } from '../../schemas/live.ts'
import { createAttemptLimit } from '../nodes/attempt-limit.ts'
import { Refusal } from '../refusal.ts'
import { emptyBody } from './empty-body.ts'
import { SESSION_ORDERS, STATION_ORDERS } from './live-access.ts'
import type { App } from './server.ts'
import type { World } from './world.ts'

const tags = ['live']
/** Of one caller, so many within so long. */
const ORDERS_MAX = 60
const ORDERS_WITHIN_MS = 10_000
const Nothing = Type.Unknown()

const ORDERS: { action: string; summary: string; body: TSchema }[] = [
  {
    action: 'go-live',
    summary: 'Takes the air: now, at the end of the item, at an instant, or when ready',
    body: GoLiveOrder,
  },
  { action: 'end', summary: 'Ends the turn after the last word that was sent', body: Nothing },
  { action: 'cancel', summary: 'Takes back what was asked for and is not done yet', body: Nothing },
  { action: 'hand-over', summary: 'Crossfades to another ready session, no programme between', body: HandOverOrder },
  { action: 'talk-over', summary: 'The programme goes on, ducked, under the voice', body: TalkOverOrder },
  { action: 'kick', summary: "Ends the sender's connection, and refuses its key for a while", body: KickOrder },
]

/** Orders of people, passed on to playout, which decides; each is in the audit log with what became of it. */
export function liveOrderRoutes(app: App, { live, audit, clock }: World): void {
  const orders = createAttemptLimit(ORDERS_MAX, ORDERS_WITHIN_MS)
  /** Carries out what was ordered; the work may name its subject better as soon as it knows. */
  const written = async <T>(
    request: FastifyRequest,
    action: string,
    work: (about: (subject: string) => void) => Promise<T>,
    subject: string,
  ): Promise<T> => {
    const { caller } = request
    const waitSeconds = orders.count(caller.id, clock.monotonicMs())
    if (waitSeconds > 0)
      throw new Refusal('orders-too-many', `${caller.name} gave more than ${ORDERS_MAX} orders in a row.`, waitSeconds)
    const line = { caller, action, subject, detail: JSON.stringify(request.body ?? {}) }
    try {
      const answer = await work((better) => {
        line.subject = better
      })
      audit.write(line)
      return answer
    } catch (error) {
      audit.write({ ...line, outcome: (error as Error).message })
      throw error
    }
  }

  for (const { action, summary, body } of ORDERS)
    app.post(
      `/api/live/sessions/:id/${action}`,
      {
        config: { allow: SESSION_ORDERS },
        preValidation: emptyBody,
        schema: {
          ...{ tags, summary, params: SessionParams, body },
          response: { 200: OrderAnswer, 403: ErrorAnswer, 404: ErrorAnswer, 409: ErrorAnswer, 503: ErrorAnswer },
        },
      },
      (request) => {
        const { id } = request.params as { id: string }
        const carryOut = async (about: (subject: string) => void) => {
          const { anchorName } = await live.orders.sessionFor(request.caller, id)
          about(`${id} (${anchorName})`)
          return (await live.orders.give(id, action, request.body ?? {})) as Type.Static<typeof OrderAnswer>
        }
        return written(request, action, carryOut, id)
      },
    )

  app.post(
    '/api/live/hold',
    {
      config: { allow: STATION_ORDERS },
      schema: {
        tags,
        summary: 'Keeps a bed on air between two anchors, or ends it',
        body: HoldOrder,
        response: { 200: Type.Unsafe<unknown>({ type: 'object' }), 503: ErrorAnswer },
      },
    },
    (request) => written(request, 'hold', () => live.orders.hold(request.body), 'the air'),
  )
}
