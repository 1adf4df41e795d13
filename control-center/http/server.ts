import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { type FastifyBaseLogger, type FastifyInstance, fastify, type RawServerDefault } from 'fastify'
import { serveDocumentation } from './documentation.ts'
import { answerErrors } from './error-answers.ts'
import { nodeRoutes } from './routes-nodes.ts'
import { programmeRoutes } from './routes-programme.ts'
import { statusRoutes } from './routes-status.ts'
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
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.removeContentTypeParser('text/plain')
  app.setValidatorCompiler(compileValidator)
  app.setSerializerCompiler(() => JSON.stringify)
  answerErrors(app as unknown as FastifyInstance, world.log)
  // The listen page lies at the edge, another origin. Reading needs no account, so any page may read.
  app.addHook('onSend', async (request, reply) => {
    if (request.method === 'GET') reply.header('access-control-allow-origin', '*')
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
  await serveDocumentation(app)
  programmeRoutes(app, world)
  nodeRoutes(app, world)
  statusRoutes(app, world)
  await app.ready()
  return app
}
