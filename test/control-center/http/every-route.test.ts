import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AuditAnswer, ROLES, type Role } from '../../../schemas/accounts.ts'
import { type Browser, makeFirstAdmin, signedIn, tokenOf } from '../support/people.ts'
import { JOIN_TOKEN, joinNode, type Station, startStation } from '../support/station.ts'

/** As /docs/json tells of it: whom it is for, when it is not for everyone. */
type Route = { method: string; path: string; roles: Role[] | null }
type Documented = Record<string, Record<string, { security?: object[]; description?: string }>>

const CHANGING = ['POST', 'PUT', 'PATCH', 'DELETE']
/** Here somebody proves who it is, by what the request itself says. */
const OPEN_CHANGES = [
  'POST /api/nodes/register',
  'POST /api/nodes/{id}/heartbeat',
  'POST /api/nodes/{id}/leave',
  'POST /api/session',
  'POST /api/session/link',
]
const OPEN_READING = [
  ...['/api/as-run', '/api/history', '/api/library', '/api/nodes', '/api/now-playing', '/api/rundown'],
  ...['/api/rundown/dry-run', '/api/session', '/api/station', '/api/status', '/healthz', '/metrics'],
].map((path) => `GET ${path}`)

let station: Station
let admin: Browser
let routes: Route[]
let tokens: Map<Role, Record<string, string>>
let nodeCredential: string

beforeAll(async () => {
  station = await startStation()
  admin = await makeFirstAdmin(station)
  tokens = new Map()
  for (const role of ROLES) tokens.set(role, await tokenOf(admin, role))
  const node = await joinNode(station.url, 'slicer-1')
  node.die()
  nodeCredential = node.authorization
  const { paths } = (await (await fetch(`${station.url}/docs/json`)).json()) as { paths: Documented }
  routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security, description }]) => ({
      method: method.toUpperCase(),
      path,
      roles: security?.some((way) => 'session' in way)
        ? ((/^For (.*)\.$/.exec(description ?? '')?.[1] ?? '').split(', ') as Role[])
        : null,
    })),
  )
})
afterAll(() => station.end())

const nameOf = ({ method, path }: Route): string => `${method} ${path}`
const guarded = (): Route[] => routes.filter(({ roles }) => roles !== null)
const ask = async ({ method, path }: Route, headers: Record<string, string>): Promise<number> => {
  const body = CHANGING.includes(method) ? { body: '{}' } : {}
  const answer = await fetch(station.url + path.replace('{file}', 'audio.m4a').replace(/\{\w+\}/g, 'person-1'), {
    method,
    headers: { ...headers, ...(body.body ? { 'content-type': 'application/json' } : {}) },
    ...body,
  })
  await answer.body?.cancel()
  return answer.status
}
/** What each of the routes answers, where it is another status than the wanted one. */
async function others(asked: Route[], headers: Record<string, string>, wanted: number): Promise<string[]> {
  const answers = await Promise.all(asked.map(async (route) => `${nameOf(route)} ${await ask(route, headers)}`))
  return answers.filter((answer) => !answer.endsWith(` ${wanted}`))
}

