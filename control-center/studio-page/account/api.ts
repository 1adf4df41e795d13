/** A request that came to nothing: refused by the control center, or never answered. The message is for the person. */
export class ApiProblem extends Error {
  /** HTTP status; 0 when nobody answered. */
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }

  /** Nobody is there who could decide: another way may be tried. */
  get isUnanswered(): boolean {
    return this.status === 0 || this.status >= 502
  }
}

const ANSWER_MS_MAX = 4_000
let csrf: string | null = null

/** Shown with each request that changes something, as `GET /api/session` told it. */
export function keepCsrf(token: string | null): void {
  csrf = token
}

/** Asks the control center; JSON both ways. Rejects with an {@link ApiProblem}. */
export async function ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const headers: Record<string, string> = {}
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (method !== 'GET' && csrf !== null) headers['x-airtight-csrf'] = csrf
  let answer: Response
  try {
    answer = await fetch(path, {
      method,
      headers,
      cache: 'no-store',
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch {
    throw new ApiProblem(0, 'The control center does not answer.')
  }
  const said = await answer.json().catch(() => null)
  if (answer.ok) return said as Answer
  const { message, advice } = (said ?? {}) as { message?: string; advice?: string }
  throw new ApiProblem(answer.status, message ? `${message} ${advice ?? ''}`.trim() : `It answered ${answer.status}.`)
}
