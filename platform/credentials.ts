import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Peer } from '../schemas/nodes.ts'

/** What playout shows when it pushes to the node: hex HMAC-SHA256 of `airtight push` under the node's credential. */
export const pushKeyOf = (credential: string): string =>
  createHmac('sha256', credential).update('airtight push').digest('hex')

/** What playout shows to an ingest node: hex HMAC-SHA256 of `airtight ingest` under the node's credential. */
export const ingestKeyOf = (credential: string): string =>
  createHmac('sha256', credential).update('airtight ingest').digest('hex')

/** What the control center shows to an archive: hex HMAC-SHA256 of `airtight archive` under the node's credential. */
export const archiveKeyOf = (credential: string): string =>
  createHmac('sha256', credential).update('airtight archive').digest('hex')

/** The signature of a push address that holds until `expires` (Unix seconds): hex HMAC-SHA256 under the key's signing key. */
export const pushSignatureOf = (signingKey: string, keyId: string, expires: number): string =>
  createHmac('sha256', signingKey).update(`airtight push ${keyId} ${expires}`).digest('hex')

/**
 * Under which playback addresses are signed, at the control center and at the edges: hex HMAC-SHA256 of `airtight playback` under the
 * station's playback secret. So the secret itself stays at the control center, and nginx's configuration has nothing to escape.
 */
export const playbackKeyOf = (secret: string): string =>
  createHmac('sha256', secret).update('airtight playback').digest('hex')

/**
 * The signature in `/s/<expires>.<signature>/hls/…`: base64url, without padding, of the MD5 of `<expires> <playback key>`. MD5, for it is
 * what nginx can check by itself (ngx_http_secure_link_module, secure_link_md5); the key comes last, so nothing can be appended.
 *
 * @param expires Unix seconds
 */
export const playbackSignatureOf = (playbackKey: string, expires: number): string =>
  createHash('md5').update(`${expires} ${playbackKey}`).digest('base64url')

export const credentialSha256 = (credential: string): string => createHash('sha256').update(credential).digest('hex')

/** How a node shows its credential. */
export const bearerOf = (id: string, credential: string): string => `Bearer ${id}.${credential}`

/** Compares secrets in a time that does not tell how much of them agrees. */
export function isSameSecret(shown: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(shown), digest(wanted))
}

/** The peer that an `Authorization: Bearer <id>.<credential>` header proves; null when it proves none. */
export function callerOf(authorization: string | undefined, peers: readonly Peer[]): Peer | null {
  const match = /^Bearer ([a-z0-9][a-z0-9-]{0,62})\.(\S{1,512})$/.exec(authorization ?? '')
  if (!match) return null
  const peer = peers.find((candidate) => candidate.id === match[1])
  return peer && isSameSecret(credentialSha256(match[2]!), peer.credentialSha256) ? peer : null
}
