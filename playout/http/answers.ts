import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Static, TSchema } from 'typebox'
import { isSameSecret } from '../../platform/credentials.ts'
import { type Checked, check } from '../../schemas/check.ts'

export function isControl(request: FastifyRequest, controlToken: string): boolean {
  const shown = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1]
  return shown !== undefined && isSameSecret(shown, controlToken)
}

/** The input as the schema has it; null when it does not fit, and then the answer is given. */
export const fitting = <S extends TSchema>(schema: S, input: unknown, reply: FastifyReply): Static<S> | null =>
  fitted(check(schema, input), reply)

export function fitted<T>(checked: Checked<T>, reply: FastifyReply): T | null {
  if (checked.ok) return checked.value
  const [problem] = checked.problems
  refuse(reply, 400, `${problem?.path || 'The request'}: ${problem?.message ?? 'does not fit'}.`)
  return null
}

export function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).send({ error: status, message })
}
