import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Paths of Unix sockets end at 107 bytes. */
const SOCKET_PATH_BYTES_MAX = 100

/** In the data folder, or in the system's folder for temporary files when that path would be too long. */
export function socketPath(dataFolder: string): string {
  const path = join(dataFolder, 'agent.sock')
  if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX) return path
  return join(tmpdir(), `airtight-edge-${createHash('sha256').update(dataFolder).digest('hex').slice(0, 12)}.sock`)
}

export type AgentRoutes = {
  health(): { ok: boolean; reason: string }
  metrics(): Promise<string>
  listeners(): unknown
  /** What the listen page needs to know of the station; null before the first briefing. */
  page(): unknown
  /** The wall clock, milliseconds since the epoch. */
  wallMs(): number
  /** Answers an endless stream; false when there is no such one. */
  stream(
    station: string,
    rendition: string,
    format: 'aac' | 'flv',
    request: IncomingMessage,
    response: ServerResponse,
  ): boolean
}

/** What nginx asks the agent, over a Unix socket that only the owner may use. */
export async function listenForNginx(path: string, routes: AgentRoutes): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(routes, request, response).catch(() => response.destroy())
  })
  // nginx keeps connections for 60 s: the side that answers must not be the first to close.
  server.keepAliveTimeout = 75_000
  rmSync(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => resolve())
  })
  return server
}

async function answer(routes: AgentRoutes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://edge')
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'text/plain', 'GET only\n')
  const stream = /^\/stream\/([a-z0-9-]+)\/([a-z0-9-]+)\.(aac|flv)$/.exec(pathname)
  if (stream !== null) {
    const [, station, rendition, format] = stream
    if (routes.stream(station!, rendition!, format as 'aac' | 'flv', request, response)) return
    return send(response, 404, 'text/plain', 'there is no such stream\n')
  }
  switch (pathname) {
    case '/healthz': {
      const health = routes.health()
      return sendJson(response, health.ok ? 200 : 503, health.ok ? { ok: true } : health)
    }
    case '/metrics':
      return send(response, 200, 'text/plain; version=0.0.4; charset=utf-8', await routes.metrics())
    case '/listeners':
      return sendJson(response, 200, routes.listeners())
    case '/listen.json': {
      const page = routes.page()
      return sendJson(response, page === null ? 503 : 200, page ?? { reason: 'the edge does not know its station yet' })
    }
    case '/time':
      return send(response, 200, 'text/plain', new Date(routes.wallMs()).toISOString())
    default:
      return send(response, 404, 'text/plain', 'not here\n')
  }
}

const sendJson = (response: ServerResponse, status: number, body: unknown): void =>
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(body))

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body)
}
