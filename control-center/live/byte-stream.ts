import { type IncomingMessage, request } from 'node:http'
import type { Clock } from '../../platform/clock.ts'

export type OpenedStream = { status: number; contentType: string; body: IncomingMessage }

/**
 * Opens an answer that goes on for ever, within a station (plain HTTP). Rejects with a sentence when its head does not come in time;
 * whoever opened it must watch it from there, and destroy `body` when done.
 */
export function openStream(asked: {
  url: string
  headers: Record<string, string>
  headMsMax: number
  clock: Clock
  signal: AbortSignal
}): Promise<OpenedStream> {
  return new Promise((resolve, reject) => {
    const { host } = new URL(asked.url)
    const outgoing = request(asked.url, { headers: asked.headers, agent: false, signal: asked.signal })
    const cancel = asked.clock.after(asked.headMsMax, () =>
      outgoing.destroy(new Error(`${host} did not answer within ${asked.headMsMax} ms`)),
    )
    outgoing.on('error', (error) => {
      cancel()
      reject(error)
    })
    outgoing.on('response', (body) => {
      cancel()
      resolve({ status: body.statusCode ?? 0, contentType: body.headers['content-type'] ?? '', body })
    })
    outgoing.end()
  })
}
