import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { vi } from 'vitest'
import type { LinkMade, PersonAnswer, Role, SessionAnswer, TokenMade } from '../../../schemas/accounts.ts'

export const ADMIN = { name: 'Ada Admin', password: 'a long enough password' }

/** What a browser keeps: the cookie, and the token that its pages show. */
export type Browser = ReturnType<typeof createBrowser>

/** A browser of one person: keeps the session's cookie, shows the token, and says where its pages come from. */
export function createBrowser(url: string) {
  const kept = { cookie: '', csrf: null as string | null, setCookie: '' }
  const ask = async (
    method: string,
    path: string,
    body?: unknown,
    change: Record<string, string | undefined> = {},
  ): Promise<Response> => {
    const headers: Record<string, string | undefined> = {
      origin: method === 'GET' ? undefined : url,
      cookie: kept.cookie || undefined,
      'x-airtight-csrf': kept.csrf ?? undefined,
      'content-type': body === undefined ? undefined : 'application/json',
      ...change,
    }
    const sent = Object.entries(headers).filter((header): header is [string, string] => header[1] !== undefined)
    const content = body === undefined ? {} : { body: JSON.stringify(body) }
    const send = () => fetch(url + path, { method, headers: sent, ...content })
    // The connection kept from before a restart is dead: then a new one is made.
    const answer = await send().catch(send)
    const setCookie = answer.headers.get('set-cookie')
    if (setCookie?.startsWith('airtight-session=')) {
      kept.setCookie = setCookie
      kept.cookie = setCookie.split(';')[0]!
      if (/Max-Age=0/.test(setCookie)) kept.cookie = ''
    }
    return answer
  }
  return {
    kept,
    ask,
    /** The answer's content; throws when the status is another. */
    async get<T>(path: string): Promise<T> {
      return contentOf<T>(await ask('GET', path))
    },
    async change<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> {
      const content = await contentOf<T>(await ask(method, path, body))
      if (content && typeof content === 'object' && 'csrf' in content) kept.csrf = content.csrf as string | null
      return content
    },
  }
}

async function contentOf<T>(answer: Response): Promise<T> {
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as T
}

/** The first admin, made by the link that lies in the control center's data folder. */
export async function makeFirstAdmin({ url, folder }: { url: string; folder: string }, who = ADMIN): Promise<Browser> {
  const browser = createBrowser(url)
  const token = await firstAdminToken(folder)
  await browser.change<SessionAnswer>('POST', '/api/session/link', { token, ...who })
  return browser
}

/** Resolves once the control center has heard from Redis that there is no admin. */
export async function firstAdminToken(folder: string): Promise<string> {
  const read = (): string => {
    try {
      return readFileSync(join(folder, 'control-center/first-admin-link'), 'utf8').trim()
    } catch {
      return ''
    }
  }
  const path = await vi.waitUntil(read, { timeout: 10_000, interval: 20 })
  return path.replace('/link/', '')
}

/** An API token of a role, as header: the short way to ask as somebody. */
export async function tokenOf(admin: Browser, role: Role): Promise<{ authorization: string }> {
  const { token } = await admin.change<TokenMade>('POST', '/api/tokens', { label: `test ${role}`, role })
  return { authorization: `Bearer ${token}` }
}

/** A person with these roles, signed in by a personal link. */
export async function signedIn(admin: Browser, url: string, name: string, roles: Role[]) {
  const { person } = await admin.change<PersonAnswer>('POST', '/api/people', { name, roles })
  const { token } = await admin.change<LinkMade>('POST', `/api/people/${person.id}/link`, {})
  const browser = createBrowser(url)
  await browser.change<SessionAnswer>('POST', '/api/session/link', { token })
  return { id: person.id, linkToken: token, browser }
}
