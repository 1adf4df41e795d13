import type { IncomingMessage, ServerResponse } from 'node:http'
import { type NodeServer, startNodeServer } from '../../shared/http/node-server.ts'
import { sendJson, sendText } from './answers.ts'
import { jsonBody } from './body.ts'

export type Endpoints = {
  mayRead(authorization: string | undefined): boolean
  events(response: ServerResponse): void
  pcm(wanted: { keyId: string; run: string; from: string }, response: ServerResponse): void
  preview(keyId: string, response: ServerResponse): void
  kick(keyId: string, body: unknown): { status: number; answer: unknown }
  readiness(): { ok: boolean; reason: string }
  metrics(): string
  failed(error: unknown, path: string): void
}

/** Those that say nothing are closed within seconds; so many at once leave room for playout. */
const CONNECTIONS_MAX = 2_000
const KICK_BYTES_MAX = 4_096
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Resolves when the server listens; rejects with the system's error (EADDRINUSE, …). */
export const startHttpServer = (endpoints: Endpoints, host: string, port: number): Promise<NodeServer> =>
  startNodeServer({
    ...{ host, port, connectionsMax: CONNECTIONS_MAX },
    answer: (request, response) => route(endpoints, request, response),
    failed: endpoints.failed,
    sorry: (response) => sendText(response, 500, 'the node has failed to make this answer\n'),
  })

async function route(endpoints: Endpoints, request: IncomingMessage, response: ServerResponse) {
  const base = 'http://node'
  if (!URL.canParse(request.url ?? '/', base)) return sendText(response, 404, 'there is nothing here\n')
  const { pathname: path, searchParams } = new URL(request.url ?? '/', base)
  if (path === '/healthz') {
    const { ok, reason } = endpoints.readiness()
    return sendJson(response, ok ? 200 : 503, ok ? { ok } : { ok, reason })
  }
  if (path === '/metrics') return sendText(response, 200, endpoints.metrics(), { 'content-type': METRICS_TYPE })
  if (!path.startsWith('/feeds/')) return sendText(response, 404, 'there is nothing here\n')
  if (!endpoints.mayRead(request.headers.authorization))
    return sendText(response, 401, 'feeds are for the station alone\n', { 'www-authenticate': 'Bearer' })
  const [, , keyId = '', second, third] = path.split('/')
  if (request.method === 'POST' && second === 'kick') {
    const body = await jsonBody(request, KICK_BYTES_MAX)
    const { status, answer } = endpoints.kick(keyId, body)
    return sendJson(response, status, answer)
  }
  if (request.method !== 'GET') return sendText(response, 405, 'only GET here\n', { allow: 'GET' })
  if (path === '/feeds/events') return endpoints.events(response)
  if (second === 'preview.aac') return endpoints.preview(keyId, response)
  if (second !== undefined && third === 'pcm')
    return endpoints.pcm({ keyId, run: second, from: searchParams.get('from') ?? '' }, response)
  sendText(response, 404, 'there is nothing here\n')
}
