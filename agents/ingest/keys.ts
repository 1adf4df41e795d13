import { credentialSha256, isSameSecret, pushSignatureOf } from '../../platform/credentials.ts'
import type { LiveGrant } from '../../schemas/live.ts'

/** What a sender shows: a push key, or a signed address that holds until `expires` (Unix seconds). */
export type ShownKey = { key: string } | { keyId: string; expires: number; signature: string }

const UNKNOWN = 'This key is not known to the station: check it for a missing letter, or ask for a new one.'
const SECRET_CHARACTERS_MAX = 512

/**
 * The grant that a sender has the key of. The time it takes tells nothing of how nearly a key was right. The reason is for the
 * person at the encoder.
 */
export function grantOfKey(
  grants: readonly LiveGrant[],
  shown: ShownKey,
  nowMs: number,
): { grant: LiveGrant } | { refuse: string } {
  return 'key' in shown ? ofPushKey(grants, shown.key) : ofSignature(grants, shown, nowMs)
}

function ofPushKey(grants: readonly LiveGrant[], key: string): { grant: LiveGrant } | { refuse: string } {
  if (key === '' || key.length > SECRET_CHARACTERS_MAX) return { refuse: UNKNOWN }
  const digest = credentialSha256(key)
  let found: LiveGrant | null = null
  for (const grant of grants) if (isSameSecret(digest, grant.keySha256 ?? '')) found = grant
  return found ? { grant: found } : { refuse: UNKNOWN }
}

function ofSignature(
  grants: readonly LiveGrant[],
  { keyId, expires, signature }: { keyId: string; expires: number; signature: string },
  nowMs: number,
): { grant: LiveGrant } | { refuse: string } {
  const grant = grants.find((candidate) => candidate.keyId === keyId && candidate.signingKey !== null)
  const wanted = pushSignatureOf(grant?.signingKey ?? 'no key', keyId, expires)
  if (!isSameSecret(signature.slice(0, SECRET_CHARACTERS_MAX), wanted) || !grant)
    return { refuse: 'This address is not signed by the station: copy it once more, whole, or ask for a new one.' }
  if (!(expires * 1000 > nowMs)) return { refuse: 'This address has expired: ask for a new one.' }
  return { grant }
}
