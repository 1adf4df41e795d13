import { FRAME_MS } from '../../../media/timeline.ts'
import { limits } from '../limits.ts'
import type { StoredRecording } from './recording-store.ts'

/** Frames that fit into a span of milliseconds. */
export const framesMax = (ms: number): number => Math.floor(ms / FRAME_MS)

export const isOverlong = ({ fromFrame, untilFrame }: StoredRecording): boolean =>
  untilFrame! - fromFrame >= framesMax(limits.recordingMs)

export const silenceReason = (silentFrames: number): string =>
  `${((silentFrames * FRAME_MS) / 1000).toFixed(1)} s of it are silent: nobody had them any more.`
