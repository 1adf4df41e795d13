import {
  FRAMES_PER_SEGMENT,
  firstFrameOfSegment,
  frameAtMs,
  msOfSegment,
  segmentOfFrame,
} from '../../../media/timeline.ts'
import { limits } from '../limits.ts'

/** What of a past span can be had, or why nothing can: with the HTTP status and a sentence. */
export type CatchupAnswer = { first: number; last: number } | { status: 400 | 404 | 416; reason: string }

/**
 * Reads `from` and `to`: milliseconds since the epoch, or ISO 8601 with a zone. Null: not given; 'unreadable' otherwise.
 */
export function instantOf(text: string | null): number | null | 'unreadable' {
  if (text === null || text === '') return null
  if (/^\d{1,15}$/.test(text)) return Number(text)
  // A plus sign in a query is a blank to whoever decodes it.
  const iso = text.replace(/ (?=\d{2}:?\d{2}$)/, '+')
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/.test(iso)) return 'unreadable'
  const ms = Date.parse(iso)
  return Number.isNaN(ms) ? 'unreadable' : ms
}

/**
 * Which segments answer a wish for a past span: every one that holds some of it, limited to what there is and to a day.
 *
 * @param held oldest and newest segment that may be handed out; null when there is none
 */
export function decideCatchup(
  query: { from: string | null; to: string | null },
  held: { oldest: number; newest: number } | null,
): CatchupAnswer {
  const [fromMs, toMs] = [instantOf(query.from), instantOf(query.to)]
  if (fromMs === null)
    return { status: 400, reason: 'say from when: ?from=2026-03-01T20:00:00Z, or milliseconds since 1970' }
  if (fromMs === 'unreadable' || toMs === 'unreadable')
    return {
      status: 400,
      reason:
        'from and to are milliseconds since 1970, or times such as 2026-03-01T20:00:00Z or 2026-03-01T21:00:00+01:00',
    }
  if (toMs !== null && toMs <= fromMs) return { status: 400, reason: 'to must lie after from' }
  if (held === null) return { status: 404, reason: 'nothing of the air is kept yet' }
  const wantedFirst = segmentOfFrame(frameAtMs(fromMs))
  const wantedLast = toMs === null ? held.newest : segmentOfFrame(frameAtMs(toMs - 1))
  const first = Math.max(held.oldest, wantedFirst)
  const last = Math.min(held.newest, Math.max(wantedFirst, wantedLast), first + SEGMENTS_MAX - 1)
  if (first > last)
    return {
      status: 416,
      reason: `that time is not kept: there is ${timeOf(held.oldest)} to ${timeOf(held.newest + 1)}`,
    }
  return { first, last }
}

const SEGMENTS_MAX = segmentOfFrame(frameAtMs(limits.catchupMs)) + 1
const timeOf = (segment: number): string => new Date(Math.round(msOfSegment(segment))).toISOString()

/** The frames of whole segments. */
export const framesOfSegments = ({
  first,
  last,
}: {
  first: number
  last: number
}): { from: number; until: number } => ({
  from: firstFrameOfSegment(first),
  until: firstFrameOfSegment(last) + FRAMES_PER_SEGMENT,
})
