import { join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../refusal.ts'
import type { App } from './server.ts'
import { readStaticPage, type StaticFile } from './static-page.ts'

/** From the sources as from the build: `dist` lies beside, or is, what this file's folder lies in. */
const BUILT_PAGE = join(import.meta.dirname, '../../dist/studio-page')

/**
 * Scripts and styles come from here alone. Sound of the air comes from the edge, and the microphone's goes to an ingest node: other hosts
 * or ports, which nodes announce while they run. The player makes its sound, and its track of titles, in the page itself (blob:, data:).
 */
export const STUDIO_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self' http: https: ws: wss:",
  "media-src 'self' http: https: blob: data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const hidden = { schema: { hide: true }, config: { allow: 'anyone' as const } }

/** The studio's page and its files, from memory. It asks the API who is there: the files themselves are no secret. */
export function pageRoutes(app: App, folder: string = BUILT_PAGE): void {
  const files = readStaticPage(folder)

  const send = (request: FastifyRequest, reply: FastifyReply, file: StaticFile | undefined): FastifyReply => {
    if (!file) throw new Refusal('not-found', `There is no ${request.url}: the page has not been built.`)
    reply
      .header('cache-control', file.cacheControl)
      .header('etag', file.etag)
      .header('vary', 'accept-encoding')
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('content-security-policy', STUDIO_POLICY)
      .header('permissions-policy', 'microphone=(self), screen-wake-lock=(self)')
      .type(file.type)
    if (request.headers['if-none-match'] === file.etag) return reply.code(304).send()
    const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
    if (takesGzip && file.gzipped) return reply.header('content-encoding', 'gzip').send(file.gzipped)
    return reply.send(file.body)
  }

  app.get('/studio', hidden, (request, reply) => send(request, reply, files.get('index.html')))
  // Without a schema: its checker takes the name of a wildcard for a pattern.
  app.get<{ Params: { '*': string } }>('/studio/*', hidden, (request, reply) =>
    send(request, reply, files.get(request.params['*'] || 'index.html')),
  )
}
