import type { FastifyInstance } from 'fastify'
import type { Logger } from '../../platform/log.ts'
import type { Problem } from '../../schemas/check.ts'
import { ERRORS, type ErrorAnswer, type ErrorCode } from '../../schemas/errors.ts'
import { Refusal } from '../refusal.ts'
import { InvalidRequest } from './validation.ts'

/** What Fastify itself refuses, by its own codes. */
const FASTIFY_CODES: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media-type-unsupported',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'body-not-json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'body-not-json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'body-not-json',
}

/** Gives every error answer the same shape, whoever raised it. */
export function answerErrors(app: FastifyInstance, log: Logger): void {
  app.setNotFoundHandler((request, reply) => {
    const { status, body } = errorAnswer('not-found', `There is no ${request.method} ${request.url}.`)
    return reply.code(status).send(body)
  })
  app.setErrorHandler((error: Error & { code?: string }, request, reply) => {
    if (error instanceof Refusal) {
      if (error.retryAfterSeconds) reply.header('retry-after', error.retryAfterSeconds)
      const { status, body } = errorAnswer(error.code, error.message)
      return reply.code(status).send(body)
    }
    if (error instanceof InvalidRequest) {
      const { status, body } = errorAnswer('request-invalid', error.message, error.problems)
      return reply.code(status).send(body)
    }
    const code = FASTIFY_CODES[error.code ?? ''] ?? (error instanceof SyntaxError ? 'body-not-json' : 'defect')
    if (code === 'defect')
      log.error({ error: error.stack, method: request.method, url: request.url }, 'a request failed')
    const message = code === 'defect' ? 'The control center failed to answer.' : error.message
    const { status, body } = errorAnswer(code, message)
    return reply.code(status).send(body)
  })
}

export function errorAnswer(
  code: ErrorCode,
  message: string,
  problems?: Problem[],
): { status: number; body: ErrorAnswer } {
  const { status, advice } = ERRORS[code]
  return { status, body: { error: code, message, advice, ...(problems ? { problems: problems.slice(0, 20) } : {}) } }
}
