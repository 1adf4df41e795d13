import type { SegmentMarker, StationInfo } from '../../../schemas/markers.ts'
import { RenditionStore } from './rendition-store.ts'

/** What a change was, for those who wait for it. */
export type StoreListener = (rendition: string) => void

/** All that the slicer knows of the station: what travels in-band, and the frames. */
export class StationStore {
  station: StationInfo | null = null
  /** The highest of playout that was seen. */
  generation = 0
  /** Frames before this one do not exist, or were given up. */
  firstAvailableFrame = 0
  private readonly renditions = new Map<string, RenditionStore>()
  private readonly listeners = new Set<StoreListener>()

  /** What the push said replaces what the briefing said; renditions that are gone are dropped with their frames. */
  describe(station: StationInfo): void {
    if (JSON.stringify(station) === JSON.stringify(this.station)) return
    const wasKept = this.station?.keptSegments
    this.station = station
    for (const id of this.renditions.keys())
      if (wasKept !== station.keptSegments || !station.renditions.some((rendition) => rendition.id === id))
        this.renditions.delete(id)
    for (const rendition of station.renditions)
      if (!this.renditions.has(rendition.id))
        this.renditions.set(rendition.id, new RenditionStore(rendition, station.keptSegments))
  }

  learn(generation: number, firstAvailableFrame: number): void {
    this.generation = Math.max(this.generation, generation)
    this.firstAvailableFrame = Math.max(this.firstAvailableFrame, firstAvailableFrame)
  }

  rendition(id: string): RenditionStore | undefined {
    return this.renditions.get(id)
  }

  all(): RenditionStore[] {
    return [...this.renditions.values()]
  }

  put(rendition: string, frame: number, unit: Uint8Array): boolean {
    if (!this.renditions.get(rendition)?.put(frame, unit)) return false
    this.tell(rendition)
    return true
  }

  mark(marker: SegmentMarker): void {
    this.renditions.get(marker.rendition)?.mark(marker)
    this.tell(marker.rendition)
  }

  replace(marker: SegmentMarker, units: readonly Uint8Array[]): boolean {
    const isTaken = this.renditions.get(marker.rendition)?.replace(marker, units) ?? false
    if (isTaken) this.tell(marker.rendition)
    return isTaken
  }

  /** Calls after each frame or marker that was taken; the answer ends it. */
  listen(listener: StoreListener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private tell(rendition: string): void {
    for (const listener of this.listeners) listener(rendition)
  }
}
