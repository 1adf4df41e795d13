import type { LiveAnswer } from '../../../schemas/api-live.ts'
import { type ApiProblem, ask } from '../account/api.ts'
import type { ControlWord } from './truth.ts'

/** Without a word for so long, it is asked for. */
const ASKED_AFTER_MS = 2_500
const LOOK_EVERY_MS = 1_000

/**
 * Follows the engine's state by the control center: told at each change, asked when it has been silent, for a stream that hangs looks
 * like a station where nothing happens. Answers how to end it.
 */
export function watchLive(onWord: (word: ControlWord) => void, onSilence: () => void): () => void {
  let newestMs = Number.NEGATIVE_INFINITY
  let heardAtMs = performance.now()
  let isAsking = false

  const hear = (status: LiveAnswer): void => {
    // Two ways lead here: what was sent earlier may come later.
    if (status.nowMs < newestMs) return
    newestMs = status.nowMs
    heardAtMs = performance.now()
    onWord({ status, heardAtMs })
  }
  const open = (): EventSource => {
    const source = new EventSource('/api/live/events')
    // What breaks is looked into at once.
    source.addEventListener('error', () => look(true))
    source.addEventListener('live', (event) => hear(JSON.parse((event as MessageEvent<string>).data) as LiveAnswer))
    return source
  }

  const look = (isUrgent: boolean): void => {
    if (isAsking || (!isUrgent && performance.now() - heardAtMs < ASKED_AFTER_MS)) return
    isAsking = true
    ask<LiveAnswer>('GET', '/api/live')
      .then((status) => {
        hear(status)
        if (source.readyState === EventSource.CLOSED) source = open()
      })
      .catch((problem: ApiProblem) => {
        // Asked again at the next look. Who was signed out meanwhile is told by the door.
        if (problem.status === 401) location.reload()
        else if (source.readyState !== EventSource.OPEN) onSilence()
      })
      .finally(() => {
        isAsking = false
      })
  }
  let source = open()
  look(true)
  const looking = setInterval(() => look(false), LOOK_EVERY_MS)
  return () => {
    clearInterval(looking)
    source.close()
  }
}
