import { newestListableSegment } from '../../../media/timeline.ts'

/** Renditions further behind than this are left to themselves, so that one whose encoder is dead does not hold up the others. */
const APART_SEGMENTS_MAX = 1

/**
 * The newest segment that each rendition may list, given the newest frame of each (null: none yet) and what each listed last.
 * Renditions list alike: the newest that all of them may list, so that a player that changes over finds its segment. An edge never goes back.
 */
export function alignedEdges(
  newestFrames: ReadonlyMap<string, number | null>,
  before: ReadonlyMap<string, number>,
): Map<string, number> {
  const own = new Map<string, number>()
  for (const [rendition, frame] of newestFrames)
    if (frame !== null) own.set(rendition, Math.max(0, newestListableSegment(frame)))
  const farthest = Math.max(...own.values())
  const together = [...own.values()].filter((segment) => segment >= farthest - APART_SEGMENTS_MAX)
  const aligned = Math.min(...together)
  const edges = new Map<string, number>()
  for (const [rendition, segment] of own)
    edges.set(
      rendition,
      Math.max(Math.min(segment, Math.max(aligned, before.get(rendition) ?? 0)), before.get(rendition) ?? 0),
    )
  return edges
}
