import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import Type from 'typebox'
import { encodeFrameBundle, FRAME_BUNDLE_TYPE } from '../../media/frame-bundle.ts'
import { callerOf } from '../../platform/credentials.ts'
import type { Logger } from '../../platform/log.ts'
import { compiledCheck } from '../../schemas/check.ts'
import type { NewestFrames, PlayoutStatus, PushTargets } from '../../schemas/playout.ts'
import { PushTargets as PushTargetsSchema } from '../../schemas/playout.ts'
import type { AsRunEntry, Rundown } from '../../schemas/rundown.ts'
import { Rundown as RundownSchema } from '../../schemas/rundown.ts'
import { limits } from '../limits.ts'
import type { LiveDesk } from '../live/live-desk.ts'
import type { Spool } from '../spool/spool.ts'
import { fitted, fitting, isControl, refuse } from './answers.ts'
import type { FrameWaiters } from './frame-waiters.ts'
import type { LiveReaders } from './live-readers.ts'
import { addLiveRoutes } from './live-routes.ts'
import type { Turns } from './turns.ts'

/** What the API shows and moves. */
export type Station = {
  controlToken: string
  spools: ReadonlyMap<string, Spool>
  waiters: FrameWaiters
  turns: Turns
  live: LiveDesk
  liveReaders: LiveReaders
  targets(): PushTargets
  status(): PlayoutStatus
  newest(): NewestFrames
  health(): { ok: boolean; reason: string }
  metrics(): Promise<string>
  /** False when it is older than the one in force. */
  takeRundown(rundown: Rundown): boolean
  takeTargets(targets: PushTargets): boolean
  asRun(query: { day: string } | { sinceSample: number }): AsRunEntry[]
  /** An operator's decision; playout restarts on the new time. Throws with the reason when that can't be. */
  reAnchor(): { movedMs: number }
  heardFromControlCenter(): void
}

const checkRundown = compiledCheck(RundownSchema)

const FrameQuery = Type.Object({
  from: Type.Integer({ minimum: 0 }),
  to: Type.Integer({ minimum: 1 }),
  waitMs: Type.Integer({ minimum: 0, maximum: 5_000, default: 0 }),
})
const AsRunQuery = Type.Union([
  Type.Object({ day: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }) }),
  Type.Object({ since: Type.Integer({ minimum: 0 }) }),
])

/** Playout's HTTP: the control center's door, and the frames for nodes. Small on purpose: it shares a process with the air. */
export function createServer(station: Station, log: Logger): FastifyInstance {
  const app = fastify({
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: 10_000,
    connectionTimeout: 30_000,
    keepAliveTimeout: 15_000,
    forceCloseConnections: true,
  })
  app.server.maxConnections = limits.connectionsMax
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status === 500) log.error({ error: error.stack, url: request.url }, 'a request failed')
    return refuse(
      reply,
      status,
      status === 500 ? 'This is a defect of playout: its log has the details.' : error.message,
    )
  })

  app.get('/healthz', (_request, reply) => {
    const { ok, reason } = station.health()
    return reply.code(ok ? 200 : 503).send({ ok, reason })
  })
  app.get('/metrics', async (_request, reply) => reply.type('text/plain; version=0.0.4').send(await station.metrics()))

  const forControl = (request: FastifyRequest, reply: FastifyReply): FastifyReply | null => {
    if (isControl(request, station.controlToken)) return null
    return refuse(reply, 401, 'Show the control token: Authorization: Bearer <AIRTIGHT_CONTROL_TOKEN>.')
  }
  const forNodes = (request: FastifyRequest, reply: FastifyReply): FastifyReply | null => {
    if (isControl(request, station.controlToken) || callerOf(request.headers.authorization, station.targets().peers))
      return null
    return refuse(reply, 401, "Show the node's credential: Authorization: Bearer <id>.<credential>.")
  }

  app.get('/status', (request, reply) => {
    const refused = forControl(request, reply)
    if (refused) return refused
    station.heardFromControlCenter()
    return reply.send(station.status())
  })
  /** Before a byte of the body is read: a stranger's megabytes are not parsed in the process that makes the air. */
  const fromControl = {
    bodyLimit: limits.rundownBytesMax,
    onRequest: (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
      if (!forControl(request, reply)) done()
    },
  }
  app.put('/rundown', fromControl, (request, reply) => {
    const rundown = fitted(checkRundown(request.body), reply)
    if (!rundown) return reply
    return station.takeRundown(rundown)
      ? reply.send({ version: rundown.version })
      : refuse(reply, 409, 'A newer rundown is in force.')
  })
  app.put('/targets', fromControl, (request, reply) => {
    const targets = fitting(PushTargetsSchema, request.body, reply)
    if (!targets) return reply
    return station.takeTargets(targets)
      ? reply.send({ version: targets.version })
      : refuse(reply, 409, 'A newer list of targets is in force.')
  })
  app.get('/as-run', (request, reply) => {
    const refused = forControl(request, reply)
    if (refused) return refused
    const query = fitting(AsRunQuery, numbersOf(request.query), reply)
    if (!query) return reply
    return reply.send({ entries: station.asRun('day' in query ? query : { sinceSample: query.since }) })
  })
  app.post('/re-anchor', (request, reply) => forControl(request, reply) ?? reply.send(station.reAnchor()))

  app.get('/frames/newest', (request, reply) => forNodes(request, reply) ?? reply.send(station.newest()))
  app.get<{ Params: { rendition: string } }>('/frames/:rendition', async (request, reply) => {
    const refused = forNodes(request, reply)
    if (refused) return refused
    const { rendition } = request.params
    const spool = station.spools.get(rendition)
    if (!spool) return refuse(reply, 404, `There is no rendition ${rendition.slice(0, 64)}.`)
    const query = fitting(FrameQuery, numbersOf(request.query), reply)
    if (!query) return reply
    if (query.waitMs > 0 && (spool.newestFrame ?? -1) < query.from)
      await station.waiters.wait(rendition, query.from, query.waitMs)
    const bundle = await station.turns.run(() => encodeFrameBundle(spool.bundle(query.from, query.to)))
    return reply.type(FRAME_BUNDLE_TYPE).send(bundle)
  })
  addLiveRoutes(app, station, fromControl)
  app.get<{ Params: { rendition: string; segment: string } }>('/segments/:rendition/:segment', (request, reply) => {
    const refused = forNodes(request, reply)
    if (refused) return refused
    const marker = station.spools.get(request.params.rendition)?.marker(Number(request.params.segment))
    return marker ? reply.send(marker) : refuse(reply, 404, 'That segment is not sealed yet, or is gone.')
  })
  return app
}

const numbersOf = (query: unknown): unknown =>
  Object.fromEntries(
    Object.entries(query as Record<string, string>).map(([name, text]) => [
      name,
      /^\d{1,16}$/.test(text) ? Number(text) : text,
    ]),
  )
