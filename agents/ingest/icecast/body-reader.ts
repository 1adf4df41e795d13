import { FormatError } from '../../../media/format-error.ts'
import type { RequestHead } from './request-head.ts'

/** Takes the body's bytes as they come. */
export type BodyReader = {
  /** The media in these bytes; views of them. Throws FormatError. */
  push(bytes: Buffer): Buffer[]
  /** The body has said itself that this was all of it. */
  isComplete(): boolean
}

const CHUNK_LINE_BYTES_MAX = 256
const CHUNK_BYTES_MAX = 16 * 1024 * 1024

/** By what the head announces: chunks, a length, or everything until the connection ends. Throws FormatError for another encoding. */
export function bodyReaderFor({ headers }: RequestHead): BodyReader {
  const encoding = headers.get('transfer-encoding')?.toLowerCase()
  if (encoding !== undefined && encoding !== 'identity') {
    if (encoding === 'chunked') return new ChunkedBody()
    throw new FormatError(`the transfer encoding ${JSON.stringify(encoding.slice(0, 40))} is not known here`)
  }
  // Encoders that don't know how long they will be on air write a length of 0, or of as much as a signed number holds.
  const length = Number(headers.get('content-length') ?? '0')
  if (!Number.isSafeInteger(length) || length <= 0 || length >= 2 ** 31 - 1) return untilTheEnd
  return new MeasuredBody(length)
}

const untilTheEnd: BodyReader = { push: (bytes) => [bytes], isComplete: () => false }

class MeasuredBody implements BodyReader {
  #leftBytes: number

  constructor(lengthBytes: number) {
    this.#leftBytes = lengthBytes
  }

  push(bytes: Buffer): Buffer[] {
    const media = bytes.subarray(0, this.#leftBytes)
    this.#leftBytes -= media.length
    return media.length > 0 ? [media] : []
  }

  isComplete(): boolean {
    return this.#leftBytes === 0
  }
}

/** RFC 9112 section 7.1. Extensions and trailers are passed over. */
class ChunkedBody implements BodyReader {
  #state: 'size' | 'data' | 'data-end' | 'trailer' | 'complete' = 'size'
  #line = ''
  #leftBytes = 0

  push(bytes: Buffer): Buffer[] {
    const media: Buffer[] = []
    let at = 0
    while (at < bytes.length && this.#state !== 'complete') {
      if (this.#state === 'data') {
        const part = bytes.subarray(at, at + this.#leftBytes)
        media.push(part)
        at += part.length
        this.#leftBytes -= part.length
        if (this.#leftBytes === 0) this.#state = 'data-end'
        continue
      }
      const lineFeed = bytes.indexOf(0x0a, at)
      const until = lineFeed < 0 ? bytes.length : lineFeed
      if (this.#line.length + until - at > CHUNK_LINE_BYTES_MAX)
        throw new FormatError('the line before a chunk is too long')
      this.#line += bytes.toString('latin1', at, until)
      at = until + 1
      if (lineFeed >= 0) this.#lineRead()
    }
    return media
  }

  isComplete(): boolean {
    return this.#state === 'complete'
  }

  #lineRead(): void {
    const line = this.#line.trimEnd()
    this.#line = ''
    if (this.#state === 'trailer') {
      if (line === '') this.#state = 'complete'
      return
    }
    if (this.#state === 'data-end') {
      if (line !== '') throw new FormatError('a chunk is longer than it said')
      this.#state = 'size'
      return
    }
    const size = /^([0-9a-fA-F]{1,8})[ \t]*(;.*)?$/.exec(line)
    if (!size) throw new FormatError('a chunk without a size')
    this.#leftBytes = Number.parseInt(size[1]!, 16)
    if (this.#leftBytes > CHUNK_BYTES_MAX) throw new FormatError(`a chunk of more than ${CHUNK_BYTES_MAX} bytes`)
    this.#state = this.#leftBytes === 0 ? 'trailer' : 'data'
  }
}
