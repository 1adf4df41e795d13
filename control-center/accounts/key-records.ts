import type { KeyView, Slot } from '../../schemas/accounts.ts'
import type { AccountsDocument, KeyData, PersonData } from './document.ts'

/** A push key that holds, with whom it belongs to: what a grant is made of. */
export type KeyRecord = {
  keyId: string
  /** The person's id. */
  anchorId: string
  /** The person's name. */
  name: string
  label: string
  keySha256: string
  signingKey: string
  goLive: 'manual' | 'automatic'
  /** By the weekly grid, in the station's zone; null is always. */
  slots: Slot[] | null
  srt: { port: number; passphrase: string } | null
}

/** The keys of all who may go on air now. */
export const keyRecordsOf = ({ people }: AccountsDocument): KeyRecord[] =>
  people.filter(mayPush).flatMap((person) => person.keys.map((key) => keyRecordOf(person, key)))

const mayPush = ({ disabled, roles }: PersonData): boolean =>
  !disabled && (roles.includes('anchor') || roles.includes('admin'))

export const keyRecordOf = (person: PersonData, key: KeyData): KeyRecord => ({
  keyId: key.keyId,
  anchorId: person.id,
  name: person.name,
  label: key.label,
  keySha256: key.keySha256,
  signingKey: key.signingKey,
  goLive: key.goLive,
  slots: key.slots,
  srt: key.srt,
})

export const keyViewOf = ({ keyId, label, studio, goLive, slots, srt, createdMs }: KeyData): KeyView => ({
  keyId,
  label,
  studio,
  goLive,
  slots,
  srtPort: srt?.port ?? null,
  createdMs,
})

/**
 * The slots of a key that the studio page makes by itself: those of the keys that were given to the person, so that it is no way around them.
 * Null, always, when there are none, or one of them is not limited.
 */
export function slotsForStudio(keys: readonly KeyData[]): Slot[] | null {
  const given = keys.filter(({ studio }) => !studio).map(({ slots }) => slots)
  if (given.length === 0 || given.includes(null)) return null
  return given.flatMap((slots) => slots ?? [])
}
