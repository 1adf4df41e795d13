import { createServer, type Socket } from 'node:net'
import type { Clock } from '../../../platform/clock.ts'
import type { Logger } from '../../../platform/log.ts'
import type { Processes } from '../../../platform/processes.ts'
import { QuietLog } from '../../../platform/rtmp/quiet-log.ts'
import type { LiveGrant } from '../../../schemas/live.ts'
import type { Feeds } from '../feeds/feeds.ts'
import { SOCKET_LIMITS } from '../limits.ts'
import { SourceConnection } from './source-connection.ts'

export type IcecastOptions = {
  host: string
  /** 0: any free one. */
  port: number
  feeds: Feeds
  grants(): readonly LiveGrant[]
  processes: Processes
  clock: Clock
  log: Logger
}

export type IcecastServer = { port: number; connections(): number; close(): Promise<void> }

/**
 * Listens for source clients of the Icecast protocol (as Icecast 2.4 and libshout 2.4 speak it). Whatever a peer sends costs at most its own
 * connection. Rejects with the system's error when the address can't be listened on.
 */
export function startIcecast(options: IcecastOptions): Promise<IcecastServer> {
  const quiet = new QuietLog(options.log, options.clock)
  const connections = new Set<SourceConnection>()
  const perAddress = new Map<string, number>()
  const leaving = new Map<string, Promise<void>>()

  const admit = (socket: Socket): void => {
    const remoteAddress = socket.remoteAddress ?? 'unknown'
    // A socket that is not admitted has no other listener, and an unheard error would end the process.
    socket.on('error', () => {})
    const ofAddress = perAddress.get(remoteAddress) ?? 0
    const isAddressFull = ofAddress >= SOCKET_LIMITS.connectionsPerAddressMax
    if (isAddressFull || connections.size >= SOCKET_LIMITS.connectionsMax) {
      const limit = isAddressFull ? SOCKET_LIMITS.connectionsPerAddressMax : SOCKET_LIMITS.connectionsMax
      const kind = isAddressFull ? 'icecast-connections-per-address' : 'icecast-connections'
      quiet.warn(kind, { remoteAddress, limit }, `Icecast connection refused: ${limit} are open already`)
      return void socket.destroy()
    }
    perAddress.set(remoteAddress, ofAddress + 1)
    const connection = new SourceConnection({ ...options, socket, remoteAddress, quiet, setTitle, leaving })
    connections.add(connection)
    socket.once('close', () => {
      connections.delete(connection)
      const left = (perAddress.get(remoteAddress) ?? 1) - 1
      if (left > 0) perAddress.set(remoteAddress, left)
      else perAddress.delete(remoteAddress)
    })
  }

  /** Titles come over a connection of their own. */
  const setTitle = (keyId: string, title: string): boolean => {
    const source = [...connections].find((connection) => connection.sendsFor(keyId))
    source?.setTitle(title)
    return source !== undefined
  }

  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true, allowHalfOpen: true }, admit)
    server.once('error', reject)
    server.listen(options.port, options.host, () => {
      server.removeListener('error', reject)
      server.on('error', (error) => quiet.warn('icecast-accept', {}, `Icecast accept failed: ${error.message}`))
      const address = server.address()
      if (address === null || typeof address === 'string') return reject(new Error('the Icecast server has no port'))
      resolve({
        port: address.port,
        connections: () => connections.size,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed())
            for (const connection of connections) connection.drop('The station is restarting.')
          }),
      })
    })
  })
}
