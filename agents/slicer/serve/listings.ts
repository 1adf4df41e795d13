import { newestListableSegment, segmentOfFrame } from '../../../media/timeline.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Filler } from '../fill/filler.ts'
import type { Sources } from '../fill/sources.ts'
import type { RenditionStore } from '../store/rendition-store.ts'
import type { StationStore } from '../store/station-store.ts'
import { type Decision, decide, isFetchable } from './decision.ts'
import { alignedEdges } from './edges.ts'

/** Within a decision's age nothing but time may have changed it. */
const DECISION_AGE_MS_MAX = 100

export type Listings = {
  decisionOf(rendition: string): Decision
  /** The newest segment that may be listed; null before the first frame. */
  edgeOf(rendition: string): number | null
  /** Monotonic, since the edge last advanced. */
  edgeAgeMs(rendition: string): number
  isFetchable(rendition: string, segment: number): boolean
  /** Whether its frames were declared lost. */
  isGivenUp(segment: number): boolean
  hasJoined(rendition: string): boolean
  stop(): void
}

/** Follows the store: which segments each rendition lists now, and whether it may. */
export function createListings(
  store: StationStore,
  sources: Sources,
  filler: Pick<Filler, 'isSoughtInVain'>,
  clock: Clock,
): Listings {
  let edges = new Map<string, number>()
  const edgeSinceMs = new Map<string, number>()
  const seen = new Map<string, number>()
  const joined = new Set<string>()
  const decided = new Map<string, { atMs: number; decision: Decision }>()

  function follow(id: string): void {
    decided.delete(id)
    const newest = store.rendition(id)?.newestFrame ?? null
    if (newest === null || seen.get(id) === newestListableSegment(newest)) return
    seen.set(id, newestListableSegment(newest))
    const frames = new Map(store.all().map(({ rendition, newestFrame }) => [rendition.id, newestFrame] as const))
    const next = alignedEdges(frames, edges)
    for (const [rendition, edge] of next) {
      if (edges.get(rendition) === edge) continue
      edgeSinceMs.set(rendition, clock.monotonicMs())
      decided.delete(rendition)
    }
    edges = next
  }
  const stopListening = store.listen(follow)

  /** A rendition has joined once all that it must keep is here, or is nowhere to be had; it stays so. */
  function hasJoined(rendition: RenditionStore, edge: number, firstSegment: number): boolean {
    const { id } = rendition.rendition
    if (joined.has(id)) return true
    const { windowSegments, keptSegments } = store.station!
    const listed = Math.max(firstSegment, edge - windowSegments + 1)
    for (let segment = edge; segment >= Math.max(firstSegment, edge - keptSegments + 1); segment -= 1) {
      if (rendition.isSealed(segment)) continue
      if (segment >= listed || !filler.isSoughtInVain(id, segment)) return false
    }
    if (edge < firstSegment) return false
    joined.add(id)
    return true
  }

  function decideNow(id: string): Decision {
    const rendition = store.rendition(id)
    const edge = edges.get(id) ?? null
    const firstSegment = segmentOfFrame(store.firstAvailableFrame)
    // Theirs are aligned as ours are: one rendition that is dead at its source puts nobody ahead.
    const theirs = new Map(
      store.all().map(({ rendition }) => [rendition.id, sources.newestFrame(rendition.id)] as const),
    )
    return decide({
      rendition: id,
      hasJoined: rendition !== undefined && edge !== null && hasJoined(rendition, edge, firstSegment),
      edge,
      firstSegment,
      windowSegments: store.station?.windowSegments ?? 0,
      isSealed: (segment) => rendition?.isSealed(segment) ?? false,
      newestSealedBelow: (segment) => rendition?.newestSealedBelow(segment) ?? null,
      isSoughtInVain: (segment) => filler.isSoughtInVain(id, segment),
      edgeAgeMs: edgeAgeMs(id),
      others: {
        askedAgoMs: sources.askedAgoMs(),
        newestListable: alignedEdges(theirs, new Map()).get(id) ?? null,
      },
    })
  }

  function edgeAgeMs(id: string): number {
    const since = edgeSinceMs.get(id)
    return since === undefined ? 0 : clock.monotonicMs() - since
  }

  return {
    decisionOf(id) {
      const nowMs = clock.monotonicMs()
      const known = decided.get(id)
      if (known && nowMs - known.atMs <= DECISION_AGE_MS_MAX) return known.decision
      const decision = decideNow(id)
      decided.set(id, { atMs: nowMs, decision })
      return decision
    },
    edgeOf: (id) => edges.get(id) ?? null,
    edgeAgeMs,
    isFetchable(id, segment) {
      const edge = edges.get(id)
      const kept = store.station?.keptSegments ?? 0
      return edge !== undefined && isFetchable(segment, edge, segmentOfFrame(store.firstAvailableFrame), kept)
    },
    isGivenUp: (segment) => segment < segmentOfFrame(store.firstAvailableFrame),
    hasJoined: (id) => joined.has(id),
    stop: stopListening,
  }
}
