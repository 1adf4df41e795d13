import { FormatError } from '../../../media/format-error.ts'

/** The head of a source client's request. Names of headers are in small letters; texts are Latin-1, a byte a character. */
export type RequestHead = {
  method: string
  /** As it was sent: path and query. */
  target: string
  /** `ICE/1.0` is what old source clients say instead of HTTP. */
  protocol: 'HTTP/1.0' | 'HTTP/1.1' | 'ICE/1.0'
  headers: ReadonlyMap<string, string>
  /** Where the body begins. */
  lengthBytes: number
}

const HEADERS_MAX = 100
const REQUEST_LINE = /^([A-Z]{1,16}) (\S{1,2048}) (HTTP\/1\.[01]|ICE\/1\.0)$/
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/

/**
 * Reads a request's head (RFC 9112 section 2 to 5, and the Icecast source dialect of it: the method `SOURCE`, the protocol `ICE/1.0`),
 * which Node's own parser takes only in part. Lines may end in a bare line feed. Null: there is no end of it in these bytes yet.
 * Throws FormatError when it can't become a head any more.
 */
export function parseRequestHead(bytes: Buffer): RequestHead | null {
  const lengthBytes = endOfHead(bytes)
  if (lengthBytes === null) return null
  const [requestLine = '', ...lines] = bytes.toString('latin1', 0, lengthBytes).trimEnd().split(/\r?\n/)
  const request = REQUEST_LINE.exec(requestLine)
  if (!request) throw new FormatError('the request line is not one of a source client')
  if (lines.length > HEADERS_MAX) throw new FormatError(`more than ${HEADERS_MAX} headers`)
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon))
    if (!HEADER_NAME.test(name)) throw new FormatError('a header line without a name')
    const key = name.toLowerCase()
    if (key === 'transfer-encoding' && headers.has(key)) throw new FormatError('two transfer encodings')
    if (!headers.has(key)) headers.set(key, line.slice(colon + 1).trim())
  }
  return {
    method: request[1]!,
    target: request[2]!,
    protocol: request[3] as RequestHead['protocol'],
    headers,
    lengthBytes,
  }
}

function endOfHead(bytes: Buffer): number | null {
  const ends = ['\r\n\r\n', '\n\n', '\n\r\n']
    .map((end) => ({ at: bytes.indexOf(end, 0, 'latin1'), length: end.length }))
    .filter(({ at }) => at >= 0)
    .map(({ at, length }) => at + length)
  return ends.length === 0 ? null : Math.min(...ends)
}
