import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '../../../platform/log.ts'
import { sendJson, sendNotFound, sendPreflight, sendText } from '../../shared/http/answers.ts'
import { type NodeServer, startNodeServer } from '../../shared/http/node-server.ts'
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
export const startHttpServer = (routes: Routes, host: string, port: number, log: Logger): Promise<NodeServer> =>
  startNodeServer({
    ...{ host, port, connectionsMax: limits.connections, keepAliveMs: KEEP_ALIVE_MS },
    idleMs: 2 * limits.conversionPatienceMs,
    answer: (request, response) => route(routes, request, response),
    failed: (error, path) => log.error({ error: (error as Error).stack, path }, 'an answer could not be made'),
    sorry: (response) =>
      sendText(response, 500, 'the archive has failed to make this answer: its log has the details\n'),
  })

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
