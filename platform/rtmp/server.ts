import { createServer, type Socket } from 'node:net'
import type { AmfValue } from '../../media/rtmp/amf0.ts'
import { RTMP_LIMITS, type RtmpLimits } from '../../media/rtmp/limits.ts'
import type { RefusalCode } from '../../media/rtmp/server-session.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import { QuietLog } from './quiet-log.ts'
import { ServerConnection } from './server-connection.ts'

export type RtmpPublishRequest = {
  application: string
  stream: string
  query: URLSearchParams
  remoteAddress: string
  /** Ends the publication from the server's side at any time; the encoder is told why. */
  end(reason: string): void
}

export type RtmpPublicationHandler = {
  /** An FLV audio tag body; the memory is the handler's own. Timestamps rise plainly, past 2^32 ms too. */
  audio(timestampMs: number, body: Buffer): void
  data(timestampMs: number, name: string, values: AmfValue[]): void
  /** Once, whoever ended it. Nothing comes after it. */
  ended(reason: string): void
}

/** The reason is shown to the person at the encoder. */
export type RtmpRefusal = { refuse: string; code?: RefusalCode }

export type RtmpServerOptions = {
  host: string
  port: number
  clock: Clock
  log: Logger
  limits?: Partial<RtmpLimits>
  publish(request: RtmpPublishRequest): Promise<RtmpPublicationHandler | RtmpRefusal>
}

export type RtmpServer = { port: number; connections(): number; close(): Promise<void> }

/**
 * Listens for RTMP publishers. Whatever a peer sends costs at most its own connection; what it may cost is in {@link RtmpLimits}.
 * Rejects with the system's error when the address can't be listened on.
 */
export function startRtmpServer(options: RtmpServerOptions): Promise<RtmpServer> {
  const limits = { ...RTMP_LIMITS, ...options.limits }
  const quiet = new QuietLog(options.log, options.clock)
  const connections = new Set<ServerConnection>()
  const perAddress = new Map<string, number>()

  const admit = (socket: Socket): void => {
    const remoteAddress = socket.remoteAddress ?? 'unknown'
    const ofAddress = perAddress.get(remoteAddress) ?? 0
    // A socket that is not admitted has no other listener, and an unheard error would end the process.
    socket.on('error', () => {})
    if (connections.size >= limits.connectionsMax || ofAddress >= limits.connectionsPerAddressMax) {
      const perAddressHit = ofAddress >= limits.connectionsPerAddressMax
      const limit = perAddressHit ? limits.connectionsPerAddressMax : limits.connectionsMax
      const kind = perAddressHit ? 'connections-per-address' : 'connections'
      quiet.warn(kind, { remoteAddress, limit }, `RTMP connection refused: ${limit} are open already`)
      socket.destroy()
      return
    }
    perAddress.set(remoteAddress, ofAddress + 1)
    const connection = new ServerConnection({
      socket,
      remoteAddress,
      clock: options.clock,
      quiet,
      limits,
      publish: options.publish,
    })
    connections.add(connection)
    socket.once('close', () => {
      connections.delete(connection)
      const left = (perAddress.get(remoteAddress) ?? 1) - 1
      if (left > 0) perAddress.set(remoteAddress, left)
      else perAddress.delete(remoteAddress)
    })
  }

  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true }, admit)
    server.once('error', reject)
    server.listen(options.port, options.host, () => {
      server.removeListener('error', reject)
      server.on('error', (error) => quiet.warn('accept', { err: error }, `RTMP accept failed: ${error.message}`))
      const address = server.address()
      if (address === null || typeof address === 'string') return reject(new Error('the RTMP server has no port'))
      resolve({
        port: address.port,
        connections: () => connections.size,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed())
            for (const connection of connections) connection.end('the server is shutting down')
          }),
      })
    })
  })
}
