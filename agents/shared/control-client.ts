import type { Static, TSchema } from 'typebox'
import { bearerOf } from '../../platform/credentials.ts'
import type { HttpClient } from '../../platform/http-client.ts'
import { check } from '../../schemas/check.ts'
import { type Heartbeat, NodeBriefing, NodeRegistered, type NodeRegistration } from '../../schemas/nodes.ts'

/** `unknown-node`: the control center does not know the credential. `refused`: it said no. `failed`: no usable answer came. */
export type Told<T> = { ok: true; value: T } | { ok: false; why: 'unknown-node' | 'refused' | 'failed'; reason: string }

export type ControlClient = {
  register(registration: NodeRegistration, signal?: AbortSignal): Promise<Told<NodeRegistered>>
  heartbeat(id: string, credential: string, beat: Heartbeat, signal?: AbortSignal): Promise<Told<NodeBriefing>>
  leave(id: string, credential: string, timeoutMs: number): Promise<void>
}

const BYTES_MAX = 4 * 1024 * 1024
const TIMEOUT_MS = 3_000

/** What a node says to the control center. `controlUrl`: http(s)://host:port. Expected failures are answers, never thrown. */
export function createControlClient(controlUrl: string, http: HttpClient): ControlClient {
  const base = controlUrl.replace(/\/+$/, '')

  async function post<S extends TSchema>(
    path: string,
    schema: S,
    body: unknown,
    authorization: string | null,
    signal: AbortSignal | undefined,
  ): Promise<Told<Static<S>>> {
    try {
      const answer = await http.ask({
        url: `${base}${path}`,
        method: 'POST',
        headers: authorization ? { authorization } : {},
        body: JSON.stringify(body),
        timeoutMs: TIMEOUT_MS,
        bytesMax: BYTES_MAX,
        signal,
      })
      if (answer.status === 401 && authorization)
        return { ok: false, why: 'unknown-node', reason: 'the control center does not know this node (401)' }
      const text = answer.body.toString('utf8')
      if (answer.status >= 400 && answer.status < 500)
        return {
          ok: false,
          why: 'refused',
          reason: `the control center answered ${answer.status}: ${text.slice(0, 300)}`,
        }
      if (answer.status < 200 || answer.status > 299)
        return { ok: false, why: 'failed', reason: `the control center answered ${answer.status}` }
      const checked = check(schema, JSON.parse(text))
      if (checked.ok) return { ok: true, value: checked.value }
      const [problem] = checked.problems
      return { ok: false, why: 'failed', reason: `the control center's answer: ${problem?.path}: ${problem?.message}` }
    } catch (error) {
      return { ok: false, why: 'failed', reason: `the control center can't be asked: ${(error as Error).message}` }
    }
  }

  return {
    register: (registration, signal) => post('/api/nodes/register', NodeRegistered, registration, null, signal),
    heartbeat: (id, credential, beat, signal) =>
      post(`/api/nodes/${id}/heartbeat`, NodeBriefing, beat, bearerOf(id, credential), signal),
    async leave(id, credential, timeoutMs) {
      const authorization = bearerOf(id, credential)
      await http
        .ask({
          url: `${base}/api/nodes/${id}/leave`,
          method: 'POST',
          headers: { authorization },
          body: '{}',
          timeoutMs,
          bytesMax: BYTES_MAX,
        })
        .catch(() => undefined)
    },
  }
}
