import { ERRORS, type ErrorCode } from '../schemas/errors.ts'

/** An expected error of the catalogue: the API turns it into its answer. */
export class Refusal extends Error {
  readonly code: ErrorCode
  readonly retryAfterSeconds: number | undefined

  /** @param message what happened, in a sentence; what to do about it stands in the catalogue */
  constructor(code: ErrorCode, message: string, retryAfterSeconds?: number) {
    super(message)
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }

  get status(): number {
    return ERRORS[this.code].status
  }
}
