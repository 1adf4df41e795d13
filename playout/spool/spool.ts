import { join } from 'node:path'
import { FRAMES_PER_BUNDLE_MAX, type FrameBundle } from '../../media/frame-bundle.ts'
import { FRAMES_PER_SEGMENT, firstFrameOfSegment, segmentOfFrame } from '../../media/timeline.ts'
import { check } from '../../schemas/check.ts'
import { SegmentMarker } from '../../schemas/markers.ts'
import { limits } from '../limits.ts'
import { RingFile } from './ring-file.ts'

const UNIT_BYTES_MAX = 1_600
const MARKER_BYTES_MAX = 16_000
/** Frames in memory, for the targets and for most backfills: 22 s. */
const RECENT_FRAMES = 1_024
/** A spool that could not be opened is tried again after so many frames: 10 s. */
const FRAMES_TO_NEXT_OPENING = 470

/**
 * One rendition's row of frames: on disk before any socket sees it. The newest frames and markers are in memory too: when the disk
 * fails, an operator hears of it, and listeners don't. A disk that comes back is taken into use again.
 */
export class Spool {
  private disk: { frames: RingFile; markers: RingFile } | null = null
  private readonly open: () => { frames: RingFile; markers: RingFile }
  private readonly recent: { frame: number; unit: Uint8Array }[] = []
  private readonly recentMarkers: SegmentMarker[] = []
  private newestFrameNumber: number | null = null
  private readonly failures = new Map<'read' | 'write', string>()
  private readonly onDisk: (failure: string | null) => void

  /** `onDisk` is told when the disk begins to fail, with the reason, and with null when it works again. */
  constructor(directory: string, rendition: string, onDisk: (failure: string | null) => void) {
    this.onDisk = onDisk
    this.open = () => {
      const frames = new RingFile(join(directory, `${rendition}.frames`), limits.spoolFrames, UNIT_BYTES_MAX)
      try {
        const markers = new RingFile(join(directory, `${rendition}.markers`), limits.spoolMarkers, MARKER_BYTES_MAX)
        return { frames, markers }
      } catch (error) {
        frames.close()
        throw error
      }
    }
    this.write(() => {
      this.disk = this.open()
    })
    this.newestFrameNumber = this.read(() => this.disk?.frames.newest())
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
    const opens = !this.disk && frame % FRAMES_TO_NEXT_OPENING === 0
    this.write(() => {
      if (opens) this.disk = this.open()
      this.disk?.frames.put(frame, unit)
    })
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
    return this.read(() => this.disk?.frames.get(frame))
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
    this.recentMarkers[marker.segment % limits.spoolMarkers] = marker
    this.write(() => this.disk?.markers.put(marker.segment, Buffer.from(JSON.stringify(marker), 'utf8')))
  }

  marker(segment: number): SegmentMarker | null {
    const held = this.recentMarkers[segment % limits.spoolMarkers]
    if (held?.segment === segment) return held
    const bytes = this.read(() => this.disk?.markers.get(segment))
    if (!bytes) return null
    // One of another version of this program may not fit; it is as good as gone.
    const checked = check(SegmentMarker, JSON.parse(bytes.toString('utf8')))
    return checked.ok ? checked.value : null
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
    this.disk?.frames.close()
    this.disk?.markers.close()
    this.disk = null
  }

  private read<T>(work: () => T | null | undefined): T | null {
    return this.watched('read', work) ?? null
  }

  private write(work: () => void): void {
    this.watched('write', work)
  }

  private watched<T>(kind: 'read' | 'write', work: () => T): T | null {
    let failure: string | null = null
    let result: T | null = null
    try {
      result = work()
    } catch (error) {
      failure = (error as Error).message
    }
    this.note(kind, failure)
    return result
  }

  /** Nothing is heard of a success as long as there is no disk at all. */
  private note(kind: 'read' | 'write', failure: string | null): void {
    if (failure === null && !this.disk) return
    const before = this.failures.get(kind) ?? null
    if (failure === before) return
    if (failure === null) this.failures.delete(kind)
    else this.failures.set(kind, failure)
    if (failure !== null || this.failures.size === 0) this.onDisk(failure)
  }
}
