import { decodeText } from './text-encoding.ts'
import { printable, truncateUtf8 } from './utf8.ts'

const TITLE_BYTES_MAX = 500

/**
 * A title as senders write it: by the encoding that they name, when there is such a one and the bytes are in it; else by its looks.
 * Control characters become spaces; at most 500 bytes of UTF-8 are kept.
 */
export function decodeTitleText(bytes: Uint8Array, encoding: string | null = null): string {
  const text = decodeNamed(bytes, encoding) ?? decodeText(bytes)
  return truncateUtf8(printable(text).replace(/\s+/g, ' ').trim(), TITLE_BYTES_MAX)
}

/** Latin-1 is what old software calls whatever it sends: it proves nothing. */
const NAMES_NOTHING = /^(|iso-?8859-?1|latin-?1)$/i

function decodeNamed(bytes: Uint8Array, encoding: string | null): string | null {
  if (encoding === null || NAMES_NOTHING.test(encoding)) return null
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}
