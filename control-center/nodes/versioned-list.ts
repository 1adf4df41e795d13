import { createHash } from 'node:crypto'

/** A version that belongs to a content: the same content keeps its version, over restarts too. */
export type ContentVersion = { version: number; fingerprint: string }

export const fingerprintOf = (content: unknown): string =>
  createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32)

/**
 * The version for a content: unchanged when the content is, otherwise above every version used before. Unix seconds are
 * the floor, so that versions rise even when all that was stored is lost.
 *
 * @param seenVersion the highest version that the receiver is known to hold
 */
export function versionFor(
  content: unknown,
  stored: ContentVersion | null,
  seenVersion: number,
  nowMs: number,
): ContentVersion {
  const fingerprint = fingerprintOf(content)
  if (stored && stored.fingerprint === fingerprint && stored.version >= seenVersion) return stored
  return { fingerprint, version: Math.max(stored?.version ?? 0, seenVersion, Math.floor(nowMs / 1000)) + 1 }
}
