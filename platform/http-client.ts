import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import type { Clock } from './clock.ts'

export type Asked = {
  url: string
  method?: 'GET' | 'POST' | 'PUT'
  headers?: Record<string, string>
  body?: string
  /** From the call to the last byte of the answer. */
  timeoutMs: number
  bytesMax: number
  signal?: AbortSignal | undefined
}
export type Answered = { status: number; headers: IncomingHttpHeaders; body: Buffer }
export type HttpClient = { ask(asked: Asked): Promise<Answered>; close(): void }

/**
 * HTTP with an end to everything: one deadline for the whole exchange (a dripping body included), a limit on the body,
 * a few kept connections. A GET that dies on a kept connection before its answer is asked once more on another one.
 * Rejects with an Error that says what failed; any status is an answer.
 */
export function createHttpClient(clock: Clock): HttpClient {
  const options = { keepAlive: true, maxSockets: 8, maxFreeSockets: 2, timeout: 30_000 }
  const plain = { agent: new Agent(options), request: httpRequest }
  let secure: typeof plain | null = null

  /** TLS costs a megabyte, and within a station nobody needs it. */
  async function transportFor(url: string): Promise<typeof plain> {
    if (!url.startsWith('https:')) return plain
    if (secure) return secure
    const https = await import('node:https')
    secure ??= { agent: new https.Agent(options), request: https.request }
    return secure
  }

  async function once(asked: Asked): Promise<Answered> {
    const transport = await transportFor(asked.url)
    return new Promise((resolve, reject) => {
      const url = new URL(asked.url)
      const body = asked.body === undefined ? undefined : Buffer.from(asked.body)
      const request = transport.request(url, {
        agent: transport.agent,
        method: asked.method ?? 'GET',
        headers: {
          ...asked.headers,
          ...(body ? { 'content-type': 'application/json', 'content-length': body.length } : {}),
        },
      })
      const cancelDeadline = clock.after(asked.timeoutMs, () =>
        end(new Error(`${url.host} did not answer within ${asked.timeoutMs} ms`)),
      )
      const onAbort = (): void => end(asError(asked.signal?.reason))
      let settled = false
      function end(error: Error | null, answer?: Answered): void {
        if (settled) return
        settled = true
        cancelDeadline()
        asked.signal?.removeEventListener('abort', onAbort)
        if (error) {
          request.destroy()
          reject(error)
        } else resolve(answer!)
      }
      request.on('error', (error) => end(Object.assign(error, { onKeptConnection: request.reusedSocket })))
      request.on('response', (response) => {
        const parts: Buffer[] = []
        let length = 0
        response.on('data', (part: Buffer) => {
          length += part.length
          if (length > asked.bytesMax) return end(new Error(`${url.host} answered more than ${asked.bytesMax} bytes`))
          parts.push(part)
        })
        response.on('error', (error) => end(error))
        response.on('close', () => end(new Error(`${url.host} broke off its answer`)))
        response.on('end', () => {
          if (!response.complete) return end(new Error(`${url.host} broke off its answer`))
          end(null, { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) })
        })
      })
      if (asked.signal?.aborted) return onAbort()
      asked.signal?.addEventListener('abort', onAbort, { once: true })
      request.end(body)
    })
  }

  return {
    async ask(asked) {
      try {
        return await once(asked)
      } catch (error) {
        const isStale = (error as { onKeptConnection?: boolean }).onKeptConnection === true
        if (!isStale || (asked.method ?? 'GET') !== 'GET' || asked.signal?.aborted) throw error
        return once(asked)
      }
    },
    close() {
      plain.agent.destroy()
      secure?.agent.destroy()
    },
  }
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error('given up'))
