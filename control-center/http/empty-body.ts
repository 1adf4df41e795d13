import type { FastifyRequest } from 'fastify'

/** For routes whose body has a default for each of its fields: then none at all will do. A `preValidation` hook. */
export async function emptyBody(request: FastifyRequest): Promise<void> {
  request.body ??= {}
}
