import Type, { type Static } from 'typebox'
import { Relay } from './station.ts'

/** People, what they may do, and what they show to prove who they are. Instants are milliseconds since the epoch by the station's clock. */

const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const closed = { additionalProperties: false }
const Id = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' })

export const Role = Type.Union([
  Type.Literal('admin'),
  Type.Literal('programmer'),
  Type.Literal('anchor'),
  Type.Literal('operator'),
])
export type Role = Static<typeof Role>
export const ROLES: readonly Role[] = ['admin', 'programmer', 'anchor', 'operator']

const Roles = Type.Array(Role, { minItems: 1, maxItems: 4, uniqueItems: true })
/** As colleagues and listeners read it; spaces at the ends do not count, case does not make another name. */
export const PersonName = Type.String({
  minLength: 1,
  maxLength: 80,
  pattern: '^[^\\u0000-\\u001f\\u007f]*\\S[^\\u0000-\\u001f\\u007f]*$',
})
export const Password = Type.String({
  minLength: 10,
  maxLength: 1024,
  description: 'Ten characters or more: a few words in a row are easy to keep in mind and hard to guess.',
})
const Secret = Type.String({ minLength: 1, maxLength: 1024 })

/** `GET /api/session`. */
export const SessionAnswer = Type.Object({
  person: orNull(Type.Object({ id: Id, name: Type.String(), roles: Type.Array(Role), hasPassword: Type.Boolean() })),
  /** To be shown as header `x-airtight-csrf` with every changing request. */
  csrf: orNull(Type.String()),
  /** There is no admin yet: the first one is made by the link in the launcher's banner. */
  setupNeeded: Type.Boolean(),
})
export type SessionAnswer = Static<typeof SessionAnswer>

/** `POST /api/session`. */
export const SignIn = Type.Object({ name: Type.String({ minLength: 1, maxLength: 200 }), password: Secret }, closed)
/** `POST /api/session/link`: a personal link, or the first admin's, who chooses name and password then. */
export const LinkSignIn = Type.Object(
  {
    token: Type.String({ minLength: 1, maxLength: 200 }),
    name: Type.Optional(PersonName),
    password: Type.Optional(Password),
  },
  closed,
)
export const PasswordChange = Type.Object(
  {
    /** Not needed by who has none yet. */
    current: Type.Optional(Secret),
    password: Password,
  },
  closed,
)
export const SignOutQuery = Type.Object({
  everywhere: Type.Boolean({ default: false, description: 'Ends all sessions of this person, not just this one' }),
})

/** When a key may be heard: on days, from a time to a time in the station's zone; an end at or before the start is on the next day. */
export const Slot = Relay.properties.shows.items
export type Slot = Static<typeof Slot>
const Slots = orNull(Type.Array(Slot, { minItems: 1, maxItems: 50 }))
const GoLive = Type.Union([Type.Literal('manual'), Type.Literal('automatic')])
/** What libsrt takes as a passphrase. */
const SrtPassphrase = Type.String({ minLength: 10, maxLength: 79, pattern: '^[\\x21-\\x7e]+$' })
const Port = Type.Integer({ minimum: 1024, maximum: 65535 })

export const KeyView = Type.Object({
  keyId: Id,
  label: Type.String(),
  /** Made by itself for the studio page; its key is known to nobody, only addresses and tickets signed with it work. */
  studio: Type.Boolean(),
  goLive: GoLive,
  slots: Slots,
  srtPort: orNull(Port),
  createdMs: Type.Number(),
})
export type KeyView = Static<typeof KeyView>

/** `POST /api/people/:id/keys`. */
export const KeyCreation = Type.Object(
  {
    label: Type.String({ minLength: 1, maxLength: 80 }),
    goLive: Type.Union([Type.Literal('manual'), Type.Literal('automatic')], { default: 'manual' }),
    slots: Type.Union([Type.Array(Slot, { minItems: 1, maxItems: 50 }), Type.Null()], { default: null }),
    /** Without a passphrase one is made. */
    srt: Type.Union([Type.Object({ port: Port, passphrase: Type.Optional(SrtPassphrase) }, closed), Type.Null()], {
      default: null,
    }),
  },
  closed,
)
export type KeyCreation = Static<typeof KeyCreation>
/** The key, and the passphrase of SRT: shown this once. */
export const KeyMade = Type.Object({
  key: KeyView,
  pushKey: Type.String(),
  srt: orNull(Type.Object({ port: Port, passphrase: Type.String() })),
})
export type KeyMade = Static<typeof KeyMade>
/** `PATCH /api/people/:id/keys/:keyId`. */
export const KeyChange = Type.Object(
  {
    label: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
    goLive: Type.Optional(GoLive),
    slots: Type.Optional(Slots),
  },
  { ...closed, minProperties: 1 },
)
export type KeyChange = Static<typeof KeyChange>
export const KeysAnswer = Type.Object({ keys: Type.Array(KeyView) })
export type KeysAnswer = Static<typeof KeysAnswer>
/** `POST /api/people/:id/keys/:keyId/signed`. */
export const SignedOrder = Type.Object(
  { expiresInSeconds: Type.Integer({ minimum: 60, maximum: 31 * 86_400, default: 86_400 }) },
  closed,
)
/** What an encoder is given as stream name (key): it holds until `expiresMs`. */
export const SignedAnswer = Type.Object({ streamName: Type.String(), expiresMs: Type.Number() })

