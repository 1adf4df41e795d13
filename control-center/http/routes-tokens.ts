import {
  AuditAnswer,
  AuditQuery,
  Done,
  PersonParams,
  TokenCreation,
  TokenMade,
  TokensAnswer,
} from '../../schemas/accounts.ts'
import { ErrorAnswer } from '../../schemas/errors.ts'
import type { App } from './server.ts'
import type { World } from './world.ts'

const tags = ['people']
const config = { allow: ['admin'] } as const

/** API tokens, and the log of what people and tokens did. */
export function tokenRoutes(app: App, world: World): void {
  const { accounts, audit } = world

  app.get(
    '/api/tokens',
    { config, schema: { tags, summary: 'API tokens, without what makes them work', response: { 200: TokensAnswer } } },
    (): TokensAnswer => ({ tokens: accounts.tokens.views() }),
  )

  app.post(
    '/api/tokens',
    {
      config,
      schema: {
        tags,
        summary: 'Makes an API token, shown once',
        body: TokenCreation,
        response: { 200: TokenMade, 409: ErrorAnswer, 503: ErrorAnswer },
      },
    },
    async ({ caller, body }): Promise<TokenMade> => {
      const made = await accounts.tokens.make(body, caller.name)
      const { id, label, role, expiresMs } = made.view
      const detail = `${role} until ${new Date(expiresMs).toISOString()}`
      audit.write({ caller, action: 'make token', subject: `${id} (${label})`, detail })
      return made
    },
  )

  app.delete(
    '/api/tokens/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Revokes an API token',
        params: PersonParams,
        response: { 200: Done, 404: ErrorAnswer, 503: ErrorAnswer },
      },
    },
    async ({ caller, params: { id } }): Promise<Done> => {
      await accounts.tokens.remove(id)
      audit.write({ caller, action: 'revoke token', subject: id })
      return { ok: true }
    },
  )

  app.get(
    '/api/audit',
    {
      config,
      schema: {
        tags,
        summary: 'Every change that a person or a token made or was refused, newest first',
        querystring: AuditQuery,
        response: { 200: AuditAnswer },
      },
    },
    ({ query }): AuditAnswer => audit.read(query.before, query.limit),
  )
}
