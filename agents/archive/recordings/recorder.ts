import { randomBytes } from 'node:crypto'
import {
  FRAMES_PER_SEGMENT,
  firstFrameOfSegment,
  frameAtMs,
  msOfFrame,
  segmentOfFrame,
} from '../../../media/timeline.ts'
import type { Logger } from '../../../platform/log.ts'
import type { AirStore } from '../air/air-store.ts'
import type { Disk } from '../air/disk.ts'
import { limits } from '../limits.ts'
import type { RecordingStore, StoredRecording } from './recording-store.ts'
import { framesMax, isOverlong, silenceReason } from './sentences.ts'

/** Segments that one recording copies at a time, so that a long one does not hold up everything else. */
const SEGMENTS_PER_TURN = 40

export type RecorderParts = {
  store: RecordingStore
  air: AirStore
  disk: Disk
  isBeyondReach(rendition: string, segment: number): boolean
  /** Told when a recording is finished. */
  finished(recording: StoredRecording): void
  log: Logger
}

/** Copies the frames of each running recording out of the rolling hours, as they come, until its last one. */
export class Recorder {
  readonly #parts: RecorderParts
  readonly #cursors = new Map<string, number>()

  constructor(parts: RecorderParts) {
    this.#parts = parts
  }

  /** Begins a recording; frames that have been are copied, those to come awaited. Throws the file system's error. */
  begin(wanted: Pick<StoredRecording, 'title' | 'fromFrame' | 'untilFrame' | 'rendition'> & Partial<StoredRecording>) {
    const recording: StoredRecording = {
      id: idOf(wanted.fromFrame),
      sessionId: null,
      anchorId: null,
      anchorName: '',
      silentFrames: 0,
      m4aBytes: null,
      published: false,
      state: 'recording',
      reason: 'It is being recorded.',
      ...wanted,
    }
    this.#parts.store.save(recording)
    this.#parts.log.info({ id: recording.id, sessionId: recording.sessionId }, 'a recording begins')
    return recording
  }

  /** Sets a running recording's end. Throws the file system's error. */
  end(recording: StoredRecording, untilFrame: number): StoredRecording {
    const ended = { ...recording, untilFrame: Math.max(recording.fromFrame + 1, untilFrame) }
    this.#parts.store.save(ended)
    return ended
  }

  /** Copies what has come. Never throws: a disk that fails is told of, and tried again. */
  round(): void {
    const { store, disk } = this.#parts
    for (const recording of store.all()) {
      if (recording.state !== 'recording' || disk.alarm() !== null) continue
      try {
        this.#copy(recording)
      } catch (error) {
        disk.failed(error as Error)
      }
    }
  }

  /** So much of a recording has been copied, or given up. */
  heldUntil(recording: StoredRecording): number {
    if (recording.state !== 'recording') return recording.untilFrame ?? recording.fromFrame
    const cursor = this.#cursors.get(recording.id)
    const held = cursor === undefined ? recording.fromFrame : firstFrameOfSegment(cursor)
    return Math.max(recording.fromFrame, Math.min(held, recording.untilFrame ?? Number.POSITIVE_INFINITY))
  }

  #copy(recording: StoredRecording) {
    const { store, air, disk, isBeyondReach } = this.#parts
    const { id, rendition, fromFrame } = recording
    const until = Math.min(recording.untilFrame ?? Number.POSITIVE_INFINITY, fromFrame + framesMax(limits.recordingMs))
    let segment = this.#cursors.get(id) ?? segmentOfFrame(fromFrame)
    for (const stop = segment + SEGMENTS_PER_TURN; segment < stop; segment += 1) {
      this.#cursors.set(id, segment)
      if (firstFrameOfSegment(segment) >= until) return this.#finish({ ...recording, untilFrame: until })
      if (store.segments(id)?.has(segment)) continue
      const sealed = air.read(rendition, segment)
      if (sealed) {
        disk.look()
        if (disk.alarm() !== null) return
        store.writableSegments(id).append(sealed)
      } else if (!isBeyondReach(rendition, segment)) return
    }
    this.#cursors.set(id, segment)
  }

  #finish(recording: StoredRecording): void {
    const { store, log } = this.#parts
    const silentFrames = silentFramesOf(recording, (segment) => store.segments(recording.id)?.has(segment) ?? false)
    const isEmpty = silentFrames === recording.untilFrame! - recording.fromFrame
    const ended: StoredRecording = {
      ...recording,
      silentFrames,
      state: isEmpty ? 'failed' : 'finished',
      reason: isEmpty ? 'None of its sound could be had any more.' : reasonOf(recording, silentFrames),
    }
    store.save(ended)
    this.#cursors.delete(recording.id)
    log.info({ id: ended.id, silentFrames }, `a recording is ${ended.state}`)
    if (!isEmpty) this.#parts.finished(ended)
  }
}

function reasonOf(recording: StoredRecording, silentFrames: number): string {
  if (silentFrames > 0) return silenceReason(silentFrames)
  return isOverlong(recording) ? 'It was ended: no recording is longer than a day.' : 'It is complete.'
}

/** Frames of a finished recording that lie in segments which nobody has any more. */
function silentFramesOf({ fromFrame, untilFrame }: StoredRecording, has: (segment: number) => boolean): number {
  let silent = 0
  for (let segment = segmentOfFrame(fromFrame); firstFrameOfSegment(segment) < untilFrame!; segment += 1) {
    if (has(segment)) continue
    const first = firstFrameOfSegment(segment)
    silent += Math.min(untilFrame!, first + FRAMES_PER_SEGMENT) - Math.max(fromFrame, first)
  }
  return silent
}

/** The frame at which an order to begin or to end at an instant takes effect. */
export const frameOfOrder = (ms: number): number => frameAtMs(ms)

/** When it begins, for a person, and four digits by chance. */
function idOf(fromFrame: number): string {
  const instant = new Date(Math.round(msOfFrame(fromFrame))).toISOString().slice(0, 19).replace(/[-:]/g, '')
  return `${instant.replace('T', '-')}-${randomBytes(2).toString('hex')}`
}
