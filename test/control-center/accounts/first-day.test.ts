import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditAnswer, LinkMade, PersonAnswer, SessionAnswer, TokenMade } from '../../../schemas/accounts.ts'
import type { ErrorAnswer } from '../../../schemas/errors.ts'
import '../support/eventually.ts'
import {
  ADMIN,
  type Browser,
  createBrowser,
  firstAdminToken,
  makeFirstAdmin,
  signedIn,
  tokenOf,
} from '../support/people.ts'
import { type Station, startStation } from '../support/station.ts'

const errorOf = async (answering: Promise<Response>): Promise<[number, string]> => {
  const answer = await answering
  return [answer.status, ((await answer.json()) as ErrorAnswer).error]
}

describe('the first day of a station', () => {
  let station: Station
  let admin: Browser
  beforeAll(async () => {
    station = await startStation()
  })
  afterAll(() => station.end())
  const linkFile = () => join(station.folder, 'control-center/first-admin-link')
  const filesOf = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))

  it('has no admin: a link for one lies in a file that nobody else may read, and is another one after a restart', async () => {
    const before = await firstAdminToken(station.folder)
    expect(statSync(linkFile()).mode & 0o777).toBe(0o600)
    expect(await createBrowser(station.url).get<SessionAnswer>('/api/session')).toEqual({
      person: null,
      csrf: null,
      setupNeeded: true,
    })
    await station.stopCenter()
    await station.startCenter()
    expect(await firstAdminToken(station.folder)).not.toBe(before)
    const stale = createBrowser(station.url).ask('POST', '/api/session/link', { token: before, ...ADMIN })
    expect(await errorOf(stale)).toEqual([401, 'link-unknown'])
  })

  it('asks the first admin for a name and a good password, and the link is gone after use', async () => {
    const token = await firstAdminToken(station.folder)
    const browser = createBrowser(station.url)
    const short = browser.ask('POST', '/api/session/link', { token, name: 'Ada', password: 'too short' })
    expect(await errorOf(short)).toEqual([400, 'request-invalid'])
    expect(await errorOf(browser.ask('POST', '/api/session/link', { token }))).toEqual([409, 'account-conflict'])
    admin = await makeFirstAdmin(station)
    expect(existsSync(linkFile())).toBe(false)
    const again = createBrowser(station.url).ask('POST', '/api/session/link', { token, ...ADMIN })
    expect(await errorOf(again)).toEqual([401, 'link-unknown'])
    expect(await admin.get<SessionAnswer>('/api/session')).toMatchObject({
      person: { name: ADMIN.name, roles: ['admin'], hasPassword: true },
      setupNeeded: false,
    })
    expect(admin.kept.setCookie).toMatch(/HttpOnly/)
    expect(admin.kept.setCookie).toMatch(/SameSite=Strict/)
    expect(admin.kept.setCookie).not.toMatch(/Secure/)
  })

  it('marks the cookie as secure where a proxy on this machine says that the request came by TLS', async () => {
    const browser = createBrowser(station.url)
    const origin = 'https://radio.example.org'
    const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'radio.example.org', origin }
    expect((await browser.ask('POST', '/api/session', ADMIN, proxied)).status).toBe(200)
    expect(browser.kept.setCookie).toMatch(/Secure/)
  })

  it('tells a wrong password from an unknown name neither by words nor by time', async () => {
    const tried = async (name: string): Promise<{ body: string; ms: number }> => {
      const sinceMs = performance.now()
      const answer = await createBrowser(station.url).ask('POST', '/api/session', {
        name,
        password: 'not the right one',
      })
      return { body: await answer.text(), ms: performance.now() - sinceMs }
    }
    await tried(ADMIN.name)
    const known = await tried(ADMIN.name)
    const unknown = await tried('Nobody At All')
    expect(unknown.body).toBe(known.body)
    expect(unknown.ms).toBeGreaterThan(known.ms / 5)
  })

  it('takes no change that another page made the browser send', async () => {
    const add = (change: Record<string, string | undefined>) =>
      errorOf(admin.ask('POST', '/api/people', { name: 'Mallory', roles: ['admin'] }, change))
    expect(await add({ 'x-airtight-csrf': undefined })).toEqual([403, 'csrf-refused'])
    expect(await add({ 'x-airtight-csrf': 'guessed' })).toEqual([403, 'csrf-refused'])
    expect(await add({ origin: 'https://elsewhere.example.org' })).toEqual([403, 'csrf-refused'])
    expect(await add({ 'sec-fetch-site': 'cross-site', origin: undefined })).toEqual([403, 'csrf-refused'])
    const otherPage = createBrowser(station.url).ask('POST', '/api/session', ADMIN, { origin: 'http://127.0.0.1:1' })
    expect(await errorOf(otherPage)).toEqual([403, 'csrf-refused'])
  })

  it('lets each role do its own, and everybody know who may not', async () => {
    const anchor = await signedIn(admin, station.url, 'Anna Anchor', ['anchor'])
    expect(await errorOf(anchor.browser.ask('GET', '/api/people'))).toEqual([403, 'role-missing'])
    expect(await errorOf(anchor.browser.ask('POST', '/api/people', { name: 'X', roles: ['admin'] }))).toEqual([
      403,
      'role-missing',
    ])
    expect(await errorOf(createBrowser(station.url).ask('GET', '/api/people'))).toEqual([401, 'sign-in-needed'])
    const operator = await tokenOf(admin, 'operator')
    expect((await fetch(`${station.url}/api/people`, { headers: operator })).status).toBe(200)
    expect((await fetch(`${station.url}/api/audit`, { headers: operator })).status).toBe(403)
    expect((await fetch(`${station.url}/api/people`, { headers: { authorization: 'Bearer att_wrong' } })).status).toBe(
      401,
    )
  })

  it('shows what needs a caller to no other page, and puts our pages into no frame', async () => {
    const headersOf = async (path: string) => (await admin.ask('GET', path)).headers
    expect((await headersOf('/api/status')).get('access-control-allow-origin')).toBe('*')
    for (const path of ['/api/people', '/api/session', '/people'])
      expect((await headersOf(path)).get('access-control-allow-origin')).toBeNull()
    for (const path of ['/people', '/sign-in', `/link/${'x'.repeat(43)}`]) {
      const headers = await headersOf(path)
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
    }
  })

  it('keeps a name for one person, and always an admin who can sign in', async () => {
    const { person: ada } = await admin.get<SessionAnswer>('/api/session')
    const change = (method: string, body?: unknown) => errorOf(admin.ask(method, `/api/people/${ada!.id}`, body))
    expect(await change('PATCH', { roles: ['operator'] })).toEqual([409, 'last-admin'])
    expect(await change('PATCH', { disabled: true })).toEqual([409, 'last-admin'])
    expect(await change('DELETE')).toEqual([409, 'last-admin'])
    const twin = admin.ask('POST', '/api/people', { name: '  ada   ADMIN ', roles: ['anchor'] })
    expect(await errorOf(twin)).toEqual([409, 'name-taken'])
    const without = admin.ask('POST', '/api/people', { name: 'Second', roles: ['admin'] })
    expect(await errorOf(without)).toEqual([409, 'account-conflict'])
  })

  it('ends what a person holds at once: the link, the sessions, the person', async () => {
    const anna = await signedIn(admin, station.url, 'Berta', ['anchor'])
    const isIn = async (browser: Browser) => (await browser.get<SessionAnswer>('/api/session')).person !== null
    await admin.change<LinkMade>('POST', `/api/people/${anna.id}/link`, {})
    expect(await isIn(anna.browser)).toBe(false)
    const old = createBrowser(station.url).ask('POST', '/api/session/link', { token: anna.linkToken })
    expect(await errorOf(old)).toEqual([401, 'link-unknown'])

    const cleo = await signedIn(admin, station.url, 'Cleo', ['anchor', 'operator'])
    await admin.change('DELETE', `/api/people/${cleo.id}/sessions`)
    expect(await isIn(cleo.browser)).toBe(false)
    await cleo.browser.change('POST', '/api/session/link', { token: cleo.linkToken })
    await admin.change('DELETE', `/api/people/${cleo.id}`)
    expect(await isIn(cleo.browser)).toBe(false)
    expect(await errorOf(admin.ask('GET', `/api/people/${cleo.id}/keys`))).toEqual([404, 'not-found'])
  })

  it('lets a person choose a password, which signs out all other browsers', async () => {
    const { id } = await signedIn(admin, station.url, 'Dora', ['programmer'])
    await admin.change<PersonAnswer>('PATCH', `/api/people/${id}`, { password: 'given by the admin' })
    const first = createBrowser(station.url)
    const second = createBrowser(station.url)
    for (const browser of [first, second])
      await browser.change('POST', '/api/session', { name: 'dora', password: 'given by the admin' })
    const wrong = first.ask('POST', '/api/session/password', {
      current: 'something else',
      password: 'chosen by herself',
    })
    expect(await errorOf(wrong)).toEqual([401, 'sign-in-refused'])
    await first.change('POST', '/api/session/password', {
      current: 'given by the admin',
      password: 'chosen by herself',
    })
    expect((await first.get<SessionAnswer>('/api/session')).person?.name).toBe('Dora')
    expect((await second.get<SessionAnswer>('/api/session')).person).toBeNull()
    const tokenBefore = first.kept.cookie
    await first.change('DELETE', '/api/session')
    expect(first.kept.cookie).toBe('')
    const replayed = createBrowser(station.url)
    replayed.kept.cookie = tokenBefore
    expect((await replayed.get<SessionAnswer>('/api/session')).person).toBeNull()
  })

  it('signs nobody out by a restart of the control center', async () => {
    await station.stopCenter()
    await station.startCenter()
    expect((await admin.get<SessionAnswer>('/api/session')).person?.name).toBe(ADMIN.name)
    expect(existsSync(linkFile())).toBe(false)
  })

  it('has written down who did what, with outcomes and without secrets, and keeps no secret in the clear', async () => {
    const made = await admin.change<TokenMade>('POST', '/api/tokens', { label: 'robot', role: 'operator' })
    const { lines } = await admin.get<AuditAnswer>('/api/audit?limit=200')
    expect(lines[0]).toMatchObject({ who: { kind: 'person', name: ADMIN.name }, action: 'make token', outcome: 'done' })
    expect(lines).toContainEqual(
      expect.objectContaining({
        who: expect.objectContaining({ name: 'Anna Anchor' }),
        action: 'POST /api/people',
        outcome: 'refused with 403',
      }),
    )
    expect(lines).toContainEqual(
      expect.objectContaining({ action: 'sign in', outcome: expect.stringMatching(/nobody/) }),
    )
    const tried = lines.filter(({ action }) => action === 'sign in').map(({ subject }) => subject)
    expect(new Set(tried)).toContain('a name that nobody has')
    expect(tried.join()).not.toContain('Nobody At All')
    const page = await admin.get<AuditAnswer>('/api/audit?limit=3')
    const rest = await admin.get<AuditAnswer>(`/api/audit?limit=200&before=${page.next}`)
    expect([...page.lines, ...rest.lines]).toEqual(lines)

    await admin.change('DELETE', `/api/tokens/${made.view.id}`)
    const { status } = await fetch(`${station.url}/api/people`, { headers: { authorization: `Bearer ${made.token}` } })
    expect(status).toBe(401)

    const cookie = admin.kept.cookie.replace('airtight-session=', '')
    for (const path of filesOf(join(station.folder, 'control-center'))) {
      const text = readFileSync(path, 'utf8')
      for (const secret of [made.token, cookie, admin.kept.csrf!, ADMIN.password, 'chosen by herself'])
        expect(text.includes(secret), path).toBe(false)
      if (/accounts|sessions|audit/.test(path)) expect(statSync(path).mode & 0o777, path).toBe(0o600)
    }
  })
})
