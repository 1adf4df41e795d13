import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import type { TSchema } from 'typebox'
import { check, compiledCheck } from '../../schemas/check.ts'
import {
  GoLiveOrder,
  HandOverOrder,
  HoldOrder,
  KickOrder,
  LivePlan,
  type LiveStatus,
  TalkOverOrder,
} from '../../schemas/live.ts'
import type { PushTargets } from '../../schemas/playout.ts'
import type { LiveDesk } from '../live/live-desk.ts'
import type { Order } from '../live/orders.ts'
import { fitted, refuse } from './answers.ts'
import { type LiveCaller, liveCallerOf } from './live-caller.ts'
import type { LiveReaders } from './live-readers.ts'

/** What the live routes show and move. */
export type LiveStation = {
  controlToken: string
  targets(): PushTargets
  live: LiveDesk
  liveReaders: LiveReaders
  heardFromControlCenter(): void
}

const checkPlan = compiledCheck(LivePlan)

/** Each order, its body, and what the machine makes of it. */
const ORDERS: { [Action in Order['order']]: { body: TSchema | null; orderOf: (body: unknown) => Order } } = {
  'go-live': { body: GoLiveOrder, orderOf: (when) => ({ order: 'go-live', when: when as never }) },
  end: { body: null, orderOf: () => ({ order: 'end' }) },
  cancel: { body: null, orderOf: () => ({ order: 'cancel' }) },
  'hand-over': { body: HandOverOrder, orderOf: (body) => ({ order: 'hand-over', ...(body as { to: string }) }) },
  'talk-over': { body: TalkOverOrder, orderOf: (body) => ({ order: 'talk-over', ...(body as { on: boolean }) }) },
  kick: { body: KickOrder, orderOf: (kick) => ({ order: 'kick', kick: kick as never }) },
}

/** Orders on the air, and the truth about it. They need no control center. */
export function addLiveRoutes(app: FastifyInstance, station: LiveStation, fromControl: RouteShorthandOptions): void {
  const { live, liveReaders } = station

  app.put('/live/plan', fromControl, (request, reply) => {
    const plan = fitted(checkPlan(request.body), reply)
    if (!plan) return reply
    station.heardFromControlCenter()
    return live.takePlan(plan)
      ? reply.send({ version: plan.version })
      : refuse(reply, 409, 'A newer live plan is in force.')
  })

  app.get('/live', (request, reply) => {
    const caller = callerOrRefuse(station, request, reply)
    return caller ? reply.send(statusFor(caller, live.status())) : reply
  })

  app.get('/live/events', (request, reply) => {
    const caller = callerOrRefuse(station, request, reply)
    if (!caller) return reply
    // A key that is revoked meanwhile has no sessions any more.
    const textFor = (): string => JSON.stringify(statusFor(caller, live.status()))
    if (!liveReaders.add(reply.raw, textFor)) return refuse(reply, 503, 'Too many follow the live events already.')
    return reply.hijack()
  })

  for (const [action, { body: schema, orderOf }] of Object.entries(ORDERS))
    app.post<{ Params: { id: string } }>(`/live/sessions/:id/${action}`, (request, reply) => {
      const caller = callerOrRefuse(station, request, reply)
      if (!caller) return reply
      const session = live.session(request.params.id)
      if (!session) return refuse(reply, 404, 'There is no such session.')
      if (!mayOrder(caller, session.keyId)) return refuse(reply, 403, 'That is not your session.')
      const body = schema === null ? {} : fitted(check(schema, request.body ?? {}), reply)
      if (body === null) return reply
      const answer = live.order(session.id, orderOf(body))
      if ('refusal' in answer) return refuse(reply, answer.refusal.status, answer.refusal.message)
      return reply.send(answer)
    })

  app.post('/live/hold', fromControl, (request, reply) => {
    const order = fitted(check(HoldOrder, request.body ?? {}), reply)
    if (!order) return reply
    if (!live.hold(order.on)) return refuse(reply, 503, 'Playout is not on air yet, or has no live plan.')
    return reply.send(live.status())
  })
}

function callerOrRefuse(station: LiveStation, request: FastifyRequest, reply: FastifyReply): LiveCaller | null {
  const { controlToken, live } = station
  const caller = liveCallerOf(request, { controlToken, peers: station.targets().peers, grants: live.grants })
  if (!caller)
    refuse(
      reply,
      401,
      "Show the control token, an ingest node's credential with x-airtight-key, or `Bearer push.<push key>`.",
    )
  else if (caller.may === 'all') station.heardFromControlCenter()
  return caller
}

const mayOrder = (caller: LiveCaller, keyId: string): boolean =>
  caller.may === 'all' || (caller.may === 'key' && caller.keyId === keyId)

/** The holder of a key sees its own sessions, and whether somebody has the air. */
function statusFor(caller: LiveCaller, status: LiveStatus): LiveStatus {
  if (caller.may !== 'key') return status
  const sessions = status.sessions.filter(({ keyId }) => keyId === caller.keyId)
  const ids = new Set(sessions.map(({ id }) => id))
  return { ...status, sessions, handoffs: status.handoffs.filter(({ sessionId }) => ids.has(sessionId)), ingests: [] }
}
