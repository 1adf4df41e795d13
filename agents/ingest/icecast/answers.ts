/** What source clients are told. They close the connection after a refusal; most show nothing of it but the status line. */

const METHODS = 'GET, OPTIONS, PUT, SOURCE'
const REASON_CHARACTERS_MAX = 200

/** To a request for `Expect: 100-continue`: the body may come. */
export const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

/** The source is taken. Nothing else is said until it ends: an old client takes whatever comes for an error. */
export const TAKEN = 'HTTP/1.0 200 OK\r\nServer: Airtight\r\n\r\n'

/** A whole answer, after which the connection ends. The reason goes into the status line too: encoders show it to people. */
export function answer(status: number, reason: string, body: { type: string; text: string } | null = null): string {
  const { type, text } = body ?? { type: 'text/plain; charset=utf-8', text: `${reason}\n` }
  const headers = [
    `HTTP/1.0 ${status} ${statusText(reason)}`,
    'Server: Airtight',
    ...(status === 401 ? ['WWW-Authenticate: Basic realm="Airtight, sources"'] : []),
    `Allow: ${METHODS}`,
    `Content-Type: ${type}`,
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
  ]
  return `${headers.join('\r\n')}\r\n\r\n${text}`
}

/** To `/admin/metadata`, as encoders know it. */
export const TITLE_TAKEN = metadataAnswer(200, 'Metadata update successful')
export const NO_SOURCE = metadataAnswer(400, 'Source does not exist')

function metadataAnswer(status: number, message: string): string {
  const done = status === 200 ? 1 : 0
  const text = `<?xml version="1.0"?>\n<iceresponse><message>${message}</message><return>${done}</return></iceresponse>\n`
  return answer(status, message, { type: 'text/xml', text })
}

/** A status line is ASCII, and of one line. */
function statusText(reason: string): string {
  return reason.replace(/[^\x20-\x7e]+/g, ' ').slice(0, REASON_CHARACTERS_MAX)
}
