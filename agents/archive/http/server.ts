import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from '../../../platform/log.ts'
import { sendJson, sendNotFound, sendPreflight, sendText } from '../../shared/http/answers.ts'
import { limits } from '../limits.ts'

export type Routes = {
  health(): { ok: boolean; reason: string }
  status(): unknown
  metrics(): Promise<string>
  /** False when the path is another one's. */
  catchup(url: URL, request: IncomingMessage, response: ServerResponse): boolean
  podcast(url: URL, request: IncomingMessage, response: ServerResponse): Promise<boolean>
  recordings(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Whether an `Authorization` header is the control center's. */
  mayManage(authorization: string | undefined): boolean
}

/** The control center and nginx keep their connections for a minute: who closes first must be the one that asks. */
const KEEP_ALIVE_MS = 75_000

/** Resolves when the server listens; rejects with the system's error (EADDRINUSE, …). */
export async function startHttpServer(
  routes: Routes,
  host: string,
  port: number,
  log: Logger,
): Promise<{ port: number; stop(): Promise<void> }> {
  const server = createServer({ maxHeaderSize: 8_192, connectionsCheckingInterval: 2_000 }, (request, response) => {
    void route(routes, request, response).catch((error: Error) => {
      log.error({ error: error.stack, path: request.url }, 'an answer could not be made')
      if (response.headersSent) response.destroy()
      else sendText(response, 500, 'the archive has failed to make this answer: its log has the details\n')
    })
  })
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.headersTimeout = 5_000
  server.requestTimeout = 10_000
  // Of a connection on which neither side moves.
  server.timeout = 2 * limits.conversionPatienceMs
  server.maxConnections = limits.connections
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function route(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const base = 'http://archive'
  if (!URL.canParse(request.url ?? '/', base)) return sendNotFound(response, 'there is nothing here')
  const url = new URL(request.url ?? '/', base)
  const { pathname } = url
  if (pathname === '/recordings' || pathname.startsWith('/recordings/')) {
    if (!routes.mayManage(request.headers.authorization))
      return sendText(response, 401, 'recordings are for the control center\n', { 'www-authenticate': 'Bearer' })
    return routes.recordings(url, request, response)
  }
  if (request.method === 'OPTIONS') return sendPreflight(response)
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return sendText(response, 405, 'only GET and HEAD\n', { allow: 'GET, HEAD, OPTIONS', connection: 'close' })
  if (routes.catchup(url, request, response)) return
  if (await routes.podcast(url, request, response)) return
  if (pathname === '/healthz') {
    const { ok, reason } = routes.health()
    return sendJson(response, ok ? 200 : 503, ok ? { ok } : { ok, reason })
  }
  if (pathname === '/status') return sendJson(response, 200, routes.status())
  if (pathname === '/metrics')
    return sendText(response, 200, await routes.metrics(), {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    })
  sendNotFound(response, 'there is nothing here')
}
