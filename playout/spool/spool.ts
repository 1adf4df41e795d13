import { join } from 'node:path'
import { FRAMES_PER_BUNDLE_MAX, type FrameBundle } from '../../media/frame-bundle.ts'
import { FRAMES_PER_SEGMENT, firstFrameOfSegment, segmentOfFrame } from '../../media/timeline.ts'
import { parse } from '../../schemas/check.ts'
import { SegmentMarker } from '../../schemas/markers.ts'
import { limits } from '../limits.ts'
import { RingFile } from './ring-file.ts'

const UNIT_BYTES_MAX = 1_600
const MARKER_BYTES_MAX = 16_000
/** Frames in memory, for the targets and for most backfills: 22 s. */
const RECENT_FRAMES = 1_024

/**
 * One rendition's row of frames: on disk before any socket sees it. The newest frames are in memory too; an operator hears of a disk
 * that fails, listeners don't.
 */
export class Spool {
  private readonly frames: RingFile
  private readonly markers: RingFile
  private readonly recent: { frame: number; unit: Uint8Array }[] = []
  private newestFrameNumber: number | null
  private readonly onDiskError: (reason: string) => void

  /** Throws when the files can't be made. */
  constructor(directory: string, rendition: string, onDiskError: (reason: string) => void) {
    this.frames = new RingFile(join(directory, `${rendition}.frames`), limits.spoolFrames, UNIT_BYTES_MAX)
    this.markers = new RingFile(join(directory, `${rendition}.markers`), limits.spoolMarkers, MARKER_BYTES_MAX)
    this.newestFrameNumber = this.frames.newest()
    this.onDiskError = onDiskError
  }

  /** Null before the first frame ever. */
  get newestFrame(): number | null {
    return this.newestFrameNumber
  }

  /** Numbers never go back: a frame that is not newer than all others is refused with an Error. */
  append(frame: number, unit: Uint8Array): void {
    if (this.newestFrameNumber !== null && frame <= this.newestFrameNumber)
      throw new Error(`frame ${frame} came after frame ${this.newestFrameNumber}`)
    this.newestFrameNumber = frame
    this.recent[frame % RECENT_FRAMES] = { frame, unit }
    this.onDisk(() => this.frames.put(frame, unit))
  }

  unit(frame: number): Uint8Array | null {
    const held = this.recent[frame % RECENT_FRAMES]
    if (held?.frame === frame) return held.unit
    if (
      this.newestFrameNumber === null ||
      frame > this.newestFrameNumber ||
      frame <= this.newestFrameNumber - limits.spoolFrames
    )
      return null
    return this.onDisk(() => this.frames.get(frame)) ?? null
  }

  /** The units of a whole segment, or null when one of them is missing. */
  segmentUnits(segment: number): Uint8Array[] | null {
    const first = firstFrameOfSegment(segment)
    const units: Uint8Array[] = []
    for (let frame = first; frame < first + FRAMES_PER_SEGMENT; frame++) {
      const unit = this.unit(frame)
      if (!unit) return null
      units.push(unit)
    }
    return units
  }

  seal(marker: SegmentMarker): void {
    this.onDisk(() => this.markers.put(marker.segment, Buffer.from(JSON.stringify(marker), 'utf8')))
  }

  marker(segment: number): SegmentMarker | null {
    const bytes = this.onDisk(() => this.markers.get(segment))
    return bytes ? parse(SegmentMarker, JSON.parse(bytes.toString('utf8'))) : null
  }

  /** Frames [from, to), as many as one bundle takes, with the markers of the sealed segments that they touch. */
  bundle(from: number, to: number): FrameBundle {
    const end = Math.min(to, from + FRAMES_PER_BUNDLE_MAX, (this.newestFrameNumber ?? -1) + 1)
    const bundle: FrameBundle = { frames: [], markers: [] }
    for (let frame = from; frame < end; frame++) {
      const unit = this.unit(frame)
      if (unit) bundle.frames.push({ frame, unit })
    }
    if (bundle.frames.length === 0) return bundle
    for (let segment = segmentOfFrame(from); segment <= segmentOfFrame(end - 1); segment++) {
      const marker = this.marker(segment)
      if (marker) bundle.markers.push(marker)
    }
    return bundle
  }

  close(): void {
    this.frames.close()
    this.markers.close()
  }

  private onDisk<T>(work: () => T): T | null {
    try {
      return work()
    } catch (error) {
      this.onDiskError((error as Error).message)
      return null
    }
  }
}
