import type { FastifyRequest } from 'fastify'
import { callerOf, credentialSha256, isSameSecret } from '../../platform/credentials.ts'
import type { LiveGrant } from '../../schemas/live.ts'
import type { Peer } from '../../schemas/nodes.ts'

/** Who gives an order: the control center, for any session, or the holder of a push key, for the sessions of that key. A node alone may read. */
export type LiveCaller = { may: 'all' } | { may: 'read' } | { may: 'key'; keyId: string }

/**
 * Null when the request proves nothing. A key's holder speaks through its ingest node (the node's credential and `x-airtight-key`), or
 * shows the push key itself (`Bearer push.<key>`): so an anchor can take the air with the control center dead.
 */
export function liveCallerOf(
  request: FastifyRequest,
  known: { controlToken: string; peers: readonly Peer[]; grants: readonly LiveGrant[] },
): LiveCaller | null {
  const { authorization } = request.headers
  const shown = /^Bearer (\S{1,1024})$/.exec(authorization ?? '')?.[1]
  if (shown === undefined) return null
  if (isSameSecret(shown, known.controlToken)) return { may: 'all' }
  if (shown.startsWith('push.')) return callerByKey(credentialSha256(shown.slice('push.'.length)), known.grants)
  const node = callerOf(authorization, known.peers)
  const keyId = request.headers['x-airtight-key']
  // It makes a recording of each session.
  if (node?.role === 'archive') return { may: 'read' }
  if (node?.role !== 'ingest') return null
  return typeof keyId === 'string' ? { may: 'key', keyId } : { may: 'read' }
}

/** All grants are compared, so that the time tells nothing of which one fits. */
function callerByKey(keySha256: string, grants: readonly LiveGrant[]): LiveCaller | null {
  const fitting = grants.filter((grant) => isSameSecret(keySha256, grant.keySha256 ?? ''))
  return fitting[0] ? { may: 'key', keyId: fitting[0].keyId } : null
}
