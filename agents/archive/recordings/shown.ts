import { FRAME_MS, msOfFrame } from '../../../media/timeline.ts'
import type { Recording } from '../../../schemas/recordings.ts'
import type { StoredRecording } from './recording-store.ts'

/** A recording as others see it. `heldUntil`: the frame up to which it has come; `bytes`: of its segments on disk. */
export function shown(recording: StoredRecording, heldUntil: number, bytes: number): Recording {
  const { id, title, sessionId, anchorId, anchorName, fromFrame, untilFrame, published, state, reason } = recording
  return {
    ...{ id, title, sessionId, anchorId, anchorName, fromFrame, untilFrame },
    fromMs: msOfFrame(fromFrame),
    untilMs: untilFrame === null ? null : msOfFrame(untilFrame),
    lengthMs: (heldUntil - fromFrame) * FRAME_MS,
    bytes,
    silentMs: recording.silentFrames * FRAME_MS,
    ...{ published, state, reason },
  }
}
