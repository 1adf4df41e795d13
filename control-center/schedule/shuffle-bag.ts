import type { Playable } from '../../schemas/rundown.ts'
import { hashOf } from './origins.ts'

/**
 * A shuffled source: cycle after cycle, each file once. A file's place in a cycle is a hash of the station, the source, the cycle and
 * its path, so that a re-plan comes to the same order, and a file that is added or removed moves no other one.
 */
export type BagState = {
  cycle: number
  /** The place of the last file drawn in this cycle; -1 before the first. */
  drawn: number
  /** Files of this cycle that were passed over, oldest first: their turn is next. */
  passedOver: string[]
}

export const freshBag: BagState = { cycle: 0, drawn: -1, passedOver: [] }

type Placed = { playable: Playable; place: number }

/** The files of a source in the order of a cycle. Made once a cycle; everything else is lookups. */
export type BagOrder = { cycle: number; placed: readonly Placed[]; byPath: ReadonlyMap<string, Placed> }

export function orderOfCycle(playables: readonly Playable[], seedText: string, cycle: number): BagOrder {
  const seed = hashOf(`${seedText} ${cycle}`)
  const byPath = new Map<string, Placed>()
  for (const playable of playables) byPath.set(playable.path, { playable, place: placeOf(playable.path, seed) })
  const placed = [...byPath.values()].sort((a, b) => a.place - b.place || (a.playable.path < b.playable.path ? -1 : 1))
  return { cycle, placed, byPath }
}

/** 53 bits out of two hashes, so that no two files of a large library share a place. */
const placeOf = (path: string, seed: number): number =>
  hashOf(path, seed) * 0x20_0000 + (hashOf(path, seed ^ 0x9e3779b9) >>> 11)

/** What may be drawn now, first come first: the passed over, then the next of the cycle. Empty when the cycle is over. */
export function candidatesOf(state: BagState, order: BagOrder, countMax: number): Playable[] {
  const candidates: Playable[] = []
  for (const path of state.passedOver) {
    const known = order.byPath.get(path)
    if (known) candidates.push(known.playable)
  }
  for (let at = firstAfter(order, state.drawn); at < order.placed.length && candidates.length < countMax; at++)
    candidates.push(order.placed[at]!.playable)
  return candidates.slice(0, countMax)
}

/** The next cycle begins; what is left of this one is played early in it. */
export const nextCycle = (state: BagState, left: string[]): BagState => ({
  cycle: state.cycle + 1,
  drawn: -1,
  passedOver: left,
})

/** Whether a file is still to be drawn in this cycle. */
export const isLeft = (state: BagState, order: BagOrder, path: string): boolean =>
  (order.byPath.get(path)?.place ?? -1) > state.drawn || state.passedOver.includes(path)

/** The state after a file was drawn: those before it in the cycle become passed over. */
export function afterDrawing(state: BagState, order: BagOrder, path: string): BagState {
  if (state.passedOver.includes(path))
    return { ...state, passedOver: state.passedOver.filter((other) => other !== path) }
  const known = order.byPath.get(path)
  if (!known || known.place <= state.drawn) return state
  const passedOver = [...state.passedOver]
  for (let at = firstAfter(order, state.drawn); order.placed[at]!.playable.path !== path; at++)
    passedOver.push(order.placed[at]!.playable.path)
  return { cycle: state.cycle, drawn: known.place, passedOver }
}

function firstAfter({ placed }: BagOrder, place: number): number {
  let low = 0
  let high = placed.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (placed[middle]!.place <= place) low = middle + 1
    else high = middle
  }
  return low
}
