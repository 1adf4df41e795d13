import type { FastifyReply, FastifyRequest } from 'fastify'
import { Done, LinkSignIn, PasswordChange, ROLES, SessionAnswer, SignIn, SignOutQuery } from '../../schemas/accounts.ts'
import { ErrorAnswer } from '../../schemas/errors.ts'
import { anyoneFrom, type Caller } from '../accounts/caller.ts'
import { SESSION_MS } from '../accounts/limits.ts'
import { csrfOf } from '../accounts/secrets.ts'
import { callerOfPerson, type SignedIn } from '../accounts/sign-in.ts'
import { Refusal } from '../refusal.ts'
import { giveSessionCookie, SESSION_COOKIE, takeSessionCookie } from './cookies.ts'
import type { App } from './server.ts'
import type { World } from './world.ts'

const tags = ['session']

/** Signing in and out. */
export function sessionRoutes(app: App, world: World): void {
  const { signIn, people } = world.accounts

  const answerFor = (caller: Caller, token: string | undefined): SessionAnswer => {
    const setupNeeded = signIn.isSetupNeeded()
    if (caller.kind !== 'person' || token === undefined) return { person: null, csrf: null, setupNeeded }
    const { id, name, roles, passwordHash } = people.person(caller.id)
    return { person: { id, name, roles, hasPassword: passwordHash !== null }, csrf: csrfOf(token), setupNeeded }
  }
  const enter = (request: FastifyRequest, reply: FastifyReply, { token, person }: SignedIn): SessionAnswer => {
    const before = request.cookies[SESSION_COOKIE]
    if (before !== undefined) signIn.out(before)
    giveSessionCookie(request, reply, token, SESSION_MS / 1000)
    request.caller = callerOfPerson(person, request.ip)
    return answerFor(request.caller, token)
  }
  /** Who failed to come in is in the log too. */
  const refused =
    (request: FastifyRequest, action: string, subject: string) =>
    (error: Error): never => {
      if (error instanceof Refusal)
        world.audit.write({ caller: anyoneFrom(request.ip), action, subject, outcome: error.message })
      throw error
    }

  app.get(
    '/api/session',
    {
      config: { allow: 'anyone' },
      schema: { tags, summary: 'Who is signed in here', response: { 200: SessionAnswer } },
    },
    (request): SessionAnswer => answerFor(request.caller, request.cookies[SESSION_COOKIE]),
  )

  app.post(
    '/api/session',
    {
      config: { allow: 'anyone' },
      schema: {
        tags,
        summary: 'Signs in by name and password, with a cookie',
        body: SignIn,
        response: { 200: SessionAnswer, 401: ErrorAnswer, 429: ErrorAnswer },
      },
    },
    async (request, reply): Promise<SessionAnswer> => {
      const { name, password } = request.body
      const entered = await signIn
        .byPassword(name, password, request.ip)
        .catch(refused(request, 'sign in', signIn.triedName(name)))
      const answer = enter(request, reply, entered)
      world.audit.write({ caller: request.caller, action: 'sign in', subject: entered.person.id })
      return answer
    },
  )

  app.post(
    '/api/session/link',
    {
      config: { allow: 'anyone' },
      schema: {
        tags,
        summary: 'Signs in by a personal link; or makes the first admin by the link in the banner',
        body: LinkSignIn,
        response: { 200: SessionAnswer, 401: ErrorAnswer, 429: ErrorAnswer },
      },
    },
    async (request, reply): Promise<SessionAnswer> => {
      const isFirst = signIn.isFirstAdminLink(request.body.token)
      const action = isFirst ? 'make first admin' : 'sign in by link'
      const entered = await signIn.byLink(request.body, request.ip).catch(refused(request, action, ''))
      const answer = enter(request, reply, entered)
      world.audit.write({ caller: request.caller, action, subject: entered.person.id })
      return answer
    },
  )

  app.post(
    '/api/session/password',
    {
      config: { allow: ROLES },
      schema: {
        tags,
        summary: 'Changes the password of who asks, and ends all other sessions',
        body: PasswordChange,
        response: { 200: SessionAnswer, 401: ErrorAnswer },
      },
    },
    async (request, reply): Promise<SessionAnswer> => {
      const { caller, body, ip } = request
      if (caller.kind !== 'person') throw new Refusal('role-missing', 'An API token has no password.')
      const changed = await signIn
        .changePassword(caller.id, body.current, body.password, ip)
        .catch(refused(request, 'change own password', caller.id))
      const answer = enter(request, reply, changed)
      world.audit.write({ caller: request.caller, action: 'change own password', subject: caller.id })
      return answer
    },
  )

  app.delete(
    '/api/session',
    {
      config: { allow: ROLES },
      schema: { tags, summary: 'Signs out, here or everywhere', querystring: SignOutQuery, response: { 200: Done } },
    },
    async (request, reply): Promise<{ ok: true }> => {
      const { caller } = request
      const token = request.cookies[SESSION_COOKIE]
      if (caller.kind !== 'person' || token === undefined)
        throw new Refusal('role-missing', 'An API token has no session: revoke it instead.')
      const { everywhere } = request.query
      if (everywhere) await signIn.outEverywhere(caller.id)
      signIn.out(token)
      takeSessionCookie(request, reply)
      world.audit.write({ caller, action: everywhere ? 'sign out everywhere' : 'sign out', subject: caller.id })
      return { ok: true }
    },
  )
}
