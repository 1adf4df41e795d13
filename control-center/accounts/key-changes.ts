import type { KeyChange, KeyCreation, KeyMade } from '../../schemas/accounts.ts'
import { Refusal } from '../refusal.ts'
import type { AccountsDocument, KeyData, PersonData } from './document.ts'
import { keyViewOf, slotsForStudio } from './key-records.ts'
import { KEYS_A_PERSON_MAX } from './limits.ts'
import { withChanged } from './people-changes.ts'
import { makeId, makePushKey, makeSigningKey, sha256Of } from './secrets.ts'

/** A key with what is shown of it once. */
export function makeKey(order: KeyCreation, createdMs: number): { data: KeyData; made: KeyMade } {
  const pushKey = makePushKey()
  const srt = order.srt && { port: order.srt.port, passphrase: order.srt.passphrase ?? makePushKey() }
  const data: KeyData = {
    keyId: makeId('key'),
    label: order.label,
    studio: false,
    keySha256: sha256Of(pushKey),
    signingKey: makeSigningKey(),
    goLive: order.goLive,
    slots: order.slots,
    srt,
    createdMs,
  }
  return { data, made: { key: keyViewOf(data), pushKey, srt } }
}

/** For the studio page: nobody is told the key itself, only what is signed with it works. */
export const makeStudioKey = ({ keys }: PersonData, createdMs: number): KeyData => ({
  ...makeKey({ label: 'Studio page', goLive: 'manual', slots: slotsForStudio(keys), srt: null }, createdMs).data,
  studio: true,
})

export function withKey(document: AccountsDocument, personId: string, key: KeyData): AccountsDocument {
  const port = key.srt?.port
  const holder = document.people.find(({ keys }) => port !== undefined && keys.some(({ srt }) => srt?.port === port))
  if (holder) throw new Refusal('account-conflict', `The SRT port ${port} is that of a key of ${holder.name}.`)
  return withChanged(document, personId, (person) => {
    if (person.keys.length >= KEYS_A_PERSON_MAX)
      throw new Refusal('account-conflict', `${person.name} has ${KEYS_A_PERSON_MAX} keys: revoke one first.`)
    return { ...person, keys: [...person.keys, key] }
  })
}

export const withChangedKey = (
  document: AccountsDocument,
  personId: string,
  keyId: string,
  change: KeyChange,
): AccountsDocument =>
  withChanged(document, personId, (person) => {
    keyOf(person, keyId)
    return { ...person, keys: person.keys.map((key) => (key.keyId === keyId ? { ...key, ...change } : key)) }
  })

export const withoutKey = (document: AccountsDocument, personId: string, keyId: string): AccountsDocument =>
  withChanged(document, personId, (person) => {
    keyOf(person, keyId)
    return { ...person, keys: person.keys.filter((key) => key.keyId !== keyId) }
  })

export function keyOf(person: PersonData, keyId: string): KeyData {
  const key = person.keys.find((candidate) => candidate.keyId === keyId)
  if (!key) throw new Refusal('not-found', `${person.name} has no key ${keyId}.`)
  return key
}
