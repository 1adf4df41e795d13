import type { FastifyRequest } from 'fastify'
import { isSameSecret } from '../../platform/credentials.ts'
import type { Role } from '../../schemas/accounts.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { AuditLog } from '../accounts/audit-log.ts'
import { anyoneFrom, type Caller, mayAs } from '../accounts/caller.ts'
import { Refusal } from '../refusal.ts'
import { SESSION_COOKIE } from './cookies.ts'
import type { App } from './server.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Who may use the route: people and API tokens with one of these roles, and always an admin; or anyone, known or not.
     * A GET that leaves it out is public, readable by any page of the web, and does not learn who asks.
     */
    allow?: readonly Role[] | 'anyone'
  }
  interface FastifyRequest {
    /** Who asks; of kind `anyone` where nothing was proven, which only a route for anyone or a public one ever sees. */
    caller: Caller
  }
}

/** A proven caller, and what its changing requests must show besides; null: nothing more, as with API tokens. */
type Identified = { caller: Caller; csrf: string | null }
type Identities = Accounts['identities']

const PRIVATE_PATHS =
  /^\/api\/(live|studio|recordings|people|tokens|audit|relays|relays-out|playback-address|session)\b/
const READING = ['GET', 'HEAD', 'OPTIONS']
const API_TOKEN = /^Bearer (att_\S{1,200})$/

/**
 * Lets only those in whom a route's `config.allow` names: 401 for nobody known, 403 for the wrong role or a request that another page may
 * have made the browser send. Writes every change that a known caller makes, or was refused, to the audit log, unless the route has
 * written a better line itself. Must be called before routes are added.
 */
export function guardRoutes(
  app: App,
  { identities, onChange }: Pick<Accounts, 'identities' | 'onChange'>,
  audit: AuditLog,
): void {
  const open = new Set<FastifyRequest>()
  app.decorateRequest('caller', null as unknown as Caller)

  app.addHook('onRoute', ({ method, url, config }) => {
    const changes = [method].flat().some((name) => !READING.includes(name))
    if (config?.allow === undefined && (changes || PRIVATE_PATHS.test(url)))
      throw new Error(`The route ${method} ${url} must say whom it is for: config.allow.`)
  })

  app.addHook('onRequest', async (request, reply) => {
    request.caller = anyoneFrom(request.ip)
    const { allow } = request.routeOptions.config
    if (allow === undefined) return
    const identified = await identify(request, identities)
    if (identified) request.caller = identified.caller
    if (!READING.includes(request.method)) refuseOtherPages(request, identified, allow)
    if (allow === 'anyone') return
    if (!identified) throw new Refusal('sign-in-needed', 'Nobody is signed in, or not any more.')
    if (!mayAs(identified.caller, allow))
      throw new Refusal('role-missing', `${identified.caller.name} is not ${['admin', ...allow].join(' or ')}.`)
    if (!READING.includes(request.method)) return
    open.add(request)
    reply.raw.once('close', () => open.delete(request))
  })
  // Whoever has lost the right to ask, or the session that showed it, does not go on reading a stream that was opened before.
  onChange(() => {
    for (const request of open)
      void identify(request, identities).then((identified) => {
        const { allow } = request.routeOptions.config
        if (allow === undefined || allow === 'anyone') return
        if (!identified || !mayAs(identified.caller, allow)) request.raw.socket.destroy()
      })
  })

  app.addHook('onResponse', async (request, reply) => {
    const { caller } = request
    const { allow } = request.routeOptions.config
    if (!caller || caller.kind === 'anyone' || allow === undefined || READING.includes(request.method)) return
    if (audit.wrote(caller)) return
    const outcome = reply.statusCode < 400 ? 'done' : `refused with ${reply.statusCode}`
    const action = `${request.method} ${request.routeOptions.url ?? ''}`
    audit.write({ caller, action, subject: Object.values(request.params ?? {}).join(' '), outcome })
  })
}

async function identify(request: FastifyRequest, identities: Identities): Promise<Identified | null> {
  const token = API_TOKEN.exec(request.headers.authorization ?? '')?.[1]
  if (token !== undefined) return identities.ofToken(token, request.ip)
  const cookie = request.cookies[SESSION_COOKIE]
  return cookie === undefined ? null : identities.ofSession(cookie, request.ip)
}

/** A browser sends its cookie with whatever any page asks: a change must come from our own page, and show the session's token. */
function refuseOtherPages(
  request: FastifyRequest,
  identified: Identified | null,
  allow: readonly Role[] | 'anyone',
): void {
  const { origin, 'sec-fetch-site': site, 'x-airtight-csrf': shown } = request.headers
  if (identified?.csrf === null) return
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new Refusal('csrf-refused', 'The request was made by a page of another address.')
  if (origin !== undefined && !isOwn(origin, request.host))
    throw new Refusal('csrf-refused', `The request was made by a page of ${origin.slice(0, 100)}.`)
  if (allow !== 'anyone' && identified && !(typeof shown === 'string' && isSameSecret(shown, identified.csrf)))
    throw new Refusal('csrf-refused', "The session's token was not shown.")
}

const isOwn = (origin: string, host: string): boolean => URL.canParse(origin) && new URL(origin).host === host
