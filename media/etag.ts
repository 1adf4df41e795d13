import { createHash } from 'node:crypto'

/** A strong entity tag (RFC 9110, 8.8.3) that any node computes alike: the SHA-256 of the body. */
export function etagOf(body: Uint8Array | string): string {
  return `"${createHash('sha256').update(body).digest('base64url')}"`
}
