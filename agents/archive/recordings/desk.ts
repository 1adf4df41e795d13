import { statSync } from 'node:fs'
import { firstFrameOfSegment, msOfFrame, msOfSegment } from '../../../media/timeline.ts'
import type { NodeBriefing } from '../../../schemas/nodes.ts'
import type {
  ArchiveState,
  Recording,
  RecordingChange,
  RecordingOrder,
  RecordingsAnswer,
} from '../../../schemas/recordings.ts'
import type { AirStore } from '../air/air-store.ts'
import type { Disk } from '../air/disk.ts'
import { limits } from '../limits.ts'
import type { Conversions } from './conversions.ts'
import { frameOfOrder, type Recorder } from './recorder.ts'
import type { RecordingStore, StoredRecording } from './recording-store.ts'
import { shown } from './shown.ts'

/** What was asked for can't be; with the HTTP status and a sentence. */
export class Refused extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export type DeskParts = {
  store: RecordingStore
  air: AirStore
  recorder: Recorder
  conversions: Conversions
  disk: Disk
  briefing(): NodeBriefing | null
  /** The timeline's present frame; null while nobody has told. */
  nowFrame(): number | null
  state(): Pick<ArchiveState, 'ok' | 'reason' | 'alarms'>
}

/** What people ask of recordings, and what they are answered. All methods throw {@link Refused} with a sentence. */
export class Desk {
  readonly #parts: DeskParts

  constructor(parts: DeskParts) {
    this.#parts = parts
  }

  recording(id: string): StoredRecording {
    const recording = this.#parts.store.get(id)
    if (!recording) throw new Refused(404, 'There is no such recording.')
    return recording
  }

  shown(recording: StoredRecording): Recording {
    const { store, recorder } = this.#parts
    return shown(recording, recorder.heldUntil(recording), store.segments(recording.id)?.bytes ?? 0)
  }

  list(): RecordingsAnswer {
    const { store, air, disk, state } = this.#parts
    const recordings = store.all().map((recording) => this.shown(recording))
    const span = this.#span()
    return {
      recordings,
      archive: {
        ...state(),
        oldestMs: span && msOfSegment(span.oldest),
        newestMs: span && msOfSegment(span.newest + 1),
        airBytes: air.bytes(),
        recordingBytes: recordings.reduce((sum, { bytes }) => sum + bytes, 0),
        diskFreeBytes: disk.freeBytes,
      },
    }
  }

  order(order: RecordingOrder): Recording {
    const { store, recorder, disk } = this.#parts
    const now = this.#now()
    const rendition = this.#rendition()
    const alarm = disk.alarm()
    if (alarm !== null) throw new Refused(503, `${alarm.charAt(0).toUpperCase()}${alarm.slice(1)}.`)
    if (store.all().length >= limits.recordings)
      throw new Refused(409, 'There are too many recordings: delete some first.')
    const fromFrame = order.fromMs == null ? now : frameOfOrder(order.fromMs)
    const untilFrame = order.untilMs == null ? null : frameOfOrder(order.untilMs)
    const span = this.#span()
    const oldest = span ? firstFrameOfSegment(span.oldest) : now
    if (fromFrame < Math.min(oldest, now))
      throw new Refused(
        416,
        `That time is not kept any more: there is ${new Date(msOfFrame(oldest)).toISOString()} and later.`,
      )
    if (msOfFrame(fromFrame - now) > limits.aheadMs) throw new Refused(400, 'A recording begins at most a day ahead.')
    if (untilFrame !== null && untilFrame <= fromFrame) throw new Refused(400, 'It would end before it begins.')
    if (untilFrame !== null && msOfFrame(untilFrame - fromFrame) > limits.recordingMs)
      throw new Refused(400, 'No recording is longer than a day.')
    return this.shown(recorder.begin({ title: order.title, fromFrame, untilFrame, rendition }))
  }

  /** Of a running recording: its last frame is the present one. */
  stop(recording: StoredRecording): Recording {
    if (recording.state !== 'recording') throw new Refused(409, 'It is not being recorded any more.')
    const end = Math.min(this.#now() + 1, recording.untilFrame ?? Number.POSITIVE_INFINITY)
    return this.shown(this.#parts.recorder.end(recording, end))
  }

  async change(recording: StoredRecording, change: RecordingChange): Promise<Recording> {
    const { store, conversions } = this.#parts
    const published = change.published ?? recording.published
    if (published && recording.state !== 'finished')
      throw new Refused(409, 'Only a finished recording can be published.')
    const changed = { ...recording, title: change.title ?? recording.title, published }
    // The feed tells the length of the file, so that it must be made first.
    const m4aBytes = published ? statSync(await conversions.audio(changed, 'm4a')).size : null
    // Meanwhile it may have been deleted.
    this.recording(recording.id)
    store.save({ ...changed, m4aBytes })
    return this.shown(this.recording(recording.id))
  }

  delete(recording: StoredRecording): void {
    const { store, conversions, nowFrame } = this.#parts
    store.delete(recording, msOfFrame(nowFrame() ?? recording.fromFrame), limits.deletedSessionMs)
    conversions.forget(recording.id)
  }

  #span(): { oldest: number; newest: number } | null {
    const rendition = this.#parts.briefing()?.station.renditions[0]?.id
    return rendition === undefined ? null : this.#parts.air.span(rendition)
  }

  #now(): number {
    const now = this.#parts.nowFrame()
    if (now === null) throw new Refused(503, 'The archive has not heard from playout yet: ask again in a moment.')
    return now
  }

  #rendition(): string {
    const rendition = this.#parts.briefing()?.station.renditions[0]
    if (!rendition) throw new Refused(503, 'Nothing is known of the station yet.')
    return rendition.id
  }
}
