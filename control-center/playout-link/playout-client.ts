import type { Static, TSchema } from 'typebox'
import type { HttpClient } from '../../platform/http-client.ts'
import { check } from '../../schemas/check.ts'
import { type LivePlan, LiveStatus } from '../../schemas/live.ts'
import { AsRunAnswer, PlayoutStatus, type PushTargets } from '../../schemas/playout.ts'
import type { Rundown } from '../../schemas/rundown.ts'

const READ_TIMEOUT_MS = 1_500
const WRITE_TIMEOUT_MS = 4_000
/** A person waits for it, and wants to know. */
const ORDER_TIMEOUT_MS = 2_500
const ANSWER_BYTES_MAX = 16_000_000

/** Playout's API, as far as the control center uses it. Every call ends by itself and rejects with a sentence. */
export type PlayoutClient = {
  status(): Promise<PlayoutStatus>
  putRundown(rundown: Rundown): Promise<void>
  putTargets(targets: PushTargets): Promise<void>
  putLivePlan(plan: LivePlan): Promise<void>
  live(): Promise<LiveStatus>
  /** Gives an order; any status is an answer. Rejects when there is none: then it is not known whether it was done. */
  order(path: string, body: unknown): Promise<{ status: number; body: unknown }>
  /** Entries that ended after a sample, the one on air last. */
  asRunSince(sample: number): Promise<AsRunAnswer>
  /** @param day `YYYY-MM-DD` in the station's zone */
  asRunOfDay(day: string): Promise<AsRunAnswer>
}

/** @param origin `http://host:port`, no trailing slash */
export function createPlayoutClient(http: HttpClient, origin: string, controlToken: string): PlayoutClient {
  const headers = { authorization: `Bearer ${controlToken}` }
  const get = async <S extends TSchema>(path: string, schema: S): Promise<Static<S>> => {
    const answer = await http.ask({
      url: origin + path,
      headers,
      timeoutMs: READ_TIMEOUT_MS,
      bytesMax: ANSWER_BYTES_MAX,
    })
    if (answer.status !== 200) throw new Error(explain(answer.status, answer.body))
    const checked = check(schema, JSON.parse(answer.body.toString('utf8')))
    if (checked.ok) return checked.value
    const [problem] = checked.problems
    throw new Error(`playout's answer to ${path} does not fit: ${problem?.path} ${problem?.message}`)
  }
  const put = async (path: string, body: unknown): Promise<void> => {
    const text = JSON.stringify(body)
    const answer = await http.ask({
      url: origin + path,
      method: 'PUT',
      headers,
      body: text,
      timeoutMs: WRITE_TIMEOUT_MS,
      bytesMax: ANSWER_BYTES_MAX,
    })
    if (answer.status < 200 || answer.status > 299) throw new Error(explain(answer.status, answer.body))
  }
  return {
    status: () => get('/status', PlayoutStatus),
    putRundown: (rundown) => put('/rundown', rundown),
    putTargets: (targets) => put('/targets', targets),
    putLivePlan: (plan) => put('/live/plan', plan),
    live: () => get('/live', LiveStatus),
    async order(path, body) {
      const answer = await http.ask({
        url: origin + path,
        method: 'POST',
        headers,
        body: JSON.stringify(body),
        timeoutMs: ORDER_TIMEOUT_MS,
        bytesMax: ANSWER_BYTES_MAX,
      })
      return { status: answer.status, body: jsonOrNull(answer.body) }
    },
    asRunSince: (sample) => get(`/as-run?since=${sample}`, AsRunAnswer),
    asRunOfDay: (day) => get(`/as-run?day=${encodeURIComponent(day)}`, AsRunAnswer),
  }
}

function jsonOrNull(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return null
  }
}

function explain(status: number, body: Buffer): string {
  const said = body.toString('utf8', 0, 300)
  if (status === 401 || status === 403)
    return `playout refuses the control token (${status}): start both with the same AIRTIGHT_CONTROL_TOKEN`
  return `playout answered ${status}${said ? `: ${said}` : ''}`
}
