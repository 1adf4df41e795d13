import Type, { type Static } from 'typebox'
import type { PersonData } from './document.ts'
import { SESSION_IDLE_MS } from './limits.ts'

export const SessionRecord = Type.Object({
  /** Of the cookie. */
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  personId: Type.String(),
  epoch: Type.Integer(),
  /** The personal link that it was opened by: it ends with it. */
  linkSha256: Type.Union([Type.String(), Type.Null()]),
  createdMs: Type.Number(),
  endsMs: Type.Number(),
  usedMs: Type.Number(),
})
export type SessionRecord = Static<typeof SessionRecord>

/** Does it still sign this person in? */
export function isGood(record: SessionRecord, person: PersonData | undefined, nowMs: number): boolean {
  if (!person || person.disabled || person.sessionEpoch !== record.epoch) return false
  if (record.linkSha256 !== null && person.link?.sha256 !== record.linkSha256) return false
  return nowMs < record.endsMs && nowMs < record.usedMs + SESSION_IDLE_MS
}

/** The later use of the two counts. */
export const laterUsed = (a: SessionRecord, b: SessionRecord): SessionRecord => (a.usedMs >= b.usedMs ? a : b)
