import type { ShownKey } from '../keys.ts'

/** The part of an RTMP request that names the key. */
export type PublishName = { application: string; stream: string; query: URLSearchParams }

export const APPLICATION = 'live'

/**
 * `live/<push key>`, `live/<anything>?key=<push key>`, or `live/<key id>?expires=<Unix seconds>&signature=<hex>`; the query may come behind
 * the application as well. Null when it is another application.
 */
export function shownKeyOf({ application, stream, query }: PublishName): ShownKey | null {
  if (application !== APPLICATION) return null
  const signature = query.get('signature')
  if (signature !== null) return { keyId: stream, expires: Number(query.get('expires')), signature }
  return { key: query.get('key') ?? stream }
}
