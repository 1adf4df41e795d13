import type { IncomingMessage } from 'node:http'

/** The whole body as JSON; undefined when it is none or longer than that. The server's request timeout is its end. */
export async function jsonBody(request: IncomingMessage, bytesMax: number): Promise<unknown> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length > bytesMax) return undefined
    parts.push(part)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8') || '{}')
  } catch {
    return undefined
  }
}
