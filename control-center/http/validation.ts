import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { check, type Problem } from '../../schemas/check.ts'

/** A request that does not fit its schema, with the places where. */
export class InvalidRequest extends Error {
  readonly problems: Problem[]

  constructor(part: string, problems: Problem[]) {
    const [first] = problems
    super(`The ${part} does not fit: ${first?.path || part} ${first?.message ?? 'is wrong'}.`)
    this.problems = problems
  }
}

/**
 * One checker for everything that crosses between programs: {@link check}, not a second validation library. What comes in a URL
 * is text, and converted first.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const inUrl = httpPart === 'querystring' || httpPart === 'params'
  return (input) => {
    const checked = check(schema, inUrl ? Value.Convert(schema, structuredClone(input)) : input)
    return checked.ok
      ? { value: checked.value }
      : { error: new InvalidRequest(httpPart ?? 'request', checked.problems) }
  }
}
