import { createHash, createHmac, randomBytes } from 'node:crypto'

/** 256 bits, in characters that need no escape in an address. */
export const makeToken = (): string => randomBytes(32).toString('base64url')

/** For encoders, where it may have to be typed: 128 bits in hexadecimal. */
export const makePushKey = (): string => randomBytes(16).toString('hex')

export const makeSigningKey = (): string => randomBytes(32).toString('hex')

export const makeId = (kind: 'person' | 'key' | 'token'): string => `${kind}-${randomBytes(5).toString('hex')}`

/** How every secret that only has to be recognized is kept: random ones need no slow hash. */
export const sha256Of = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** What a session's pages show with their changes: bound to the session, and no way back to its cookie. */
export const csrfOf = (sessionToken: string): string =>
  createHmac('sha256', sessionToken).update('airtight csrf').digest('base64url')
