/** What the last probes of one slicer have shown. Times are monotonic milliseconds. */
export type Observation = {
  id: string
  /** When the last finished probe began; null before the first. */
  probedAtMs: number | null
  /** When that probe was over. */
  probeEndedAtMs: number | null
  /** Set while probes fail: when the first one of the row began, and in a sentence why the last one failed. */
  failing: { sinceMs: number; reason: string } | null
  /** The newest listed segment of each rendition. */
  newestSegment: Record<string, number>
  /** Newest first, a few of each rendition. */
  segments: SegmentSeen[]
}

export type SegmentSeen = {
  rendition: string
  segment: number
  /** Of the whole body. */
  sha256: string
  /** Of the frames alone, comparable with playout's marker; null when the body holds none. */
  framesSha256: string | null
}

export const SEGMENTS_REMEMBERED_MAX = 12

export const unobserved = (id: string): Observation => ({
  id,
  probedAtMs: null,
  probeEndedAtMs: null,
  failing: null,
  newestSegment: {},
  segments: [],
})

export type ProbeResult = {
  startedAtMs: number
  endedAtMs: number
  /** In a sentence; null when all went well. */
  failure: string | null
  newestSegment: Record<string, number>
  segments: SegmentSeen[]
}

/** The observation after one more probe. */
export function observed(before: Observation, probe: ProbeResult): Observation {
  const failing =
    probe.failure === null ? null : { sinceMs: before.failing?.sinceMs ?? probe.startedAtMs, reason: probe.failure }
  return {
    id: before.id,
    probedAtMs: probe.startedAtMs,
    probeEndedAtMs: probe.endedAtMs,
    failing,
    newestSegment: { ...before.newestSegment, ...probe.newestSegment },
    segments: [...probe.segments, ...before.segments].slice(0, SEGMENTS_REMEMBERED_MAX),
  }
}
