import { pushSignatureOf } from '../../platform/credentials.ts'
import type {
  KeyChange,
  KeyCreation,
  KeyMade,
  LinkMade,
  PersonChange,
  PersonCreation,
  PersonView,
} from '../../schemas/accounts.ts'
import { Refusal } from '../refusal.ts'
import type { PersonData } from './document.ts'
import type { DocumentStore } from './document-store.ts'
import { keyOf, makeKey, makeStudioKey, withChangedKey, withKey, withoutKey } from './key-changes.ts'
import { type KeyRecord, keyRecordOf, keyRecordsOf, keyViewOf } from './key-records.ts'
import type { Passwords } from './passwords.ts'
import { changedPerson, personIn, tidyName, withChanged, withoutPerson, withPerson } from './people-changes.ts'
import { makeId, makeToken, sha256Of } from './secrets.ts'
import type { Sessions } from './sessions.ts'

const DAY_MS = 86_400_000

export type People = ReturnType<typeof createPeople>

/** What admins do with people, their personal links and their push keys. Each change throws a Refusal when it can't be made. */
export function createPeople(
  store: DocumentStore,
  sessions: Pick<Sessions, 'countOf'>,
  passwords: Passwords,
  /** The station's clock. */
  nowMs: () => number,
) {
  const viewOf = (person: PersonData): PersonView => ({
    id: person.id,
    name: person.name,
    roles: person.roles,
    disabled: person.disabled,
    hasPassword: person.passwordHash !== null,
    link: person.link && { createdMs: person.link.createdMs, expiresMs: person.link.expiresMs },
    keys: person.keys.map(keyViewOf),
    sessions: sessions.countOf(person.id),
    createdMs: person.createdMs,
  })
  const person = (id: string): PersonData => personIn(store.current(), id)
  const hashOf = async (password: string | null | undefined): Promise<string | null> =>
    password === null || password === undefined ? null : passwords.hash(password)

  return {
    person,
    views: (): PersonView[] => store.current().people.map(viewOf),
    view: (id: string): PersonView => viewOf(person(id)),

    async add({ name, roles, password }: PersonCreation): Promise<PersonView> {
      const passwordHash = await hashOf(password)
      const added = personOf(tidyName(name), roles, passwordHash, nowMs())
      await store.change((document) => withPerson(document, added))
      return viewOf(added)
    },
    async change(id: string, change: PersonChange): Promise<PersonView> {
      person(id)
      const passwordHash = await hashOf(change.password)
      await store.change((document) =>
        withChanged(document, id, (before) => changedPerson(before, change, passwordHash)),
      )
      return viewOf(person(id))
    },
    remove: async (id: string): Promise<void> => void (await store.change((document) => withoutPerson(document, id))),
    endSessions: async (id: string): Promise<void> =>
      void (await store.change((document) =>
        withChanged(document, id, (before) => ({ ...before, sessionEpoch: before.sessionEpoch + 1 })),
      )),

    async makeLink(id: string, expiresInDays: number | null): Promise<LinkMade> {
      const token = makeToken()
      const createdMs = nowMs()
      const expiresMs = expiresInDays === null ? null : createdMs + expiresInDays * DAY_MS
      await store.change((document) =>
        withChanged(document, id, (before) => {
          if (before.roles.includes('admin'))
            throw new Refusal(
              'account-conflict',
              `${before.name} is an admin, and an admin signs in by password: whoever finds a link could do everything.`,
            )
          return { ...before, link: { sha256: sha256Of(token), createdMs, expiresMs } }
        }),
      )
      return { token, path: `/link/${token}`, expiresMs }
    },
    removeLink: async (id: string): Promise<void> =>
      void (await store.change((document) => withChanged(document, id, (before) => ({ ...before, link: null })))),

    async makeKey(id: string, order: KeyCreation): Promise<KeyMade> {
      const { data, made } = makeKey(order, nowMs())
      await store.change((document) => withKey(document, id, data))
      return made
    },
    changeKey: async (id: string, keyId: string, change: KeyChange): Promise<void> =>
      void (await store.change((document) => withChangedKey(document, id, keyId, change))),
    removeKey: async (id: string, keyId: string): Promise<void> =>
      void (await store.change((document) => withoutKey(document, id, keyId))),

    /** What an encoder takes as stream name, instead of the key, until it expires. */
    signedAddress(id: string, keyId: string, expiresInSeconds: number): { streamName: string; expiresMs: number } {
      const { signingKey } = keyOf(person(id), keyId)
      const expires = Math.floor(nowMs() / 1000) + expiresInSeconds
      const signature = pushSignatureOf(signingKey, keyId, expires)
      return { streamName: `${keyId}?expires=${expires}&signature=${signature}`, expiresMs: expires * 1000 }
    },

    /** All keys that hold now. */
    keys: (): KeyRecord[] => keyRecordsOf(store.current()),
    /** The key that a person's browser sends with; made on first use. Rejects with `accounts-read-only` when that can't be now. */
    async ensureStudioKey(id: string): Promise<KeyRecord> {
      const studioKeyOf = (owner: PersonData) => owner.keys.find(({ studio }) => studio)
      if (!studioKeyOf(person(id)))
        await store.change((document) => {
          const owner = personIn(document, id)
          return studioKeyOf(owner) ? document : withKey(document, id, makeStudioKey(owner, nowMs()))
        })
      return keyRecordOf(person(id), studioKeyOf(person(id))!)
    },
  }
}

export const personOf = (
  name: string,
  roles: PersonData['roles'],
  passwordHash: string | null,
  createdMs: number,
): PersonData => ({
  id: makeId('person'),
  name,
  roles,
  disabled: false,
  passwordHash,
  sessionEpoch: 0,
  link: null,
  keys: [],
  createdMs,
})
