import { connect, createServer, type Server, type Socket } from 'node:net'

/** A way between two programs on which connections can be reset, or fall silent as behind a pulled cable. */
export class TcpFault {
  private readonly sockets = new Set<Socket>()
  private isSilent = false
  private readonly server: Server

  private constructor(server: Server) {
    this.server = server
  }

  static open(targetPort: number): Promise<TcpFault> {
    return new Promise((resolve, reject) => {
      const server = createServer((inbound) => {
        const outbound = connect(targetPort, '127.0.0.1')
        way.carry(inbound, outbound)
      })
      const way = new TcpFault(server)
      server.once('error', reject)
      server.listen(0, '127.0.0.1', () => resolve(way))
    })
  }

  get port(): number {
    return (this.server.address() as { port: number }).port
  }

  /** Nothing goes through any more, in either direction; nobody is told. Connections that are made meanwhile hang. */
  pull(): void {
    this.isSilent = true
    for (const socket of this.sockets) socket.pause()
  }

  /** New connections go through again; those of before stay dead. */
  plugIn(): void {
    this.isSilent = false
  }

  /** TCP resets in both directions. */
  reset(): void {
    for (const socket of this.sockets) socket.resetAndDestroy()
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy()
    this.server.close()
  }

  private carry(inbound: Socket, outbound: Socket): void {
    for (const [one, other] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      this.sockets.add(one)
      one.setNoDelay(true)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        this.sockets.delete(one)
        other.end()
      })
      one.on('data', (bytes) => {
        if (!this.isSilent && other.writable) other.write(bytes)
      })
      if (this.isSilent) one.pause()
    }
  }
}
