import { frameAtMs } from '../../../media/timeline.ts'
import type { LiveSession, LiveStatus } from '../../../schemas/live.ts'
import type { Recorder } from '../recordings/recorder.ts'
import type { RecordingStore, StoredRecording } from '../recordings/recording-store.ts'
import { automaticSteps } from './automatic.ts'

/** A session that playout no longer knows has ended; but it may need a moment after its own restart. */
const UNKNOWN_MS_MAX = 60_000

/** Keeps the recordings of live sessions as the sessions are. */
export class AutomaticRecordings {
  readonly #store: RecordingStore
  readonly #recorder: Recorder
  readonly #unknownSinceMs = new Map<string, number>()

  constructor(store: RecordingStore, recorder: Recorder) {
    this.#store = store
    this.#recorder = recorder
  }

  /** Throws the file system's error. */
  take(status: LiveStatus, rendition: string): void {
    for (const step of automaticSteps(status.sessions, this.#store.all(), (id) => this.#store.wasDeleted(id))) {
      if (step.step === 'end') this.#recorder.end(step.recording, step.untilFrame)
      else {
        const { session, fromFrame, untilFrame } = step
        const { id: sessionId, anchorId, anchorName } = session
        const title = titleOf(session)
        const id = `live-${sessionId}`
        this.#recorder.begin({ id, sessionId, anchorId, anchorName, title, fromFrame, untilFrame, rendition })
      }
    }
    this.#endUnknown(status)
  }

  #endUnknown({ sessions, nowMs }: LiveStatus): void {
    const known = new Set(sessions.map(({ id }) => id))
    const lost = this.#store.all().filter((recording) => isOpen(recording) && !known.has(recording.sessionId ?? ''))
    for (const id of [...this.#unknownSinceMs.keys()])
      if (!lost.some((recording) => recording.id === id)) this.#unknownSinceMs.delete(id)
    for (const recording of lost) {
      const sinceMs = this.#unknownSinceMs.get(recording.id) ?? nowMs
      this.#unknownSinceMs.set(recording.id, sinceMs)
      if (nowMs - sinceMs >= UNKNOWN_MS_MAX) this.#recorder.end(recording, frameAtMs(sinceMs))
    }
  }
}

const isOpen = (recording: StoredRecording): boolean =>
  recording.sessionId !== null && recording.state === 'recording' && recording.untilFrame === null

const titleOf = ({ title, anchorName }: LiveSession): string =>
  (title.trim() || anchorName.trim() || 'Live').slice(0, 300)
