import { printable, truncateUtf8 } from './utf8.ts'

const TITLE_BYTES_MAX = 500

/**
 * A title as old senders write it: in whatever encoding their machine has. What says its encoding is read by it; else what is UTF-8 is
 * read as UTF-8, what looks like Chinese as GB18030, and the rest as Windows-1252 (of which Latin-1's letters are a part). Control
 * characters become spaces; at most 500 bytes of UTF-8 are kept.
 */
export function decodeTitleText(bytes: Uint8Array, encoding: string | null = null): string {
  const text = decodeAs(encoding, bytes) ?? decodeAs('utf-8', bytes) ?? byItsLooks(bytes)
  return truncateUtf8(printable(text).replace(/\s+/g, ' ').trim(), TITLE_BYTES_MAX)
}

/** The bytes of a text that was read as Latin-1 although it may be anything, as AMF and HTTP libraries do. */
export const bytesOfLatin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

function decodeAs(encoding: string | null, bytes: Uint8Array): string | null {
  if (encoding === null || encoding === '') return null
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    // An encoding that nobody knows, or one that the bytes are not in: then their looks decide.
    return null
  }
}

function byItsLooks(bytes: Uint8Array): string {
  const chinese = looksChinese(bytes) ? decodeAs('gb18030', bytes) : null
  return chinese ?? new TextDecoder('windows-1252').decode(bytes)
}

/**
 * Chinese comes in pairs of high bytes, most of them from the first level of GB 2312 (leads B0 to D7: the 3,755 usual characters, in
 * their order of sound). Accented letters of the West stand alone among low bytes.
 */
function looksChinese(bytes: Uint8Array): boolean {
  let pairs = 0
  let usual = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const lead = bytes[at]!
    if (lead < 0x80) continue
    const trail = bytes[at + 1]
    if (trail === undefined || trail < 0x40) return false
    pairs += 1
    if (lead >= 0xb0 && lead <= 0xd7 && trail >= 0xa1) usual += 1
    at += 1
  }
  return pairs > 0 && usual * 2 > pairs
}
