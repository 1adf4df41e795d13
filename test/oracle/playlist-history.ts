export type ListedSegment = {
  sequence: number
  url: string
  durationMs: number
  programDateTimeMs: number | null
  discontinuity: boolean
  /** EXT-X-GAP stands before it. */
  gap: boolean
  initUrl: string | null
}

export type PlaylistView = {
  targetDurationMs: number
  mediaSequence: number
  segments: ListedSegment[]
  ended: boolean
}

export type Anomaly = {
  kind:
    | 'uri-changed'
    | 'date-time-changed'
    | 'date-time-step'
    | 'duration-changed'
    | 'target-duration-changed'
    | 'window-too-short'
    | 'gap'
    | 'ended'
    | 'unreadable'
    | 'stale'
  atMs: number
  sentence: string
}

export type PlaylistReport = {
  loads: number
  /** EXT-X-DISCONTINUITY tags, each segment counted once. */
  discontinuities: number
  /** Loads whose media sequence, or newest segment, was lower than that of an earlier load. */
  sequenceRegressions: number
  anomalies: Anomaly[]
  /** For segments that came while listening: when each was first seen, less its end by its date-time. */
  latenessMs: { least: number; median: number; most: number } | null
  /** Longest time in which nothing new was listed. */
  longestUnchangedMs: number
}

export type PlaylistHistory = {
  add(view: PlaylistView, at: { monotonicMs: number; wallMs: number }): void
  /** Something other than a playlist was answered. */
  unreadable(sentence: string, monotonicMs: number): void
  report(): PlaylistReport
}

/** A live playlist may not list fewer (RFC 8216, 6.2.2: three target durations). */
const WINDOW_SEGMENTS_LEAST = 3
/** A step of the date-time that rounding to whole milliseconds does not explain. */
const DATE_TIME_TOLERANCE_MS = 2
/** A playlist must change within this many target durations (RFC 8216, 6.2.1 says 1.5; polling adds one half). */
const STALE_TARGET_DURATIONS = 2.5

/** Remembers what every load said, and notes where a load contradicts an earlier one. Anomalies of one segment are told once. */
export function createPlaylistHistory(): PlaylistHistory {
  const known = new Map<number, ListedSegment>()
  const told = new Set<string>()
  const anomalies: Anomaly[] = []
  const lateness: number[] = []
  let loads = 0
  let regressions = 0
  let discontinuities = 0
  let targetDurationMs: number | null = null
  let highestMediaSequence = -1
  let newest = -1
  let changedAtMs = 0
  let longestUnchangedMs = 0
  let staleTold = false

  const tell = (kind: Anomaly['kind'], atMs: number, key: string, sentence: string): void => {
    if (told.has(`${kind} ${key}`)) return
    told.add(`${kind} ${key}`)
    anomalies.push({ kind, atMs, sentence })
  }

  const addSegment = (segment: ListedSegment, at: { monotonicMs: number; wallMs: number }): void => {
    const { sequence } = segment
    const before = known.get(sequence)
    if (before) {
      compare(before, segment, at.monotonicMs)
      return
    }
    known.set(sequence, segment)
    if (segment.discontinuity) discontinuities += 1
    if (segment.gap) tell('gap', at.monotonicMs, `${sequence}`, `segment ${sequence} is marked as a gap`)
    const last = known.get(sequence - 1)
    if (segment.programDateTimeMs === null) return
    if (last && last.programDateTimeMs !== null && !segment.discontinuity) {
      const step = segment.programDateTimeMs - last.programDateTimeMs - last.durationMs
      if (Math.abs(step) > DATE_TIME_TOLERANCE_MS)
        tell(
          'date-time-step',
          at.monotonicMs,
          `${sequence}`,
          `the date-time of segment ${sequence} is ${Math.round(step)} ms off the end of the one before`,
        )
    }
    if (loads > 1 && sequence > newest) lateness.push(at.wallMs - segment.programDateTimeMs - segment.durationMs)
  }

  const compare = (before: ListedSegment, now: ListedSegment, atMs: number): void => {
    const { sequence } = now
    if (before.url !== now.url)
      tell('uri-changed', atMs, `${sequence}`, `segment ${sequence} was ${before.url}, now it is ${now.url}`)
    if (before.programDateTimeMs !== now.programDateTimeMs)
      tell(
        'date-time-changed',
        atMs,
        `${sequence}`,
        `the date-time of segment ${sequence} moved by ${(now.programDateTimeMs ?? 0) - (before.programDateTimeMs ?? 0)} ms`,
      )
    if (before.durationMs !== now.durationMs)
      tell(
        'duration-changed',
        atMs,
        `${sequence}`,
        `segment ${sequence} was ${before.durationMs} ms long, now ${now.durationMs} ms`,
      )
  }

  return {
    add(view, at) {
      loads += 1
      if (targetDurationMs !== null && targetDurationMs !== view.targetDurationMs)
        tell(
          'target-duration-changed',
          at.monotonicMs,
          `${view.targetDurationMs}`,
          `the target duration was ${targetDurationMs} ms, now it is ${view.targetDurationMs} ms`,
        )
      targetDurationMs = view.targetDurationMs
      if (view.segments.length < WINDOW_SEGMENTS_LEAST)
        tell(
          'window-too-short',
          at.monotonicMs,
          `${view.segments.length}`,
          `only ${view.segments.length} segments are listed`,
        )
      if (view.ended) tell('ended', at.monotonicMs, '', 'the playlist says that the stream has ended')
      const newestNow = view.segments.at(-1)?.sequence ?? view.mediaSequence - 1
      if (view.mediaSequence < highestMediaSequence || newestNow < newest) regressions += 1
      highestMediaSequence = Math.max(highestMediaSequence, view.mediaSequence)
      for (const segment of view.segments) addSegment(segment, at)
      if (loads === 1 || newestNow > newest) {
        if (loads > 1) longestUnchangedMs = Math.max(longestUnchangedMs, at.monotonicMs - changedAtMs)
        changedAtMs = at.monotonicMs
        staleTold = false
      } else {
        const unchangedMs = at.monotonicMs - changedAtMs
        longestUnchangedMs = Math.max(longestUnchangedMs, unchangedMs)
        if (unchangedMs > STALE_TARGET_DURATIONS * view.targetDurationMs && !staleTold) {
          staleTold = true
          tell(
            'stale',
            at.monotonicMs,
            `${newest}`,
            `nothing new after segment ${newest} for ${(unchangedMs / 1000).toFixed(1)} s`,
          )
        }
      }
      newest = Math.max(newest, newestNow)
    },
    unreadable(sentence, monotonicMs) {
      tell('unreadable', monotonicMs, sentence, sentence)
    },
    report() {
      const sorted = lateness.toSorted((a, b) => a - b)
      return {
        loads,
        discontinuities,
        sequenceRegressions: regressions,
        anomalies,
        latenessMs: sorted.length
          ? { least: sorted[0]!, median: sorted[sorted.length >> 1]!, most: sorted.at(-1)! }
          : null,
        longestUnchangedMs,
      }
    },
  }
}
