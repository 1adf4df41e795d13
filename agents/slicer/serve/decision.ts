import { SEGMENT_SECONDS } from '../../../media/timeline.ts'

/** The listed segments, both included. */
export type Window = { oldest: number; newest: number }
export type Decision =
  | { answer: 'list'; window: Window; reason: string }
  /** `fault`: whether others have what is missing here (`node`), or nobody has (`station`). */
  | { answer: 'refuse'; fault: 'node' | 'station'; reason: string }

export type Situation = {
  rendition: string
  /** False until the whole window has been filled once. */
  hasJoined: boolean
  /** The newest segment that may be listed, by the push's own clock; null before the first frame. */
  edge: number | null
  /** The first segment whose frames were not given up. */
  firstSegment: number
  windowSegments: number
  isSealed(segment: number): boolean
  newestSealedBelow(segment: number): number | null
  /** Every source that can be reached was asked for the segment, and none had it. */
  isSoughtInVain(segment: number): boolean
  /** Monotonic, since the edge last advanced. */
  edgeAgeMs: number
  /** The newest segment that any other could list by its own frames; null: nobody could be asked. `askedAgoMs` null: never asked. */
  others: { askedAgoMs: number | null; newestListable: number | null }
}

/** 1.5 × the target duration: by then a player that polls has noticed. */
export const EDGE_AGE_MS_MAX = 1.5 * 4 * 1000
/** A live playlist holds at least three target durations (RFC 8216, 6.2.2): a station that has just begun answers none before. */
export const SEGMENTS_LISTED_MIN = 3
/** An older answer of the others says nothing about now. */
export const ASKED_AGO_MS_MAX = 3_000

/**
 * What a rendition's playlist answers. The rule: refuse when playout or a peer has frames that are lacking here; when the whole
 * station is late, go on listing what there is, since a few seconds of 503 end some players for good and an old list does not.
 */
export function decide(situation: Situation): Decision {
  const { rendition, edge, firstSegment, windowSegments, edgeAgeMs, others } = situation
  const wereAsked = others.askedAgoMs !== null && others.askedAgoMs <= ASKED_AGO_MS_MAX
  if (edge === null) {
    const isNowhere = wereAsked && others.newestListable === null
    return refuse(
      isNowhere ? 'station' : 'node',
      `no frame of ${rendition} has come yet, neither pushed nor from others`,
    )
  }
  if (!situation.hasJoined) {
    const oldest = Math.max(firstSegment, edge - windowSegments + 1)
    const wanted = Math.max(0, edge - oldest + 1)
    const sealed = count(oldest, edge, situation.isSealed)
    return refuse('node', `joining: ${sealed} of the window's ${wanted} segments of ${rendition} are here`)
  }
  if (edge < firstSegment)
    return listUpTo(situation, firstSegment, `waiting for segment ${firstSegment}: what was before it is given up`)
  if (edge < firstSegment + SEGMENTS_LISTED_MIN - 1 && situation.newestSealedBelow(firstSegment) === null)
    return refuse(
      'station',
      `the station has just begun: ${edge - firstSegment + 1} of ${SEGMENTS_LISTED_MIN} segments are made`,
    )
  const oldest = Math.max(firstSegment, edge - windowSegments + 1)
  const hole = firstHole(oldest, edge, situation.isSealed)
  if (hole !== null) {
    if (situation.isSoughtInVain(hole)) return listUpTo(situation, hole, `nobody has the whole of segment ${hole}`)
    return refuse('node', `segment ${hole} of ${rendition} is not whole here yet`)
  }
  const window = { oldest, newest: edge }
  if (edgeAgeMs <= EDGE_AGE_MS_MAX) return { answer: 'list', window, reason: 'on time' }
  const age = `newest segment of ${rendition} is ${(edgeAgeMs / 1000).toFixed(1)} s old, limit ${EDGE_AGE_MS_MAX / 1000} s`
  if (!wereAsked) return refuse('node', `${age}, and the others have not been asked yet`)
  if (others.newestListable !== null && others.newestListable > edge)
    return refuse(
      'node',
      `${age}, while others are at segment ${others.newestListable}, ${behind(edge, others.newestListable)} ahead`,
    )
  return { answer: 'list', window, reason: `${age}: the whole station is late` }
}

/** Segments that stay fetchable beside the listed ones; those from before a jump of the timeline included. */
export function isFetchable(segment: number, edge: number, firstSegment: number, keptSegments: number): boolean {
  return segment <= edge && (segment > edge - keptSegments || segment < firstSegment)
}

function listUpTo(situation: Situation, end: number, reason: string): Decision {
  const newest = situation.newestSealedBelow(end)
  if (newest === null) return refuse('station', `${reason}, and nothing of ${situation.rendition} is held from before`)
  let oldest = newest
  while (newest - oldest + 1 < situation.windowSegments && situation.isSealed(oldest - 1)) oldest -= 1
  return { answer: 'list', window: { oldest, newest }, reason }
}

const refuse = (fault: 'node' | 'station', reason: string): Decision => ({ answer: 'refuse', fault, reason })

const behind = (edge: number, other: number): string => `${((other - edge) * SEGMENT_SECONDS).toFixed(0)} s`

function firstHole(oldest: number, newest: number, isSealed: (segment: number) => boolean): number | null {
  for (let segment = oldest; segment <= newest; segment += 1) if (!isSealed(segment)) return segment
  return null
}

function count(oldest: number, newest: number, isSealed: (segment: number) => boolean): number {
  let sealed = 0
  for (let segment = oldest; segment <= newest; segment += 1) if (isSealed(segment)) sealed += 1
  return sealed
}
