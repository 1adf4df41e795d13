import { createReadStream, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { byteRangeOf } from '../../shared/http/byte-range.ts'

/** Answers a file, or a range of it, as it is read. A listener who goes away ends the reading. Throws when there is no such file. */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const { size, mtimeMs } = statSync(path)
  const etag = `"${size.toString(16)}-${path.slice(path.lastIndexOf('/') + 1)}"`.replace(/[^\x21-\x7e]/g, '')
  const common = { ...headers, 'accept-ranges': 'bytes', etag, 'last-modified': new Date(mtimeMs).toUTCString() }
  const { range: wanted, 'if-range': condition, 'if-none-match': known } = request.headers
  if (known === etag) {
    response.writeHead(304, common).end()
    return
  }
  const range = condition === undefined || condition === etag ? byteRangeOf(wanted, size) : null
  if (range === 'unsatisfiable') {
    response.writeHead(416, { ...common, 'content-range': `bytes */${size}`, 'content-length': '0' }).end()
    return
  }
  const { start, end } = range ?? { start: 0, end: size }
  response.writeHead(range ? 206 : 200, {
    ...common,
    'content-length': String(end - start),
    ...(range ? { 'content-range': `bytes ${start}-${end - 1}/${size}` } : {}),
  })
  if (request.method === 'HEAD' || end === start) {
    response.end()
    return
  }
  // A broken pipe is a listener who has gone.
  await pipeline(createReadStream(path, { start, end: end - 1 }), response).catch(() => response.destroy())
}
