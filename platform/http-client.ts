import { Agent, type IncomingMessage, request } from 'node:http'

export type HttpAnswer = { status: number; body: Buffer }
export type HttpRequest = {
  method: 'GET' | 'PUT' | 'POST'
  path: string
  headers?: Record<string, string>
  body?: string
  /** For the whole exchange, the body included. */
  timeoutMs: number
}

/** Talks to one server over at most a few kept connections. */
export type HttpClient = { send(asked: HttpRequest): Promise<HttpAnswer>; close(): void }

/**
 * @param origin `http://host:port`
 * @param bodyBytesMax a longer answer is refused
 * `send` rejects with an Error that says in a sentence what went wrong: no connection, no answer in time, answer too long.
 */
export function createHttpClient(origin: string, bodyBytesMax = 16_000_000): HttpClient {
  const base = new URL(origin)
  const agent = new Agent({ keepAlive: true, maxSockets: 4, maxFreeSockets: 2, keepAliveMsecs: 5_000 })
  return {
    send: (asked) =>
      new Promise((resolve, reject) => {
        const signal = AbortSignal.timeout(asked.timeoutMs)
        const outgoing = request(new URL(asked.path, base), { method: asked.method, agent, signal })
        const fail = (error: Error): void => {
          const late = signal.aborted || error.name === 'AbortError'
          reject(new Error(late ? `no answer within ${asked.timeoutMs} ms` : error.message || String(error)))
        }
        outgoing.on('error', fail)
        outgoing.on('response', (incoming) => collect(incoming, bodyBytesMax).then(resolve, fail))
        for (const [name, value] of Object.entries(asked.headers ?? {})) outgoing.setHeader(name, value)
        if (asked.body === undefined) return outgoing.end()
        outgoing.setHeader('content-type', 'application/json')
        outgoing.setHeader('content-length', Buffer.byteLength(asked.body))
        outgoing.end(asked.body)
      }),
    close: () => agent.destroy(),
  }
}

function collect(incoming: IncomingMessage, bytesMax: number): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let bytes = 0
    incoming.on('data', (part: Buffer) => {
      bytes += part.length
      if (bytes > bytesMax) return incoming.destroy(new Error(`the answer is longer than ${bytesMax} bytes`))
      parts.push(part)
    })
    incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(parts) }))
    incoming.on('error', reject)
  })
}
