import { ApiProblem, ask } from '../account/api.ts'

export type Action = 'go-live' | 'end' | 'cancel' | 'hand-over' | 'talk-over' | 'kick'

/** Actions that an ingest node passes on for its own session. */
const BY_SOCKET: Action[] = ['go-live', 'end', 'talk-over', 'cancel']

/**
 * Gives an order: by the control center; and when that does not answer, by the socket that carries our microphone. Settles when
 * the order was taken, not when it was carried out: that is for the engine to say. Rejects with a sentence for the person.
 * @param bySocket sends the order over the socket of that session; null when there is none
 */
export async function order(
  sessionId: string,
  action: Action,
  body: object,
  bySocket: ((action: Action, body: object) => void) | null,
): Promise<void> {
  try {
    await ask('POST', `/api/live/sessions/${sessionId}/${action}`, body)
  } catch (problem) {
    const isUnanswered = problem instanceof ApiProblem && problem.isUnanswered
    if (!isUnanswered || bySocket === null || !BY_SOCKET.includes(action)) throw problem
    bySocket(action, body)
  }
}
