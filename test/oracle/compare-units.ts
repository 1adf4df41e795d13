export type UnitComparison = {
  /** How many frames of the second row came before the first common one; null when they have nothing in common. */
  offset: number | null
  compared: number
  /** Frames that one row has and the other lacks, or has otherwise, within the stretch that both cover. */
  breaks: { atUnit: number; missing: number; extra: number }[]
}

/** How far a break may reach: a minute of frames. */
const SEARCH_FRAMES = 2800
/** So many equal frames in a row make sure that it is the same place: an encoder on a steady tone repeats itself after a few. */
const ANCHOR_FRAMES = 16

/**
 * Lays a row of access units (an endless stream) along another that is taken for the truth (the frames of the HLS segments of the same
 * time), and tells where it leaves it: `missing` frames were left out, `extra` ones were put in or repeated.
 */
export function compareUnits(row: readonly Uint8Array[], truth: readonly Uint8Array[]): UnitComparison {
  const keys = row.map(keyOf)
  const truthKeys = truth.map(keyOf)
  const start = firstMeeting(keys, truthKeys)
  if (!start) return { offset: null, compared: 0, breaks: [] }
  const breaks: UnitComparison['breaks'] = []
  let [at, truthAt] = start
  let compared = 0
  while (at < keys.length && truthAt < truthKeys.length) {
    if (keys[at] === truthKeys[truthAt]) {
      compared += 1
      at += 1
      truthAt += 1
      continue
    }
    const next = meetAgain(keys, truthKeys, at, truthAt)
    breaks.push({ atUnit: at, missing: next.truthAt - truthAt, extra: next.at - at })
    at = next.at
    truthAt = next.truthAt
  }
  return { offset: start[1] - start[0], compared, breaks }
}

const keyOf = (unit: Uint8Array): string => Buffer.from(unit.buffer, unit.byteOffset, unit.length).toString('latin1')

const isAnchor = (a: readonly string[], b: readonly string[], at: number, bAt: number): boolean => {
  const length = Math.min(ANCHOR_FRAMES, a.length - at, b.length - bAt)
  for (let i = 0; i < length; i++) if (a[at + i] !== b[bAt + i]) return false
  return length > 0
}

/** The first frame that is but once in either row: what repeats itself could be laid along a wrong place. */
function firstMeeting(keys: readonly string[], truth: readonly string[]): [number, number] | null {
  const own = onlyPlaces(keys)
  const places = onlyPlaces(truth)
  for (let at = 0; at < keys.length; at++) {
    const truthAt = places.get(keys[at]!) ?? -1
    if (truthAt >= 0 && own.get(keys[at]!) === at && isAnchor(keys, truth, at, truthAt)) {
      // Steady sound before it is the same too, as far back as both rows reach.
      let back = 0
      while (at > back && truthAt > back && keys[at - back - 1] === truth[truthAt - back - 1]) back += 1
      return [at - back, truthAt - back]
    }
  }
  return null
}

/** Where each frame is; -1 for those that are in several places. */
function onlyPlaces(keys: readonly string[]): Map<string, number> {
  const places = new Map<string, number>()
  for (const [at, key] of keys.entries()) places.set(key, places.has(key) ? -1 : at)
  return places
}

/** The nearest place at which both rows go on alike: the fewest frames skipped in the two together. */
function meetAgain(keys: readonly string[], truth: readonly string[], at: number, truthAt: number) {
  for (let skipped = 1; skipped < SEARCH_FRAMES; skipped++)
    for (let extra = 0; extra <= skipped; extra++) {
      const next = { at: at + extra, truthAt: truthAt + skipped - extra }
      if (next.at < keys.length && next.truthAt < truth.length && isAnchor(keys, truth, next.at, next.truthAt))
        return next
    }
  return { at: keys.length, truthAt: truth.length }
}
