import type { PersonChange } from '../../schemas/accounts.ts'
import { Refusal } from '../refusal.ts'
import { type AccountsDocument, isWorkingAdmin, nameKeyOf, type PersonData } from './document.ts'
import { PEOPLE_MAX } from './limits.ts'

export const tidyName = (name: string): string => name.normalize('NFC').trim().replace(/\s+/g, ' ')

export function personIn(document: AccountsDocument, id: string): PersonData {
  const person = document.people.find((candidate) => candidate.id === id)
  if (!person) throw new Refusal('not-found', `There is no person ${id}.`)
  return person
}

export function withPerson(document: AccountsDocument, person: PersonData): AccountsDocument {
  if (document.people.length >= PEOPLE_MAX)
    throw new Refusal('account-conflict', `There are ${PEOPLE_MAX} people already, and no room for more.`)
  return checked(document, { ...document, people: [...document.people, person] }, person)
}

/** Puts what `change` makes of a person in the person's place. */
export function withChanged(
  document: AccountsDocument,
  id: string,
  change: (person: PersonData) => PersonData,
): AccountsDocument {
  const changed = change(personIn(document, id))
  const people = document.people.map((person) => (person.id === id ? changed : person))
  return checked(document, { ...document, people }, changed)
}

/** With a person go the keys, the link and all sessions. */
export function withoutPerson(document: AccountsDocument, id: string): AccountsDocument {
  const { name } = personIn(document, id)
  const next = { ...document, people: document.people.filter((person) => person.id !== id) }
  refuseWithoutAdmin(document, next, name)
  return next
}

/**
 * What an admin may change of a person.
 *
 * @param passwordHash of the new password; null: the password stays
 */
export function changedPerson(person: PersonData, change: PersonChange, passwordHash: string | null): PersonData {
  const disabled = change.disabled ?? person.disabled
  const roles = change.roles ?? person.roles
  const endsSessions = passwordHash !== null || (disabled && !person.disabled)
  return {
    ...person,
    name: change.name === undefined ? person.name : tidyName(change.name),
    roles,
    disabled,
    passwordHash: passwordHash ?? person.passwordHash,
    sessionEpoch: person.sessionEpoch + (endsSessions ? 1 : 0),
    // Whoever finds an admin's link would own the station.
    link: roles.includes('admin') ? null : person.link,
  }
}

function checked(before: AccountsDocument, next: AccountsDocument, changed: PersonData): AccountsDocument {
  const nameKey = nameKeyOf(changed.name)
  if (next.people.some(({ id, name }) => id !== changed.id && nameKeyOf(name) === nameKey))
    throw new Refusal('name-taken', `There is another ${changed.name} already.`)
  if (changed.roles.includes('admin') && changed.passwordHash === null)
    throw new Refusal('account-conflict', `${changed.name} has no password, and an admin signs in by password only.`)
  refuseWithoutAdmin(before, next, changed.name)
  return next
}

function refuseWithoutAdmin(before: AccountsDocument, next: AccountsDocument, name: string): void {
  if (before.people.some(isWorkingAdmin) && !next.people.some(isWorkingAdmin))
    throw new Refusal('last-admin', `${name} is the only admin who can sign in.`)
}
