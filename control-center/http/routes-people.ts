import {
  Done,
  LinkMade,
  LinkOrder,
  PeopleAnswer,
  PersonAnswer,
  PersonChange,
  PersonCreation,
  PersonParams,
} from '../../schemas/accounts.ts'
import { ErrorAnswer } from '../../schemas/errors.ts'
import type { App } from './server.ts'
import type { World } from './world.ts'

const tags = ['people']
const config = { allow: ['admin'] } as const

/** People, what they may do, and their personal links: an admin's work. */
export function peopleRoutes(app: App, world: World): void {
  const { people } = world.accounts
  const { audit } = world
  const named = (id: string): string => `${id} (${people.person(id).name})`

  app.get(
    '/api/people',
    {
      config: { allow: ['admin', 'operator'] },
      schema: { tags, summary: 'Who has an account', response: { 200: PeopleAnswer } },
    },
    (): PeopleAnswer => ({ people: people.views() }),
  )

  app.post(
    '/api/people',
    {
      config,
      schema: {
        tags,
        summary: 'Adds a person; without a password, one who comes in by a personal link',
        body: PersonCreation,
        response: { 200: PersonAnswer, 409: ErrorAnswer, 503: ErrorAnswer },
      },
    },
    async ({ caller, body }): Promise<PersonAnswer> => {
      const person = await people.add(body)
      audit.write({ caller, action: 'add person', subject: named(person.id), detail: person.roles.join(' ') })
      return { person }
    },
  )

  app.patch(
    '/api/people/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Changes name, roles or password, or bars a person; a new password and barring end all sessions',
        params: PersonParams,
        body: PersonChange,
        response: { 200: PersonAnswer, 404: ErrorAnswer, 409: ErrorAnswer, 503: ErrorAnswer },
      },
    },
    async ({ caller, params: { id }, body }): Promise<PersonAnswer> => {
      const person = await people.change(id, body)
      audit.write({ caller, action: 'change person', subject: named(id), detail: changesOf(body) })
      return { person }
    },
  )

  app.delete(
    '/api/people/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Removes a person, with keys, link and sessions',
        params: PersonParams,
        response: { 200: Done, 404: ErrorAnswer, 409: ErrorAnswer, 503: ErrorAnswer },
      },
    },
    async ({ caller, params: { id } }): Promise<Done> => {
      const subject = named(id)
      await people.remove(id)
      audit.write({ caller, action: 'remove person', subject })
      return { ok: true }
    },
  )

  app.delete(
    '/api/people/:id/sessions',
    {
      config,
      schema: {
        tags,
        summary: 'Signs a person out everywhere',
        params: PersonParams,
        response: { 200: Done, 404: ErrorAnswer, 503: ErrorAnswer },
      },
    },
    async ({ caller, params: { id } }): Promise<Done> => {
      await people.endSessions(id)
      audit.write({ caller, action: 'end sessions', subject: named(id) })
      return { ok: true }
    },
  )

  app.post(
    '/api/people/:id/link',
    {
      config,
      schema: {
        tags,
        summary: 'Makes the personal link, shown once; the one before ends, with the sessions that it opened',
        params: PersonParams,
        body: LinkOrder,
        response: { 200: LinkMade, 404: ErrorAnswer, 409: ErrorAnswer, 503: ErrorAnswer },
      },
    },
    async ({ caller, params: { id }, body }): Promise<LinkMade> => {
      const made = await people.makeLink(id, body.expiresInDays)
      const detail = made.expiresMs === null ? 'without an end' : `until ${new Date(made.expiresMs).toISOString()}`
      audit.write({ caller, action: 'make link', subject: named(id), detail })
      return made
    },
  )

  app.delete(
    '/api/people/:id/link',
    {
      config,
      schema: {
        tags,
        summary: 'Revokes the personal link, and ends the sessions that it opened',
        params: PersonParams,
        response: { 200: Done, 404: ErrorAnswer, 503: ErrorAnswer },
      },
    },
    async ({ caller, params: { id } }): Promise<Done> => {
      await people.removeLink(id)
      audit.write({ caller, action: 'revoke link', subject: named(id) })
      return { ok: true }
    },
  )
}

/** What was changed, without what must not be read. */
const changesOf = ({ password, ...shown }: PersonChange): string =>
  [...(Object.keys(shown).length > 0 ? [JSON.stringify(shown)] : []), ...(password ? ['a new password'] : [])].join(
    ', ',
  )
