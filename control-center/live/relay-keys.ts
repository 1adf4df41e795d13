import { createHash } from 'node:crypto'
import type { Relay } from '../../schemas/station.ts'

/**
 * The key ids of the station file's relays, in its order: made of their names, so that they stay when addresses and times change.
 * Of relays with the same name each gets its own.
 */
export function relayKeyIds(relays: readonly Pick<Relay, 'name'>[]): string[] {
  const seen = new Map<string, number>()
  return relays.map(({ name }) => {
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    const slug = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 40)
    // Names in other scripts leave no letters, and two names may leave the same ones.
    const digest = createHash('sha256').update(`${name} ${count}`).digest('hex').slice(0, 8)
    return ['relay', ...(slug === '' ? [] : [slug]), digest].join('-')
  })
}
