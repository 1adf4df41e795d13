import Type from 'typebox'
import { HealthAnswer, StatusAnswer } from '../../schemas/api.ts'
import { nowPlaying } from '../now-playing/heard.ts'
import { createStationMetrics } from './metrics.ts'
import type { App } from './server.ts'
import { statusOf } from './status.ts'
import type { Markup } from './status-page/html.ts'
import { statusPage } from './status-page/page.ts'
import { statusReport } from './status-page/report.ts'
import { PAGE_SCRIPT } from './status-page/script.ts'
import type { World } from './world.ts'

const tags = ['operations']
const HTML = 'text/html; charset=utf-8'
/** Everything on the page comes from here; nothing that a file's tags say can run. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; img-src data:"

/** For the operator: one screen, one document, one line of health, and numbers for Prometheus. */
export function statusRoutes(app: App, world: World): void {
  const metrics = createStationMetrics(world)

  app.get(
    '/api/status',
    { schema: { tags, summary: 'Everything an operator wants to know', response: { 200: StatusAnswer } } },
    (): StatusAnswer => statusOf(world),
  )

  app.get(
    '/healthz',
    { schema: { tags, summary: 'Is this program able to work?', response: { 200: HealthAnswer, 503: HealthAnswer } } },
    async (_request, reply) => {
      // Dead neighbours are reported, and are no reason to restart this program: it goes on from memory.
      if (world.plan()) return { ok: true }
      reply.code(503)
      return { ok: false, reason: 'No rundown could be made yet; /api/status says why.' }
    },
  )

  const inNumbers = { tags, summary: 'Numbers for Prometheus, in its text format', produces: ['text/plain'] }
  app.get('/metrics', { schema: { ...inNumbers, response: { 200: Type.String() } } }, async (_request, reply) =>
    reply
      .type(metrics.contentType)
      .serializer(String)
      .send(await metrics.text()),
  )

  app.get('/', { schema: { hide: true } }, (_request, reply) =>
    reply
      .type(HTML)
      .header('content-security-policy', PAGE_POLICY)
      .serializer(String)
      .send(statusPage(world.station().name, report(world))),
  )
  /** The page's middle, for its script to put in every two seconds. */
  app.get('/report', { schema: { hide: true } }, (_request, reply) =>
    reply.type(HTML).serializer(String).send(report(world).markup),
  )
  app.get('/page.js', { schema: { hide: true } }, (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').serializer(String).send(PAGE_SCRIPT),
  )
}

function report(world: World): Markup {
  const nowMs = world.nowMs()
  const { next } = nowPlaying(nowMs, nowMs, world.known())
  return statusReport(statusOf(world), world.registry.views(), world.registry.serving(), next)
}
