import type { ShownKey } from '../keys.ts'

/**
 * The key in an `Authorization: Basic` header (RFC 7617). The password is the push key, whatever the user is called; or it is
 * `<expires>.<signature>` and the user is the key's id; or, for encoders that have no field for the user, it is
 * `<keyId>.<expires>.<signature>`. Null: the header shows no key.
 */
export function keyOfAuthorization(authorization: string | undefined): ShownKey | null {
  const encoded = /^Basic +([A-Za-z0-9+/=_-]{1,1024})$/i.exec(authorization ?? '')
  if (!encoded) return null
  const text = Buffer.from(encoded[1]!, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) return null
  return keyOfPassword(text.slice(0, colon), text.slice(colon + 1))
}

function keyOfPassword(user: string, password: string): ShownKey | null {
  if (password === '') return null
  const signed = /^(?:([a-z0-9][a-z0-9-]{0,62})\.)?(\d{1,12})\.([0-9a-f]{64})$/.exec(password)
  if (!signed) return { key: password }
  return { keyId: signed[1] ?? user, expires: Number(signed[2]), signature: signed[3]! }
}
