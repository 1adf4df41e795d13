import type {} from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'

export const SESSION_COOKIE = 'airtight-session'

/**
 * Hands the session to the browser. Strict is no hindrance to links from elsewhere: our pages come without a session, and ask for what they show
 * themselves, from their own address then.
 */
export function giveSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
  maxAgeSeconds: number,
): void {
  reply.setCookie(SESSION_COOKIE, token, { ...attributesFor(request), maxAge: maxAgeSeconds })
}

export function takeSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(SESSION_COOKIE, attributesFor(request))
}

const attributesFor = (request: FastifyRequest) =>
  ({ path: '/', httpOnly: true, sameSite: 'strict', secure: request.protocol === 'https' }) as const
