import {
  Done,
  KeyChange,
  KeyCreation,
  KeyMade,
  KeyParams,
  KeysAnswer,
  PersonParams,
  ROLES,
  SignedAnswer,
  SignedOrder,
} from '../../schemas/accounts.ts'
import { ErrorAnswer } from '../../schemas/errors.ts'
import { type Caller, mayAs } from '../accounts/caller.ts'
import { Refusal } from '../refusal.ts'
import type { App } from './server.ts'
import type { World } from './world.ts'

const tags = ['people']
const admins = { allow: ['admin'] } as const

/** Push keys: admins make and revoke them; their owners see them, and sign addresses with them. */
export function keyRoutes(app: App, world: World): void {
  const { people } = world.accounts
  const { audit } = world
  const named = (id: string, keyId: string): string => `${keyId} of ${people.person(id).name}`

  app.get(
    '/api/people/:id/keys',
    {
      config: { allow: ROLES },
      schema: { tags, summary: "A person's push keys", params: PersonParams, response: { 200: KeysAnswer } },
    },
    ({ caller, params: { id } }): KeysAnswer => {
      refuseOthers(caller, id, 'operator')
      return { keys: people.view(id).keys }
    },
  )

  app.post(
    '/api/people/:id/keys',
    {
      config: admins,
      schema: {
        tags,
        summary: 'Makes a push key, shown once',
        params: PersonParams,
        body: KeyCreation,
        response: { 200: KeyMade, 404: ErrorAnswer, 409: ErrorAnswer, 503: ErrorAnswer },
      },
    },
    async ({ caller, params: { id }, body }): Promise<KeyMade> => {
      const made = await people.makeKey(id, body)
      const { keyId, label, goLive, slots, srtPort } = made.key
      const detail = JSON.stringify({ label, goLive, slots, srtPort })
      audit.write({ caller, action: 'make key', subject: named(id, keyId), detail })
      return made
    },
  )

  app.patch(
    '/api/people/:id/keys/:keyId',
    {
      config: admins,
      schema: {
        tags,
        summary: 'Changes label, slots, or how a key goes live',
        params: KeyParams,
        body: KeyChange,
        response: { 200: KeysAnswer, 404: ErrorAnswer, 503: ErrorAnswer },
      },
    },
    async ({ caller, params: { id, keyId }, body }): Promise<KeysAnswer> => {
      await people.changeKey(id, keyId, body)
      audit.write({ caller, action: 'change key', subject: named(id, keyId), detail: JSON.stringify(body) })
      return { keys: people.view(id).keys }
    },
  )

  app.delete(
    '/api/people/:id/keys/:keyId',
    {
      config: admins,
      schema: {
        tags,
        summary: 'Revokes a push key: its sender is cut off at once',
        params: KeyParams,
        response: { 200: Done, 404: ErrorAnswer, 503: ErrorAnswer },
      },
    },
    async ({ caller, params: { id, keyId } }): Promise<Done> => {
      await people.removeKey(id, keyId)
      audit.write({ caller, action: 'revoke key', subject: named(id, keyId) })
      return { ok: true }
    },
  )

  app.post(
    '/api/people/:id/keys/:keyId/signed',
    {
      config: { allow: ['anchor'] },
      schema: {
        tags,
        summary: 'Signs a stream name for an encoder, that holds until it expires or the key is revoked',
        params: KeyParams,
        body: SignedOrder,
        response: { 200: SignedAnswer, 404: ErrorAnswer },
      },
    },
    ({ caller, params: { id, keyId }, body }) => {
      refuseOthers(caller, id)
      const signed = people.signedAddress(id, keyId, body.expiresInSeconds)
      const detail = `until ${new Date(signed.expiresMs).toISOString()}`
      audit.write({ caller, action: 'sign address', subject: named(id, keyId), detail })
      return signed
    },
  )
}

/** One's own, an admin's business, or that of the roles named. */
function refuseOthers(caller: Caller, personId: string, ...roles: 'operator'[]): void {
  if (mayAs(caller, roles) || (caller.kind === 'person' && caller.id === personId)) return
  throw new Refusal('role-missing', `${caller.name} may do this with keys of their own only.`)
}
