import { bearerOf } from '../../../platform/credentials.ts'
import type { HttpClient } from '../../../platform/http-client.ts'
import { compiledCheck } from '../../../schemas/check.ts'
import { LiveStatus } from '../../../schemas/live.ts'

const checkStatus = compiledCheck(LiveStatus)
const TIMEOUT_MS = 1_000
const BYTES_MAX = 2 * 1024 * 1024

/** Playout's `GET /live`, shown the node's credential. Rejects with an Error that says why it can't be had. */
export async function fetchLive(
  http: HttpClient,
  playoutUrl: string,
  own: { id: string; credential: string },
  signal: AbortSignal,
): Promise<LiveStatus> {
  const answer = await http.ask({
    url: `${playoutUrl}/live`,
    headers: { authorization: bearerOf(own.id, own.credential) },
    timeoutMs: TIMEOUT_MS,
    bytesMax: BYTES_MAX,
    signal,
  })
  if (answer.status !== 200) throw new Error(`playout answered ${answer.status}`)
  const checked = checkStatus(JSON.parse(answer.body.toString('utf8')))
  if (checked.ok) return checked.value
  throw new Error(`playout's answer: ${checked.problems[0]?.path}: ${checked.problems[0]?.message}`)
}
