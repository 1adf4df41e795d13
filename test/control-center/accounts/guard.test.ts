import cookie from '@fastify/cookie'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { fastify } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import type { AuditEntry } from '../../../control-center/accounts/audit-log.ts'
import type { Caller } from '../../../control-center/accounts/caller.ts'
import { guardRoutes } from '../../../control-center/http/guard.ts'
import type { App } from '../../../control-center/http/server.ts'
import type { Role } from '../../../schemas/accounts.ts'
import '../support/eventually.ts'

/** Tokens that are known, with their roles; a change is told as the accounts tell it. */
function fakeAccounts() {
  const roles = new Map<string, Role[]>([
    ['att_anna', ['anchor']],
    ['att_omar', ['operator']],
  ])
  const listeners: (() => void)[] = []
  const callerOf = (id: string, from: string): Caller => ({ kind: 'token', id, name: id, roles: roles.get(id)!, from })
  return {
    accounts: {
      identities: {
        ofSession: () => Promise.resolve(null),
        ofToken: (token: string, from: string) =>
          roles.has(token) ? { caller: callerOf(token, from), csrf: null } : null,
      },
      onChange: (listener: () => void) => void listeners.push(listener),
    },
    revoke(id: string): void {
      roles.delete(id)
      for (const listener of listeners) listener()
    },
  }
}

describe('the guard before the routes', () => {
  const apps: App[] = []
  afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())))
  const lines: AuditEntry[] = []
  const guarded = async (accounts: ReturnType<typeof fakeAccounts>['accounts']): Promise<App> => {
    const app = fastify({ forceCloseConnections: true }).withTypeProvider<TypeBoxTypeProvider>()
    await app.register(cookie)
    const written = new WeakSet<Caller>()
    const audit = {
      write(entry: AuditEntry): void {
        written.add(entry.caller)
        lines.push(entry)
      },
      wrote: (caller: Caller) => written.has(caller),
      read: () => ({ lines: [], next: null }),
      alarms: () => [],
    }
    guardRoutes(app, accounts, audit)
    apps.push(app)
    return app
  }

  it('lets no route in that changes something, or is private, and does not say whom it is for', async () => {
    const app = await guarded(fakeAccounts().accounts)
    expect(() => app.post('/api/anything', () => null)).toThrow('config.allow')
    expect(() => app.get('/api/people/secrets', () => null)).toThrow('config.allow')
    expect(() => app.get('/api/relays-out', () => null)).toThrow('config.allow')
    expect(() => app.get('/api/rundown', () => null)).not.toThrow()
  })

  it('cuts off a stream whose reader is revoked, and leaves the others alone', async () => {
    const { accounts, revoke } = fakeAccounts()
    const app = await guarded(accounts)
    app.get('/api/live/events', { config: { allow: ['anchor', 'operator'] } }, (_request, reply) => {
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
      reply.raw.write('event: live\n\n')
    })
    const url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/api/live/events`
    const open = async (token: string) => {
      const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
      const reader = answer.body!.getReader()
      await reader.read()
      const end = reader.read().then(
        () => token,
        () => token,
      )
      return { end }
    }
    const [anna, omar] = [await open('att_anna'), await open('att_omar')]
    revoke('att_anna')
    expect(await Promise.race([anna.end, omar.end])).toBe('att_anna')
    revoke('att_omar')
    expect(await omar.end).toBe('att_omar')
  })

  it('writes a change down by itself when the route does not', async () => {
    const app = await guarded(fakeAccounts().accounts)
    app.post('/api/live/hold', { config: { allow: ['operator'] } }, () => ({ ok: true }))
    lines.length = 0
    const { statusCode } = await app.inject({
      method: 'POST',
      url: '/api/live/hold',
      headers: { authorization: 'Bearer att_omar' },
    })
    expect(statusCode).toBe(200)
    expect(lines).toMatchObject([{ action: 'POST /api/live/hold', outcome: 'done', caller: { id: 'att_omar' } }])
  })
})
