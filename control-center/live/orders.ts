import type { LiveAnswer } from '../../schemas/api-live.ts'
import type { LiveSession } from '../../schemas/live.ts'
import type { Caller } from '../accounts/caller.ts'
import type { PlayoutClient } from '../playout-link/playout-client.ts'
import { Refusal } from '../refusal.ts'

/** They may give orders for every session. */
const ALL_SESSIONS = ['admin', 'operator'] as const

export type LiveOrders = ReturnType<typeof createLiveOrders>

/** Finds sessions for those who may, and passes their orders on to playout, which decides. */
export function createLiveOrders(options: {
  client: Pick<PlayoutClient, 'live' | 'order'>
  newest(): LiveAnswer | null
}) {
  const { client } = options

  const find = async (id: string): Promise<LiveSession> => {
    const isIt = (session: LiveSession): boolean => session.id === id
    const known = options.newest()?.sessions.find(isIt)
    if (known) return known
    // It may be younger than the last event.
    const fresh = await client.live().catch((error: Error) => {
      throw new Refusal('order-unanswered', `Playout was not heard: ${error.message}.`)
    })
    const found = fresh.sessions.find(isIt)
    if (!found) throw new Refusal('session-unknown', `There is no session ${id}.`)
    return found
  }
  const pass = async (path: string, body: unknown): Promise<unknown> => {
    const answer = await client.order(path, body).catch((error: Error) => {
      throw new Refusal('order-unanswered', `Playout did not answer the order: ${error.message}.`)
    })
    if (answer.status >= 200 && answer.status < 300) return answer.body
    throw refusalOf(answer.status, answer.body)
  }
  return {
    /** The session, when the caller may give orders for it or hear it. Throws a Refusal. */
    async sessionFor(caller: Caller, id: string): Promise<LiveSession> {
      const session = await find(id)
      const mayAll = caller.roles.some((role) => (ALL_SESSIONS as readonly string[]).includes(role))
      if (!mayAll && !(caller.kind === 'person' && caller.id === session.anchorId))
        throw new Refusal('session-of-another', `The session ${id} is ${session.anchorName}'s.`)
      return session
    },
    /** Answers what playout answers. Throws a Refusal with playout's sentence. */
    give: (sessionId: string, action: string, body: unknown): Promise<unknown> =>
      pass(`/live/sessions/${sessionId}/${action}`, body),
    hold: (body: unknown): Promise<unknown> => pass('/live/hold', body),
  }
}

/** Playout's refusals, in the form of our catalogue. */
function refusalOf(status: number, body: unknown): Refusal {
  const { message } = (body ?? {}) as { message?: unknown }
  const sentence = typeof message === 'string' && message !== '' ? message : `Playout answered ${status}.`
  if (status === 404) return new Refusal('session-unknown', sentence)
  if (status === 400) return new Refusal('request-invalid', sentence)
  if (status === 401 || status === 403)
    return new Refusal('order-unanswered', `Playout refuses the control token: ${sentence}`)
  if (status >= 500) return new Refusal('order-unanswered', sentence)
  return new Refusal('order-refused', sentence)
}
