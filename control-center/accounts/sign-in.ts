import type { Clock } from '../../platform/clock.ts'
import { Refusal } from '../refusal.ts'
import type { Caller } from './caller.ts'
import { isWorkingAdmin, nameKeyOf, type PersonData } from './document.ts'
import type { DocumentStore } from './document-store.ts'
import type { createFirstAdminLink } from './first-admin.ts'
import type { Passwords } from './passwords.ts'
import { personOf } from './people.ts'
import { personIn, tidyName, withChanged, withPerson } from './people-changes.ts'
import { csrfOf, sha256Of } from './secrets.ts'
import type { Sessions } from './sessions.ts'
import { createSignInDelay } from './sign-in-delay.ts'

export type SignedIn = { token: string; person: PersonData }

export const callerOfPerson = ({ id, name, roles }: PersonData, from: string): Caller => ({
  kind: 'person',
  id,
  name,
  roles,
  from,
})

/** The ways in and out for people. All that fail throw a Refusal, and tell nothing of who has an account. */
export function createSignIn(options: {
  store: DocumentStore
  sessions: Sessions
  passwords: Passwords
  firstAdmin: ReturnType<typeof createFirstAdminLink>
  clock: Clock
  nowMs(): number
}) {
  const { store, sessions, passwords, firstAdmin, clock, nowMs } = options
  const delay = createSignInDelay()

  /** Counts an attempt, and ends it when there were too many. */
  const attempt = (name: string | null, from: string): { succeeded(): void } => {
    const waitSeconds = delay.begin(name, from, clock.monotonicMs())
    if (waitSeconds > 0)
      throw new Refusal('sign-in-delayed', `Too many attempts: the next one counts in ${waitSeconds} s.`, waitSeconds)
    return { succeeded: () => delay.succeeded(name, from, clock.monotonicMs()) }
  }
  const begin = (person: PersonData): SignedIn => ({ token: sessions.begin(person, null, null), person })

  async function makeFirstAdmin(name: string | undefined, password: string | undefined): Promise<SignedIn> {
    if (name === undefined || password === undefined)
      throw new Refusal('account-conflict', 'The first admin needs a name and a password.')
    const admin = personOf(tidyName(name), ['admin'], await passwords.hash(password), nowMs())
    await store.change((document) => {
      if (document.people.some(isWorkingAdmin)) throw new Refusal('link-unknown', 'There is an admin already.')
      return withPerson(document, admin)
    })
    return begin(admin)
  }

  return {
    isSetupNeeded: () => store.isKnown() && !store.current().people.some(isWorkingAdmin),

    async byPassword(name: string, password: string, from: string): Promise<SignedIn> {
      const nameKey = nameKeyOf(name)
      const tried = attempt(nameKey, from)
      const person = store.current().people.find((candidate) => nameKeyOf(candidate.name) === nameKey)
      const isRight = await passwords.verify(person?.passwordHash ?? null, password)
      if (!person || !isRight || person.disabled)
        throw new Refusal('sign-in-refused', 'There is nobody of this name with this password.')
      tried.succeeded()
      return begin(personIn(store.current(), person.id))
    },

    /** For the log, whose readers must not find a password there that somebody typed into the wrong field. */
    triedName(name: string): string {
      const nameKey = nameKeyOf(name)
      const person = store.current().people.find((candidate) => nameKeyOf(candidate.name) === nameKey)
      return person ? `${person.id} (${person.name})` : 'a name that nobody has'
    },

    /** By a personal link; or by the first admin's, with the name and the password that the admin is to have. */
    async byLink(link: { token: string; name?: string; password?: string }, from: string): Promise<SignedIn> {
      const tried = attempt(null, from)
      if (firstAdmin.isIt(link.token)) return makeFirstAdmin(link.name, link.password)
      const sha256 = sha256Of(link.token)
      const person = store.current().people.find((candidate) => candidate.link?.sha256 === sha256)
      const expiresMs = person?.link?.expiresMs ?? null
      if (!person || person.disabled || (expiresMs !== null && nowMs() >= expiresMs))
        throw new Refusal('link-unknown', 'This link is not good, or not any more.')
      tried.succeeded()
      return { token: sessions.begin(person, sha256, expiresMs), person }
    },
    isFirstAdminLink: (token: string): boolean => firstAdmin.isIt(token),

    out: (token: string): void => sessions.end(token),
    /** Ends all sessions of a person, at every control center. */
    outEverywhere: async (id: string): Promise<void> =>
      void (await store.change((document) =>
        withChanged(document, id, (person) => ({ ...person, sessionEpoch: person.sessionEpoch + 1 })),
      )),

    /** Ends all sessions of the person, and begins a new one. */
    async changePassword(id: string, current: string | undefined, password: string, from: string): Promise<SignedIn> {
      const { name, passwordHash } = personIn(store.current(), id)
      if (passwordHash !== null) {
        const tried = attempt(nameKeyOf(name), from)
        if (!(await passwords.verify(passwordHash, current ?? '')))
          throw new Refusal('sign-in-refused', 'The present password is another one.')
        tried.succeeded()
      }
      const next = await passwords.hash(password)
      await store.change((document) =>
        withChanged(document, id, (person) => ({
          ...person,
          passwordHash: next,
          sessionEpoch: person.sessionEpoch + 1,
        })),
      )
      return begin(personIn(store.current(), id))
    },

    async callerOf(token: string, from: string): Promise<{ caller: Caller; csrf: string } | null> {
      const person = await sessions.personOf(token)
      return person && { caller: callerOfPerson(person, from), csrf: csrfOf(token) }
    },
  }
}
