import { createServer, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
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
  /** Once, whoever ended it. Nothing comes after it. `declared`: the encoder said that it is done; otherwise it is just gone. */
  ended(reason: string, declared: boolean): void
}

/** The reason is shown to the person at the encoder. */
export type RtmpRefusal = { refuse: string; code?: RefusalCode }

export type RtmpServerOptions = {
  host: string
  port: number
  clock: Clock
  log: Logger
  limits?: Partial<RtmpLimits>
  /** PEM texts: then it is RTMPS. */
  tls?: { certificate: string; key: string }
  publish(request: RtmpPublishRequest): Promise<RtmpPublicationHandler | RtmpRefusal>
}

export type RtmpServer = { port: number; connections(): number; close(): Promise<void> }

/**
 * Listens for RTMP publishers. Whatever a peer sends costs at most its own connection; what it may cost is in {@link RtmpLimits}.
 * Rejects with the system's error when the address can't be listened on, and with OpenSSL's when certificate or key are none.
 */
export async function startRtmpServer(options: RtmpServerOptions): Promise<RtmpServer> {
  const { tls } = options
  const secureContext = tls && createSecureContext({ cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' })
  const limits = { ...RTMP_LIMITS, ...options.limits }
  const quiet = new QuietLog(options.log, options.clock)
  const connections = new Set<ServerConnection>()
  const perAddress = new Map<string, number>()

  const admit = (socket: Socket): void => {
    const remoteAddress = socket.remoteAddress ?? 'unknown'
    const ofAddress = perAddress.get(remoteAddress) ?? 0
    // A socket that is not admitted has no other listener, and an unheard error would end the process.
    socket.on('error', () => {})
    const perAddressHit = ofAddress >= limits.connectionsPerAddressMax
    if (
      (perAddressHit || connections.size >= limits.connectionsMax) &&
      !makeRoom(perAddressHit ? remoteAddress : null)
    ) {
      const limit = perAddressHit ? limits.connectionsPerAddressMax : limits.connectionsMax
      const kind = perAddressHit ? 'connections-per-address' : 'connections'
      quiet.warn(kind, { remoteAddress, limit }, `RTMP connection refused: ${limit} are open already`)
      socket.destroy()
      return
    }
    perAddress.set(remoteAddress, ofAddress + 1)
    const carrier = secureContext ? new TLSSocket(socket, { isServer: true, secureContext }) : socket
    const connection = new ServerConnection({
      socket: carrier,
      remoteAddress,
      clock: options.clock,
      quiet,
      limits,
      publish: options.publish,
    })
    connections.add(connection)
    carrier.once('close', () => forget(connection))
  }

  function forget(connection: ServerConnection): void {
    if (!connections.delete(connection)) return
    const { remoteAddress } = connection
    const left = (perAddress.get(remoteAddress) ?? 1) - 1
    if (left > 0) perAddress.set(remoteAddress, left)
    else perAddress.delete(remoteAddress)
  }

  /** Half-open connections must not keep an encoder out: the oldest that has had its time to shake hands is given up for a new one. */
  function makeRoom(ofAddress: string | null): boolean {
    for (const connection of connections) {
      if (ofAddress !== null && connection.remoteAddress !== ofAddress) continue
      if (!connection.isHalfOpen(limits.halfOpenMs)) continue
      connection.destroy()
      forget(connection)
      quiet.warn(
        'half-open',
        { remoteAddress: connection.remoteAddress },
        'RTMP connections that say nothing are given up for new ones',
      )
      return true
    }
    return false
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