export const PersonView = Type.Object({
  id: Id,
  name: Type.String(),
  roles: Type.Array(Role),
  disabled: Type.Boolean(),
  hasPassword: Type.Boolean(),
  link: orNull(Type.Object({ createdMs: Type.Number(), expiresMs: orNull(Type.Number()) })),
  keys: Type.Array(KeyView),
  /** That this control center knows of. */
  sessions: Type.Integer(),
  createdMs: Type.Number(),
})
export type PersonView = Static<typeof PersonView>
export const PeopleAnswer = Type.Object({ people: Type.Array(PersonView) })
export type PeopleAnswer = Static<typeof PeopleAnswer>
export const PersonAnswer = Type.Object({ person: PersonView })
export type PersonAnswer = Static<typeof PersonAnswer>
export const PersonCreation = Type.Object(
  {
    name: PersonName,
    roles: Roles,
    password: Type.Union([Password, Type.Null()], { default: null }),
  },
  closed,
)
export type PersonCreation = Static<typeof PersonCreation>
export const PersonChange = Type.Object(
  {
    name: Type.Optional(PersonName),
    roles: Type.Optional(Roles),
    disabled: Type.Optional(Type.Boolean()),
    password: Type.Optional(Password),
  },
  { ...closed, minProperties: 1 },
)
export type PersonChange = Static<typeof PersonChange>

const DAYS_MAX = 3660
/** `POST /api/people/:id/link`: makes one and ends the one before. */
export const LinkOrder = Type.Object(
  { expiresInDays: Type.Union([Type.Number({ minimum: 0.01, maximum: DAYS_MAX }), Type.Null()], { default: null }) },
  closed,
)
/** Shown this once. */
export const LinkMade = Type.Object({
  token: Type.String(),
  /** On the control center. */
  path: Type.String(),
  expiresMs: orNull(Type.Number()),
})
export type LinkMade = Static<typeof LinkMade>

export const TokenView = Type.Object({
  id: Id,
  label: Type.String(),
  role: Role,
  createdMs: Type.Number(),
  createdBy: Type.String(),
  expiresMs: Type.Number(),
  expired: Type.Boolean(),
})
export type TokenView = Static<typeof TokenView>
export const TokensAnswer = Type.Object({ tokens: Type.Array(TokenView) })
export type TokensAnswer = Static<typeof TokensAnswer>
export const TokenCreation = Type.Object(
  {
    label: Type.String({ minLength: 1, maxLength: 80 }),
    role: Role,
    expiresInDays: Type.Number({ minimum: 0.01, maximum: DAYS_MAX, default: 90 }),
  },
  closed,
)
export type TokenCreation = Static<typeof TokenCreation>
/** The token is shown this once. */
export const TokenMade = Type.Object({ token: Type.String(), view: TokenView })
export type TokenMade = Static<typeof TokenMade>

/** One change, as it is written into the log: who did what to what, from where, and how it ended. */
export const AuditLine = Type.Object({
  atMs: Type.Number(),
  who: Type.Object({
    kind: Type.Union([Type.Literal('person'), Type.Literal('token'), Type.Literal('anyone')]),
    id: Type.String(),
    name: Type.String(),
  }),
  from: Type.String(),
  action: Type.String(),
  subject: Type.String(),
  /** `done`, or why not. */
  outcome: Type.String(),
  detail: Type.String(),
})
export type AuditLine = Static<typeof AuditLine>
export const AuditQuery = Type.Object({
  /** Only what is older than this line, for the next page. */
  before: Type.Optional(Type.String({ pattern: '^\\d{8}\\.\\d{1,12}$', description: '`next` of the page before' })),
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
})
/** Newest first. */
export const AuditAnswer = Type.Object({ lines: Type.Array(AuditLine), next: orNull(Type.String()) })
export type AuditAnswer = Static<typeof AuditAnswer>

export const PersonParams = Type.Object({ id: Id })
export const KeyParams = Type.Object({ id: Id, keyId: Id })
export const Done = Type.Object({ ok: Type.Literal(true) })
export type Done = Static<typeof Done>
