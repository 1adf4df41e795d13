import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { EventStreamReader } from '../../../media/event-stream.ts'
import type { Clock } from '../../../platform/clock.ts'
import { compiledCheck } from '../../../schemas/check.ts'
import { LiveStatus } from '../../../schemas/live.ts'
import { SOCKET_LIMITS } from '../limits.ts'

const checkStatus = compiledCheck(LiveStatus)
const ANSWER_MS = 5_000
/** Playout says something every ten seconds, if only that it is there. */
const SILENT_MS_MAX = 25_000

/**
 * One request for playout's `GET /live/events`, until it ends. `ended` is called once, with a sentence; the answer ends it without that.
 * @param url http://host:port of playout
 */
export function followLiveEvents(options: {
  url: string
  authorization: string
  clock: Clock
  status(status: LiveStatus): void
  ended(reason: string): void
}): () => void {
  const { clock } = options
  const reader = new EventStreamReader(SOCKET_LIMITS.liveStatusCharactersMax)
  let isOver = false
  let cancelDeadline = clock.after(ANSWER_MS, () => end(`playout did not answer within ${ANSWER_MS} ms`))

  function end(reason: string | null): void {
    if (isOver) return
    isOver = true
    cancelDeadline()
    asking?.destroy()
    if (reason !== null) options.ended(reason)
  }

  function take(response: IncomingMessage): void {
    if (response.statusCode !== 200) return void end(`playout answered ${response.statusCode}`)
    response.on('data', (bytes: Buffer) => {
      cancelDeadline()
      cancelDeadline = clock.after(SILENT_MS_MAX, () => end(`playout said nothing for ${SILENT_MS_MAX / 1000} s`))
      try {
        for (const { event, data } of reader.push(bytes)) if (event === 'live') tell(data)
      } catch (error) {
        end((error as Error).message)
      }
    })
    response.on('close', () => end('playout ended the connection'))
    response.on('error', (error) => end(error.message))
  }

  function tell(data: string): void {
    const checked = checkStatus(JSON.parse(data))
    if (!checked.ok) throw new Error(`playout's word does not fit: ${checked.problems[0]?.path}`)
    if (!isOver) options.status(checked.value)
  }

  let asking: ClientRequest | null = null
  asking = request(`${options.url}/live/events`, { headers: { authorization: options.authorization }, agent: false })
  asking.on('response', take)
  asking.on('error', (error) => end(error.message))
  asking.end()
  return () => end(null)
}
