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
 * What to show as being on. The control center's answer counts as long as it covers the position and the stream itself has not
 * announced something newer: the stream's own titles come at once, and when the control center is away.
 */
export function shownNow(told: NowPlaying | null, timed: TimedTitle | null, positionMs: number | null): Shown | null {
  const item = told?.now ?? null
  const isCovering = item !== null && (positionMs === null || positionMs < item.endsAtMs + POSITION_STEP_MS)
  const agrees = item !== null && timed !== null && timed.title === item.title && timed.artist === item.artist
  const isTimedNewer =
    timed !== null && !agrees && (item === null || !isCovering || (timed.heardAtMs ?? 0) > item.startedAtMs + 1_000)
  if (isTimedNewer && positionMs !== null) {
    // The item that was said to come next has begun: its times are known already.
    const next = told?.next ?? null
    const begun = next !== null && next.title === timed.title && next.artist === timed.artist ? next : null
    return {
      title: timed.title,
      artist: timed.artist,
      show: begun?.show ?? null,
      kind: begun?.kind ?? 'music',
      item: begun,
    }
  }
  if (item === null || !isCovering) return null
  return { title: item.title, artist: item.artist, show: item.show ?? null, kind: item.kind, item }
}
