import { FRAME_SAMPLES, frameAtMs, frameOfSample } from '../../../media/timeline.ts'
import type { LiveSession } from '../../../schemas/live.ts'
import type { StoredRecording } from '../recordings/recording-store.ts'

/** What is to be done so that each live session has its recording. */
export type RecordingStep =
  | { step: 'begin'; session: LiveSession; fromFrame: number; untilFrame: number | null }
  | { step: 'end'; recording: StoredRecording; untilFrame: number }

/**
 * One recording a session, from the first frame that listeners hear of it to the last, whatever happened between; a session that is
 * over and has none gets it now. Sessions are told apart by their ids alone, so two anchors that swap never share one.
 */
export function automaticSteps(
  sessions: readonly LiveSession[],
  recordings: readonly StoredRecording[],
  wasDeleted: (sessionId: string) => boolean,
): RecordingStep[] {
  const bySession = new Map(recordings.map((recording) => [recording.sessionId, recording]))
  return sessions.flatMap((session): RecordingStep[] => {
    if (session.onAirFromSample === null) return []
    const recording = bySession.get(session.id)
    const untilFrame = endOf(session)
    if (!recording) {
      if (wasDeleted(session.id)) return []
      return [{ step: 'begin', session, fromFrame: frameOfSample(session.onAirFromSample), untilFrame }]
    }
    const isRunning = recording.state === 'recording' && recording.untilFrame === null
    return isRunning && untilFrame !== null ? [{ step: 'end', recording, untilFrame }] : []
  })
}

/** After its last frame; null while the session may still be heard. */
function endOf({ state, onAirUntilSample, stateSinceMs }: LiveSession): number | null {
  if (state !== 'ended') return null
  return onAirUntilSample === null ? frameAtMs(stateSinceMs) : Math.ceil(onAirUntilSample / FRAME_SAMPLES)
}