describe('every route that the documentation names', () => {
  it('is for named roles, but for those where somebody proves who it is, and what listeners may know', () => {
    const open = routes.filter(({ roles }) => roles === null).map(nameOf)
    expect(open.sort()).toEqual([...OPEN_CHANGES, ...OPEN_READING].sort())
    expect(guarded().length).toBeGreaterThan(40)
    for (const { roles } of guarded()) for (const role of roles!) expect(ROLES).toContain(role)
  })

  it('is closed to who shows nothing, or nothing that is worth anything here', async () => {
    const worthless: Record<string, string>[] = [
      {},
      { authorization: 'Bearer att_' },
      { authorization: `Bearer att_${'x'.repeat(43)}` },
      { authorization: `Bearer ${JOIN_TOKEN}` },
      { authorization: 'Bearer control-token-of-the-tests' },
      { authorization: nodeCredential },
      { cookie: 'airtight-session=' },
      { cookie: `airtight-session=${'x'.repeat(43)}`, origin: station.url },
      { 'x-airtight-csrf': admin.kept.csrf! },
    ]
    for (const headers of worthless) expect(await others(guarded(), headers, 401)).toEqual([])
  })

  it('is closed to roles that it is not for', async () => {
    for (const role of ROLES) {
      const closed = guarded().filter(({ roles }) => !roles!.includes(role))
      expect(await others(closed, tokens.get(role)!, 403)).toEqual([])
      if (role !== 'admin') expect(closed.length).toBeGreaterThan(15)
    }
  })

  it('takes no change from a page of elsewhere, nor one that does not show the token of its session', async () => {
    const changes = guarded().filter(({ method }) => CHANGING.includes(method))
    const { cookie, csrf } = admin.kept
    const other = await signedIn(admin, station.url, 'Otto Operator', ['operator'])
    const forged: Record<string, string>[] = [
      { cookie, origin: station.url },
      { cookie, origin: station.url, 'x-airtight-csrf': '' },
      { cookie, origin: station.url, 'x-airtight-csrf': other.browser.kept.csrf! },
      { cookie, 'x-airtight-csrf': csrf!, origin: 'https://elsewhere.example' },
      { cookie, 'x-airtight-csrf': csrf!, origin: 'null' },
      { cookie, 'x-airtight-csrf': csrf!, origin: station.url.replace('127.0.0.1', 'localhost') },
      { cookie, 'x-airtight-csrf': csrf!, origin: station.url, 'sec-fetch-site': 'cross-site' },
      { cookie, 'x-airtight-csrf': csrf!, origin: station.url, 'sec-fetch-site': 'same-site' },
    ]
    for (const headers of forged) expect(await others(changes, headers, 403)).toEqual([])
  })

  it('is closed to tokens and sessions from the moment they are revoked', async () => {
    const { token, view } = await admin.change<{ token: string; view: { id: string } }>('POST', '/api/tokens', {
      ...{ label: 'short-lived', role: 'admin' },
    })
    const headers = { authorization: `Bearer ${token}` }
    const live: Route = { method: 'GET', path: '/api/people', roles: [] }
    expect(await ask(live, headers)).toBe(200)
    await admin.change('DELETE', `/api/tokens/${view.id}`)
    expect(await others(guarded(), headers, 401)).toEqual([])
    const { id, browser } = await signedIn(admin, station.url, 'Ada Anchor', ['anchor'])
    const { cookie } = browser.kept
    const events = await fetch(`${station.url}/api/live/events`, { headers: { cookie } })
    expect(events.status).toBe(200)
    await admin.change('DELETE', `/api/people/${id}/sessions`)
    // A stream that was opened before is cut off in the middle.
    await expect(events.text()).rejects.toThrow()
    expect(await others(guarded(), { cookie, origin: station.url }, 401)).toEqual([])
  })

  it('has pages that take no script but their own, and that no other site can put in a frame', async () => {
    for (const path of ['/', '/docs/', '/sign-in', '/link/x', '/people', '/recordings']) {
      const { headers, status } = await fetch(station.url + path)
      const policy = headers.get('content-security-policy') ?? ''
      expect([path, status, headers.get('x-frame-options')]).toEqual([path, 200, 'DENY'])
      expect(policy, path).toMatch(/default-src '(none|self)'/)
      expect(policy, path).not.toMatch(/script-src[^;]*unsafe|default-src[^;]*unsafe|upgrade-insecure/)
      expect(headers.get('referrer-policy'), path).toBe('no-referrer')
    }
  })

  it('has changed nothing by all this, and who was known and refused is in the log', async () => {
    const { people } = await admin.get<{ people: { name: string }[] }>('/api/people')
    expect(people.map(({ name }) => name).sort()).toEqual(['Ada Admin', 'Ada Anchor', 'Otto Operator'])
    const { lines } = await admin.get<AuditAnswer>('/api/audit?limit=500')
    const refused = lines.filter(({ outcome }) => outcome === 'refused with 403')
    expect(refused.length).toBeGreaterThan(100)
    expect(refused.every(({ who }) => who.id !== '')).toBe(true)
  })
})
