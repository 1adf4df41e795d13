import type { Programme } from '../../schemas/station.ts'

/** Where an item of the rundown comes from; the first part of its id. */
export const ROTATION = 'rotation'
export const JINGLES = 'jingles'
export const FILLER = 'filler'

/** The origins of a programme's shows and fixed items, in the order of the station file: names that survive a re-plan. */
export function originsOf(programme: Programme): { shows: string[]; fixed: string[] } {
  return {
    shows: distinct(programme.shows.map(({ name }) => `show-${slugOf(name)}`)),
    fixed: distinct(programme.fixed.map(({ name }) => `at-${slugOf(name)}`)),
  }
}

const slugOf = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-')

function distinct(names: readonly string[]): string[] {
  const seen = new Map<string, number>()
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return count === 1 ? name : `${name}~${count}`
  })
}

export type ItemName = { origin: string; occurrenceMs: number; index: number }

/** An item's id: stable across re-plans, since origin, occurrence, place within it and path are. */
export const itemId = ({ origin, occurrenceMs, index }: ItemName, path: string): string =>
  `${origin}.${occurrenceMs}.${index}.${hashOf(path).toString(36)}`

export function readItemId(id: string): ItemName | null {
  const [origin, occurrence, index] = id.split('.')
  const occurrenceMs = Number(occurrence)
  if (!origin || !Number.isSafeInteger(occurrenceMs) || !Number.isSafeInteger(Number(index))) return null
  return { origin, occurrenceMs, index: Number(index) }
}

/** FNV-1a over UTF-16 units with a final mix (murmur3's), 32 bits: for shuffling and names, not for secrets. */
export function hashOf(text: string, seed = 0): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
