import type { LiveGrant } from '../../../schemas/live.ts'
import { grantOfKey } from '../keys.ts'
import { keyOfAuthorization } from './caller.ts'
import { type MetadataRequest, parseMetadataTarget } from './metadata-request.ts'
import type { RequestHead } from './request-head.ts'

/** What a request is about, once its key is known to be good; or what it is told. */
export type Verdict =
  | { is: 'source'; keyId: string }
  | { is: 'title'; keyId: string; title: string }
  | { is: 'question'; status: number; reason: string }
  | { is: 'stranger'; reason: string }

/** Decides by a request's head alone. Mount points are all the same: the key says whose place it is. */
export function verdictOn(head: RequestHead, grants: readonly LiveGrant[], wallMs: number): Verdict {
  const { method, target, headers } = head
  const metadata: MetadataRequest | null = method === 'GET' ? parseMetadataTarget(target) : null
  if (method === 'OPTIONS') return { is: 'question', status: 200, reason: 'OK' }
  if (method !== 'SOURCE' && method !== 'PUT' && !metadata)
    return { is: 'question', status: method === 'GET' ? 404 : 405, reason: 'Here is nothing but a place for sources' }
  const key = keyOfAuthorization(headers.get('authorization'))
  if (!key) return { is: 'stranger', reason: 'Authentication required: give the push key as the password' }
  const checked = grantOfKey(grants, key, wallMs)
  if ('refuse' in checked) return { is: 'stranger', reason: checked.refuse }
  const { keyId } = checked.grant
  return metadata ? { is: 'title', keyId, title: metadata.title } : { is: 'source', keyId }
}
