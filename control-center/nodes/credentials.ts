import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** A node's secret: 32 random bytes in hex. Shown once, in the answer to its registration; only what follows from it is kept. */
export const newCredential = (): string => randomBytes(32).toString('hex')

export const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex')

/** What playout shows to a slicer in the push's URL, and the slicer computes for itself: HMAC-SHA256 under the credential. */
export const pushKeyOf = (credential: string): string =>
  createHmac('sha256', credential).update('airtight push').digest('hex')

/** Compares secrets in a time that tells nothing about where they differ, nor about their length. */
export function sameSecret(given: string, wanted: string): boolean {
  return timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(wanted).digest())
}

/** `Bearer <id>.<credential>` taken apart; null when it is anything else. */
export function readBearer(authorization: string | undefined): { id: string; credential: string } | null {
  const match = /^Bearer ([a-z0-9][a-z0-9-]{0,62})\.([0-9a-f]{64})$/.exec(authorization ?? '')
  return match ? { id: match[1]!, credential: match[2]! } : null
}
