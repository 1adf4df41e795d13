const CAPTURE = Buffer.from('OggS', 'latin1')
const HEADER_BYTES = 27
const BEGINNING = 0x02
const END = 0x04

export type OggPage = {
  /** Header and body. */
  bytes: Buffer
  /** Without the header. */
  body: Buffer
  /** The first page of a logical stream, and the last one. */
  isFirst: boolean
  isLast: boolean
  /** No sound ends in it: it belongs to what a decoder must see before it can begin. */
  isHeader: boolean
}

/**
 * Cuts an Ogg stream into its pages (RFC 3533, section 6), as its bytes come. What is no page is passed over. Keeps one page at most,
 * which is 65,307 bytes at most. Pages are views of memory that is not written again.
 */
export class OggPages {
  #rest: Buffer = Buffer.alloc(0)

  push(bytes: Buffer): OggPage[] {
    const unread = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes
    const pages: OggPage[] = []
    let at = 0
    for (;;) {
      const start = unread.indexOf(CAPTURE, at)
      if (start < 0) {
        at = Math.max(at, unread.length - (CAPTURE.length - 1))
        break
      }
      at = start
      const page = pageAt(unread, start)
      if (!page) break
      pages.push(page)
      at += page.bytes.length
    }
    this.#rest = Buffer.from(unread.subarray(at))
    return pages
  }
}

function pageAt(bytes: Buffer, start: number): OggPage | null {
  if (bytes.length < start + HEADER_BYTES) return null
  const segments = bytes[start + 26]!
  const bodyStart = start + HEADER_BYTES + segments
  const table = bytes.subarray(start + HEADER_BYTES, bodyStart)
  if (table.length < segments) return null
  const end = bodyStart + table.reduce((sum, length) => sum + length, 0)
  if (bytes.length < end) return null
  const flags = bytes[start + 5]!
  return {
    bytes: bytes.subarray(start, end),
    body: bytes.subarray(bodyStart, end),
    isFirst: (flags & BEGINNING) !== 0,
    isLast: (flags & END) !== 0,
    isHeader: bytes.readBigInt64LE(start + 6) === 0n,
  }
}
