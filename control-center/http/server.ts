import type { IncomingMessage, ServerResponse } from 'node:http'
import cookie from '@fastify/cookie'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { type FastifyBaseLogger, type FastifyInstance, fastify, type RawServerDefault } from 'fastify'
import { accountPages } from './accounts-pages/routes.ts'
import { serveDocumentation } from './documentation.ts'
import { answerErrors } from './error-answers.ts'
import { guardRoutes } from './guard.ts'
import { recordingsPage } from './recordings-page/routes.ts'
import { keyRoutes } from './routes-keys.ts'
import { liveRoutes } from './routes-live.ts'
import { liveOrderRoutes } from './routes-live-orders.ts'
import { nodeRoutes } from './routes-nodes.ts'
import { pageRoutes } from './routes-pages.ts'
import { peopleRoutes } from './routes-people.ts'
import { programmeRoutes } from './routes-programme.ts'
import { recordingRoutes } from './routes-recordings.ts'
import { relayRoutes } from './routes-relays.ts'
import { sessionRoutes } from './routes-session.ts'
import { statusRoutes } from './routes-status.ts'
import { studioRoutes } from './routes-studio.ts'
import { tokenRoutes } from './routes-tokens.ts'
import { compileValidator } from './validation.ts'
import type { World } from './world.ts'

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

const BODY_BYTES_MAX = 65_536
const REQUEST_TIMEOUT_MS = 10_000

/** The control center's HTTP API, ready to listen. */
export async function createServer(world: World): Promise<App> {
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: 30_000,
    keepAliveTimeout: 15_000,
    // The end comes within 3 s of SIGTERM, whoever holds a connection open.
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 100 },
    // A proxy on this machine says who asks, and whether by TLS; nobody else is believed.
    trustProxy: 'loopback',
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.removeContentTypeParser('text/plain')
  app.setValidatorCompiler(compileValidator)
  app.setSerializerCompiler(() => JSON.stringify)
  answerErrors(app as unknown as FastifyInstance, world.log)
  await app.register(cookie)
  guardRoutes(app, world.accounts, world.audit)
  app.addHook('onSend', async (request, reply) => {
    // The listen page lies at the edge, another origin. What needs no account may be read by any page.
    const isPublic = request.method === 'GET' && request.routeOptions.config?.allow === undefined
    if (isPublic) reply.header('access-control-allow-origin', '*')
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    reply.header('x-content-type-options', 'nosniff')
    // A personal link's address must not travel on.
    reply.header('referrer-policy', 'no-referrer')
    if (`${reply.getHeader('content-type')}`.startsWith('text/html')) reply.header('x-frame-options', 'DENY')
  })
  await serveDocumentation(app)
  programmeRoutes(app, world)
  nodeRoutes(app, world)
  statusRoutes(app, world)
  pageRoutes(app)
  sessionRoutes(app, world)
  peopleRoutes(app, world)
  keyRoutes(app, world)
  tokenRoutes(app, world)
  liveRoutes(app, world)
  liveOrderRoutes(app, world)
  relayRoutes(app, world)
  studioRoutes(app, world)
  accountPages(app, world)
  recordingRoutes(app, world)
  recordingsPage(app, world)
  await app.ready()
  return app
}
