/** An item as the control center tells it. Instants are milliseconds since the epoch, on the stream's own clock. */
export type HeardItem = {
  itemId: string
  title: string
  artist: string
  kind: string
  show?: string
  startedAtMs: number
  endsAtMs: number
}

export type NowPlaying = {
  atMs: number
  nowMs: number
  now: HeardItem | null
  next: HeardItem | null
  recent: HeardItem[]
}

/** A title that came within the stream itself, at the moment that it was heard. */
export type TimedTitle = { title: string; artist: string; heardAtMs: number | null }

/** Listeners share answers by asking for the same instants. */
const POSITION_STEP_MS = 4_000
/** A title is announced in the middle of a crossfade, at most so much after the item's own start that both mean the same change. */
const TITLE_LATE_MS = 1_000

/** What is on at a position of the stream, or at the studio (null). Rejects when the control center can't be asked. */
export async function fetchNowPlaying(positionMs: number | null): Promise<NowPlaying> {
  const at = positionMs === null ? '' : `?at=${Math.floor(positionMs / POSITION_STEP_MS) * POSITION_STEP_MS}`
  const answer = await fetch(`api/now-playing${at}`, { signal: AbortSignal.timeout(5_000) })
  if (!answer.ok) throw new Error(`now playing: ${answer.status}`)
  return (await answer.json()) as NowPlaying
}

/** Whether another answer is due at this position. */
export const isOtherStep = (oneMs: number | null, otherMs: number | null): boolean =>
  oneMs === null || otherMs === null
    ? oneMs !== otherMs
    : Math.floor(oneMs / POSITION_STEP_MS) !== Math.floor(otherMs / POSITION_STEP_MS)

export type Shown = { title: string; artist: string; show: string | null; kind: string; item: HeardItem | null }

/**
 * What to show as being on. The control center's answer counts where it covers the position and the stream itself has not
 * announced something newer: the stream's own titles come at once, and when the control center is away.
 */
export function shownNow(told: NowPlaying | null, timed: TimedTitle | null, positionMs: number | null): Shown | null {
  const item = told === null ? null : itemAt(told, positionMs)
  const isSame = (one: HeardItem | null): boolean =>
    one !== null && timed !== null && one.title === timed.title && one.artist === timed.artist
  // While somebody is live, a new title is theirs and no new item.
  if (timed !== null && item?.kind === 'live' && timed.artist === item.artist && positionMs !== null)
    return { title: timed.title, artist: item.artist, show: item.show ?? null, kind: 'live', item }
  const isNewer = item === null || (timed?.heardAtMs ?? 0) > item.startedAtMs + TITLE_LATE_MS
  if (timed !== null && positionMs !== null && !isSame(item) && isNewer) {
    // When it is what was said to come next, its times are known already.
    const begun = told !== null && isSame(told.next) ? told.next : null
    return {
      title: timed.title,
      artist: timed.artist,
      show: begun?.show ?? null,
      kind: begun?.kind ?? 'music',
      item: begun,
    }
  }
  return item && { title: item.title, artist: item.artist, show: item.show ?? null, kind: item.kind, item }
}

/** An answer may have been given for another position: for the studio's, before the listener pressed play. */
function itemAt(told: NowPlaying, positionMs: number | null): HeardItem | null {
  if (positionMs === null) return told.now
  const candidates = told.now === null ? told.recent : [told.now, ...told.recent]
  return candidates.find((item) => item.startedAtMs <= positionMs && positionMs < item.endsAtMs) ?? null
}
