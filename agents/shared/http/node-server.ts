import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type NodeServerOptions = {
  host: string
  port: number
  connectionsMax: number
  /** Of a connection that waits for its next request; node's own 5 s when left out. */
  keepAliveMs?: number
  /** Of a connection on which neither side moves, as with a reader that has stopped reading; without an end when left out. */
  idleMs?: number
  /** Makes the answer; what it throws, or rejects with, goes to `failed`. */
  answer(request: IncomingMessage, response: ServerResponse): unknown
  failed(error: unknown, path: string): void
  /** What the one who asked is told then: a 500. An answer that has begun is cut off instead. */
  sorry(response: ServerResponse): void
}

export type NodeServer = { port: number; stop(): Promise<void> }

const HEAD_BYTES_MAX = 8_192
const HEAD_MS_MAX = 5_000
const REQUEST_MS_MAX = 10_000
const LOOK_EVERY_MS = 2_000

/** An agent's HTTP, with an end to everything. Resolves when it listens; rejects with the system's error (EADDRINUSE, …). */
export async function startNodeServer(options: NodeServerOptions): Promise<NodeServer> {
  const { host, port, answer } = options
  const limits = { maxHeaderSize: HEAD_BYTES_MAX, connectionsCheckingInterval: LOOK_EVERY_MS }
  const server = createServer(limits, (request, response) => {
    const failed = (error: unknown): void => {
      options.failed(error, request.url ?? '')
      if (response.headersSent) response.destroy()
      else options.sorry(response)
    }
    try {
      const done = answer(request, response)
      if (done instanceof Promise) done.catch(failed)
    } catch (error) {
      failed(error)
    }
  })
  if (options.keepAliveMs !== undefined) server.keepAliveTimeout = options.keepAliveMs
  if (options.idleMs !== undefined) server.timeout = options.idleMs
  server.headersTimeout = HEAD_MS_MAX
  server.requestTimeout = REQUEST_MS_MAX
  server.maxConnections = options.connectionsMax
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
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
