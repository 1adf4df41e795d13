import { createHash } from 'node:crypto'

/**
 * SHA-256 over a CMAF segment's access units, which lie one after the other in its `mdat` box (ISO/IEC 14496-12, 8.1.1):
 * what playout's segment marker says too. Null when the body has no whole `mdat`.
 */
export function framesSha256(segment: Buffer): string | null {
  for (let at = 0; at + 8 <= segment.length; ) {
    const size = segment.readUInt32BE(at)
    if (size < 8 || at + size > segment.length) return null
    if (segment.toString('latin1', at + 4, at + 8) === 'mdat') {
      return createHash('sha256')
        .update(segment.subarray(at + 8, at + size))
        .digest('hex')
    }
    at += size
  }
  return null
}
