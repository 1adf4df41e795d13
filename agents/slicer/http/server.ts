import type { IncomingMessage, ServerResponse } from 'node:http'
import { TIME_PATH } from '../../../media/dash.ts'
import { sendJson, sendNotFound, sendPreflight, sendText } from '../../shared/http/answers.ts'
import { type NodeServer, startNodeServer } from '../../shared/http/node-server.ts'
import { type Wanted, wantedOf } from './paths.ts'

export type Endpoints = {
  listener(wanted: Wanted, request: IncomingMessage, response: ServerResponse): void
  frames(rendition: string, url: URL, request: IncomingMessage, response: ServerResponse): void
  mayFetchFrames(authorization: string | undefined): boolean
  newestFrames(): unknown
  readiness(): { ok: boolean; reason: string }
  status(): unknown
  metrics(): string
  wallMs(): number
  failed(error: unknown, path: string): void
}

/** nginx keeps its upstream connections for 60 s: who closes first must be the one that asks. */
const KEEP_ALIVE_MS = 75_000
const IDLE_MS = 30_000
const CONNECTIONS_MAX = 10_000

const METRICS_HEADERS = { 'cache-control': 'no-store', 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }

/** Resolves when the server listens; rejects with the system's error (EADDRINUSE, …). */
export const startHttpServer = (endpoints: Endpoints, host: string, port: number): Promise<NodeServer> =>
  startNodeServer({
    ...{ host, port, connectionsMax: CONNECTIONS_MAX, keepAliveMs: KEEP_ALIVE_MS, idleMs: IDLE_MS },
    answer: (request, response) => route(endpoints, request, response),
    failed: endpoints.failed,
    sorry: (response) => sendText(response, 500, 'the node has failed to make this answer\n'),
  })

function route(endpoints: Endpoints, request: IncomingMessage, response: ServerResponse) {
  const { method, url = '/' } = request
  if (method === 'OPTIONS') return sendPreflight(response)
  if (method !== 'GET' && method !== 'HEAD')
    return sendText(response, 405, 'only GET and HEAD\n', { allow: 'GET, HEAD, OPTIONS', connection: 'close' })
  const query = url.indexOf('?')
  const path = query < 0 ? url : url.slice(0, query)
  const wanted = wantedOf(path)
  if (wanted) return endpoints.listener(wanted, request, response)
  if (path === '/frames/newest') return sendJson(response, 200, endpoints.newestFrames())
  if (path.startsWith('/frames/')) {
    if (!endpoints.mayFetchFrames(request.headers.authorization))
      return sendText(response, 401, 'frames are for nodes of this station\n', { 'www-authenticate': 'Bearer' })
    return endpoints.frames(path.slice('/frames/'.length), new URL(url, 'http://node'), request, response)
  }
  if (path === '/healthz') {
    const { ok, reason } = endpoints.readiness()
    return sendJson(response, ok ? 200 : 503, ok ? { ok } : { ok, reason })
  }
  if (path === '/status') return sendJson(response, 200, endpoints.status())
  if (path === '/metrics') return sendText(response, 200, endpoints.metrics(), METRICS_HEADERS)
  if (path === TIME_PATH)
    return sendText(response, 200, new Date(endpoints.wallMs()).toISOString(), { 'cache-control': 'no-store' })
  sendNotFound(response, 'there is nothing here')
}
