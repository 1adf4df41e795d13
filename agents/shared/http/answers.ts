import type { IncomingMessage, ServerResponse } from 'node:http'
import { byteRangeOf } from './byte-range.ts'

/** A body with all that its headers need: the same on every node. */
export type Packaged = { body: Buffer; etag: string; contentType: string; cacheControl: string }

/** Cross-origin readers may see everything there is: it is public, and the same for all. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Content-Length, Content-Range, ETag, Date',
} as const
const CORS_LIST = Object.entries(CORS).flat()

/** Answers a body with its validators; 304 when the caller has it, 206 for a range of it. */
export function sendPackaged(request: IncomingMessage, response: ServerResponse, packaged: Packaged): void {
  const { body, etag, contentType, cacheControl } = packaged
  // A flat list is what node writes with the least work, and this is what a slicer does most.
  const headers = [...CORS_LIST, 'etag', etag, 'cache-control', cacheControl]
  const asked = request.headers
  if (asked['if-none-match'] !== undefined && hasIt(asked['if-none-match'], etag)) {
    response.writeHead(304, headers).end()
    return
  }
  const isRangeWanted = asked.range !== undefined && (asked['if-range'] === undefined || asked['if-range'] === etag)
  const range = isRangeWanted ? byteRangeOf(asked.range, body.length) : null
  if (range === 'unsatisfiable') {
    headers.push('content-range', `bytes */${body.length}`, 'content-length', '0')
    response.writeHead(416, headers).end()
    return
  }
  const part = range ? body.subarray(range.start, range.end) : body
  headers.push('content-type', contentType, 'content-length', String(part.length), 'accept-ranges', 'bytes')
  if (range) headers.push('content-range', `bytes ${range.start}-${range.end - 1}/${body.length}`)
  response.writeHead(range ? 206 : 200, headers)
  response.end(request.method === 'HEAD' ? undefined : part)
}

/** A refusal that mends itself: asked again in a second it may be over. */
export function sendUnavailable(response: ServerResponse, reason: string): void {
  sendText(response, 503, `${reason}\n`, { 'retry-after': '1', 'cache-control': 'no-store' })
}

/** A segment that is not there yet may be in a second. */
export function sendNotFound(response: ServerResponse, reason: string): void {
  sendText(response, 404, `${reason}\n`, { 'cache-control': 'max-age=1' })
}

export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = Buffer.from(text, 'utf8')
  response.writeHead(status, {
    ...CORS,
    'content-type': 'text/plain; charset=utf-8',
    'content-length': body.length,
    ...headers,
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  sendText(response, status, JSON.stringify(value), { 'content-type': 'application/json', 'cache-control': 'no-store' })
}

/** What a browser asks before a request with a header of its own. */
export function sendPreflight(response: ServerResponse): void {
  response
    .writeHead(204, {
      ...CORS,
      'access-control-allow-methods': 'GET, HEAD, OPTIONS',
      'access-control-allow-headers': 'Range, If-None-Match, If-Range',
      'access-control-max-age': '86400',
    })
    .end()
}

function hasIt(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch === '*' || ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
}
