import Type, { type Static } from 'typebox'
import { Role, Slot } from '../../schemas/accounts.ts'

const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })

export const KeyData = Type.Object({
  keyId: Type.String(),
  label: Type.String(),
  studio: Type.Boolean(),
  keySha256: Sha256,
  /** Must be known in the clear: signatures are checked under it. */
  signingKey: Type.String(),
  goLive: Type.Union([Type.Literal('manual'), Type.Literal('automatic')]),
  slots: orNull(Type.Array(Slot)),
  srt: orNull(Type.Object({ port: Type.Integer(), passphrase: Type.String() })),
  createdMs: Type.Number(),
})
export type KeyData = Static<typeof KeyData>

export const PersonData = Type.Object({
  id: Type.String(),
  name: Type.String(),
  roles: Type.Array(Role),
  disabled: Type.Boolean(),
  /** Argon2id in PHC format; null: this person signs in by a personal link only. */
  passwordHash: orNull(Type.String()),
  /** Sessions of an earlier epoch have ended: it rises when the password changes, and when all sessions are to end. */
  sessionEpoch: Type.Integer(),
  link: orNull(Type.Object({ sha256: Sha256, createdMs: Type.Number(), expiresMs: orNull(Type.Number()) })),
  keys: Type.Array(KeyData),
  createdMs: Type.Number(),
})
export type PersonData = Static<typeof PersonData>

export const TokenData = Type.Object({
  id: Type.String(),
  label: Type.String(),
  role: Role,
  sha256: Sha256,
  createdMs: Type.Number(),
  createdBy: Type.String(),
  expiresMs: Type.Number(),
})
export type TokenData = Static<typeof TokenData>

/** All accounts: small enough to be changed whole, by compare and set. */
export const AccountsDocument = Type.Object({
  /** Rises with every change; never below the milliseconds at which it was made, so that the later of two histories wins. */
  version: Type.Integer({ minimum: 0 }),
  people: Type.Array(PersonData),
  tokens: Type.Array(TokenData),
})
export type AccountsDocument = Static<typeof AccountsDocument>

export const NO_ACCOUNTS: AccountsDocument = { version: 0, people: [], tokens: [] }

/** One who can sign in and do everything. */
export const isWorkingAdmin = ({ roles, disabled, passwordHash }: PersonData): boolean =>
  roles.includes('admin') && !disabled && passwordHash !== null

/** Two names that a person would confuse are one name. */
export const nameKeyOf = (name: string): string => name.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase()
