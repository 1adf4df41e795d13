import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../../../platform/clock.ts'
import type { HttpClient } from '../../../platform/http-client.ts'
import type { Logger } from '../../../platform/log.ts'
import type { Processes } from '../../../platform/processes.ts'
import { QuietLog } from '../../../platform/rtmp/quiet-log.ts'
import type { LiveGrant } from '../../../schemas/live.ts'
import type { Feeds } from '../feeds/feeds.ts'
import { SOCKET_LIMITS } from '../limits.ts'
import { PageConnection } from './page-connection.ts'
import { createPlayoutLink, type PlayoutAddress } from './playout-link.ts'

export type StudioOptions = {
  host: string
  /** 0: any free one. */
  port: number
  /** PEM texts; null: ws instead of wss. */
  tls: { certificate: string; key: string } | null
  feeds: Feeds
  grants(): readonly LiveGrant[]
  /** Asks the control center for the newest grants: a key may be seconds old. */
  news(): Promise<void>
  playoutAddress(): PlayoutAddress | null
  http: HttpClient
  processes: Processes
  clock: Clock
  random(): number
  log: Logger
}

export type StudioServer = { port: number; connections(): number; close(): Promise<void> }

const PATH = '/studio'

/**
 * Listens for studio pages: the WebSocket `/studio` (RFC 6455; the messages are in `messages.ts`). A page may come from any origin, as only
 * its ticket counts, and no cookie is looked at. Rejects with the system's error when the address can't be listened on.
 */
export async function startStudio(options: StudioOptions): Promise<StudioServer> {
  const quiet = new QuietLog(options.log, options.clock)
  const playout = createPlayoutLink({ ...options, address: options.playoutAddress })
  const pages = new Set<PageConnection>()
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: SOCKET_LIMITS.pageMessageBytesMax,
    perMessageDeflate: false,
    clientTracking: true,
  })

  const accept = (socket: WebSocket, request: IncomingMessage): void => {
    const remoteAddress = request.socket.remoteAddress ?? 'unknown'
    request.socket.setNoDelay(true)
    const page = new PageConnection({ ...options, socket, remoteAddress, quiet, playout, others: () => pages })
    pages.add(page)
    socket.on('close', () => pages.delete(page))
  }

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy())
    const path = (request.url ?? '').split('?')[0]
    if (path !== PATH) sendAway(socket, '404 Not Found')
    else if (isFull(request)) sendAway(socket, '503 Service Unavailable')
    else sockets.handleUpgrade(request, socket, head, accept)
  }

  function isFull(request: IncomingMessage): boolean {
    const { connectionsMax, connectionsPerAddressMax } = SOCKET_LIMITS
    const remoteAddress = request.socket.remoteAddress ?? 'unknown'
    const ofAddress = [...pages].filter((page) => page.remoteAddress === remoteAddress).length
    if (pages.size < connectionsMax && ofAddress < connectionsPerAddressMax) return false
    quiet.warn('studio-connections', { remoteAddress }, `studio page refused: ${pages.size} are connected already`)
    return true
  }

  /** Connections that say nothing end by themselves within seconds; until then those of one address must leave room for others. */
  const perAddress = new Map<string, number>()
  function count(socket: Socket): void {
    const remoteAddress = socket.remoteAddress ?? 'unknown'
    const ofAddress = (perAddress.get(remoteAddress) ?? 0) + 1
    perAddress.set(remoteAddress, ofAddress)
    socket.once('close', () => {
      const left = perAddress.get(remoteAddress)! - 1
      if (left > 0) perAddress.set(remoteAddress, left)
      else perAddress.delete(remoteAddress)
    })
    if (ofAddress <= 2 * SOCKET_LIMITS.connectionsPerAddressMax) return
    quiet.warn('studio-connections-per-address', { remoteAddress }, `too many connections from ${remoteAddress}`)
    socket.destroy()
  }

  const server = await createWebServer(options.tls)
  server.on('connection', count)
  server.on('drop', (dropped) =>
    quiet.warn(
      'studio-connections',
      { ...dropped },
      `studio connection refused: ${server.maxConnections} are open already`,
    ),
  )
  server.maxConnections = SOCKET_LIMITS.connectionsMax * 2
  server.on('upgrade', upgrade)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, () => {
      server.removeListener('error', reject)
      server.on('error', (error) => quiet.warn('studio-accept', {}, `the studio's socket: ${error.message}`))
      resolve()
    })
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error("the studio's socket has no port")
  return {
    port: address.port,
    connections: () => pages.size,
    close: () =>
      new Promise((closed) => {
        playout.close()
        for (const page of pages) page.drop('The station is restarting: the page comes back by itself.')
        for (const socket of sockets.clients) socket.terminate()
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

async function createWebServer(tls: StudioOptions['tls']): Promise<Server> {
  const limits = {
    headersTimeout: SOCKET_LIMITS.headMs,
    requestTimeout: SOCKET_LIMITS.headMs,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: 1_000,
    maxHeaderSize: SOCKET_LIMITS.headBytesMax,
  }
  if (tls === null) return createServer(limits, answer)
  const https = await import('node:https')
  return https.createServer(
    { ...limits, handshakeTimeout: SOCKET_LIMITS.headMs, cert: tls.certificate, key: tls.key },
    answer,
  )
}

/** Node watches over a socket no longer that asked for another protocol: one that its peer keeps open would stay for ever. */
const sendAway = (socket: Duplex, status: string): void =>
  void socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => socket.destroy())

/** A person who looks here with a browser: so it is known whether the certificate is trusted, too. */
function answer(_request: IncomingMessage, response: ServerResponse): void {
  const text = 'Here is the way in for studio pages, by WebSocket at /studio.\n'
  response.writeHead(426, { 'content-type': 'text/plain; charset=utf-8', upgrade: 'websocket', connection: 'close' })
  response.end(text)
}
