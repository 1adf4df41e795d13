import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LiveSession, LiveStatus } from '../../../schemas/live.ts'
import type { Station } from './station.ts'
import { until } from './until.ts'

/** A person who goes on air, with a key to push with. */
export type Anchor = { personId: string; name: string; keyId: string; pushKey: string }

/** Who works at a station: its first admin, made by the link of the banner, and the anchors that the admin lets in. */
export class Crew {
  private readonly station: Station
  private cookie = ''
  private csrf = ''
  private token = ''

  private constructor(station: Station) {
    this.station = station
  }

  static async found(station: Station): Promise<Crew> {
    const crew = new Crew(station)
    const path = await until('the first admin link', () =>
      readFileSync(join(station.data, 'control-center', 'first-admin-link'), 'utf8').trim(),
    )
    const signedIn = await fetch(`${station.control}/api/session/link`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: path.split('/').at(-1), name: 'Founder', password: 'a password of the founder' }),
    })
    if (!signedIn.ok) throw new Error(`the first admin: ${signedIn.status} ${await signedIn.text()}`)
    crew.cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!
    crew.csrf = (await crew.ask<{ csrf: string }>('GET', '/api/session')).csrf
    crew.token = (
      await crew.ask<{ token: string }>('POST', '/api/tokens', { label: 'the tests', role: 'admin', expiresInDays: 1 })
    ).token
    return crew
  }

  async hire(name: string, goLive: 'manual' | 'automatic' = 'manual'): Promise<Anchor> {
    const { person } = await this.ask<{ person: { id: string } }>('POST', '/api/people', { name, roles: ['anchor'] })
    const made = await this.ask<{ key: { keyId: string }; pushKey: string }>('POST', `/api/people/${person.id}/keys`, {
      label: 'encoder',
      goLive,
    })
    return { personId: person.id, name, keyId: made.key.keyId, pushKey: made.pushKey }
  }

  /** A one-time path at which the anchor's browser signs in. */
  async linkOf(anchor: Anchor): Promise<string> {
    return (await this.ask<{ path: string }>('POST', `/api/people/${anchor.personId}/link`, {})).path
  }

  live(): Promise<LiveStatus> {
    return this.ask('GET', '/api/live')
  }

  /** The anchor's session that has not ended. */
  async session(anchor: Anchor): Promise<LiveSession | undefined> {
    return (await this.live()).sessions.find(({ anchorId, state }) => anchorId === anchor.personId && state !== 'ended')
  }

  /** Waits until the anchor's session is as wished. */
  sessionThat(anchor: Anchor, what: string, isIt: (session: LiveSession) => boolean, withinMs = 15_000) {
    return until(
      `${anchor.name}'s session ${what}`,
      async () => {
        const session = await this.session(anchor)
        return session && isIt(session) ? session : null
      },
      { withinMs, everyMs: 50 },
    )
  }

  async order(sessionId: string, action: string, body: object = {}): Promise<LiveSession> {
    const { session } = await this.ask<{ session: LiveSession }>(
      'POST',
      `/api/live/sessions/${sessionId}/${action}`,
      body,
    )
    return session
  }

  /** Once the anchor's session is ready: on air. Resolves when the engine says so. */
  async goLive(anchor: Anchor): Promise<LiveSession> {
    const ready = await this.sessionThat(anchor, 'is ready', ({ state }) => state === 'ready')
    await this.order(ready.id, 'go-live', { when: 'now' })
    return this.sessionThat(anchor, 'is on air', ({ state }) => state === 'on-air')
  }

  /** What shows that the admin asks. */
  get headers(): Record<string, string> {
    if (this.token) return { authorization: `Bearer ${this.token}` }
    return { cookie: this.cookie, 'x-airtight-csrf': this.csrf }
  }

  async bytes(path: string): Promise<Buffer> {
    const headers = { authorization: `Bearer ${this.token}` }
    const answer = await fetch(this.station.control + path, { headers, signal: AbortSignal.timeout(10_000) })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return Buffer.from(await answer.arrayBuffer())
  }

  async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`${this.station.control}${path}`, {
      method,
      headers: { ...this.headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(5_000),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return JSON.parse(text || '{}') as T
  }
}
