import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { ErrorAnswer } from '../../schemas/errors.ts'
import { SESSION_COOKIE } from './cookies.ts'
import type { App } from './server.ts'

const LOGO = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 32"><text y="23" fill="#fff" font-family="sans-serif" font-size="22" font-weight="600">Airtight</text></svg>',
)

const DOCS_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The OpenAPI document at /docs/json and a page to read and try it at /docs, all served from here: works offline. */
export async function serveDocumentation(app: App): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Airtight control center',
        description:
          'Programme, nodes and state of the station. Every error has the same shape: a code, what happened, what to do.',
        version: '1',
      },
      components: {
        securitySchemes: {
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: SESSION_COOKIE,
            description: 'From POST /api/session. Changes show its `csrf` too, as header x-airtight-csrf.',
          },
          token: { type: 'http', scheme: 'bearer', description: 'An API token, made at /people' },
          node: { type: 'http', scheme: 'bearer', description: '<id>.<credential> from the registration' },
        },
      },
    },
  })
  app.addHook('onRoute', ({ schema, config }) => {
    if (schema && Array.isArray(config?.allow)) {
      schema.security = [{ session: [] }, { token: [] }]
      schema.description = `For ${[...new Set(['admin', ...config.allow])].join(', ')}.`
    }
    if (schema?.response && !schema.hide) schema.response = { ...schema.response, default: ErrorAnswer }
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // It lies beside pages that people are signed in to.
    staticCSP: DOCS_POLICY,
    logo: { type: 'image/svg+xml', content: LOGO },
  })
}
