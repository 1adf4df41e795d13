import type { IncomingHttpHeaders } from 'node:http'
import { request as httpRequest } from 'node:http'
import type { Clock } from './clock.ts'

export type HttpStreamOptions = {
  url: string
  headers?: Record<string, string>
  /** For the connection and the answer's head. */
  headTimeoutMs: number
  /** An answer that gives nothing for so long is broken off: the other side of a dead cable says nothing. Not while it is paused. */
  idleTimeoutMs: number
  onHead: (status: number, headers: IncomingHttpHeaders) => void
  onBytes: (bytes: Buffer) => void
  /** Once, when nothing more will come. `complete`: the other side ended its answer as it should. Not called after `close`. */
  onEnd: (end: { complete: boolean; reason: string }) => void
}
export type HttpStream = { pause(): void; resume(): void; close(): void }

/** A GET whose answer has no end, on a connection of its own: plain HTTP, as the programs of a station speak among themselves. */
export function openHttpStream(clock: Clock, options: HttpStreamOptions): HttpStream {
  let settled = false
  let paused = false
  let heardMs = clock.monotonicMs()
  let response: import('node:http').IncomingMessage | null = null
  const request = httpRequest(options.url, { agent: false, headers: options.headers ?? {} })
  const finish = (end: { complete: boolean; reason: string } | null): void => {
    if (settled) return
    settled = true
    cancelHead()
    stopWatching()
    request.destroy()
    if (end) options.onEnd(end)
  }
  const cancelHead = clock.after(options.headTimeoutMs, () =>
    finish({ complete: false, reason: `no answer within ${options.headTimeoutMs} ms` }),
  )
  const stopWatching = clock.every(Math.max(20, options.idleTimeoutMs / 4), () => {
    if (!response || paused) heardMs = clock.monotonicMs()
    else if (clock.monotonicMs() - heardMs > options.idleTimeoutMs)
      finish({ complete: false, reason: `nothing came for ${options.idleTimeoutMs} ms` })
  })
  request.on('error', (error) => finish({ complete: false, reason: error.message }))
  request.on('response', (answer) => {
    if (settled) return
    response = answer
    cancelHead()
    heardMs = clock.monotonicMs()
    answer.on('data', (bytes: Buffer) => {
      heardMs = clock.monotonicMs()
      if (!settled) options.onBytes(bytes)
    })
    answer.on('error', (error) => finish({ complete: false, reason: error.message }))
    answer.on('end', () => finish({ complete: answer.complete, reason: 'the answer ended' }))
    answer.on('close', () => finish({ complete: false, reason: 'the connection broke' }))
    options.onHead(answer.statusCode ?? 0, answer.headers)
  })
  request.end()
  return {
    pause() {
      paused = true
      response?.pause()
    },
    resume() {
      paused = false
      heardMs = clock.monotonicMs()
      response?.resume()
    },
    close: () => finish(null),
  }
}
