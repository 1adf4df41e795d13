import { firstFrameOfSegment, segmentOfFrame } from '../../media/timeline.ts'
import { limits } from '../limits.ts'
import type { Starts } from './state-files.ts'

export type ResumeInputs = {
  /** The newest frame on disk of each rendition; null before the first one ever. */
  spooled: Record<string, number | null>
  /** The newest frame of each rendition that any slicer reports. */
  reported: Record<string, number>
  renditions: readonly string[]
  firstAvailableFrame: number | null
  /** How far the mixer was by the last checkpoint: all that is known of the row when the spool is lost. Null without a checkpoint. */
  mixedFrame: number | null
  /** The frame that sounds now, by the anchored clock. */
  nowFrame: number
  windowSegments: number
}

export type Resume = {
  /** The first frame to make, of each rendition. */
  firstFrames: Record<string, number>
  /** Frames before it are given up. */
  firstAvailableFrame: number
  framesLost: number
  reason: string
}

/**
 * Where a starting playout goes on: after the newest frame that is out, rendering faster than real time until it meets the clock. After a
 * death longer than the window, and at the first start ever, it begins a window before now, so that listeners find a full one at once.
 * A rendition that is new, or that was away for longer than the window, begins there too, and the others go on. Numbers never go back. Pure.
 */
export function resumeAt(inputs: ResumeInputs): Resume {
  const { spooled, reported, renditions, nowFrame } = inputs
  const windowStart = firstFrameOfSegment(segmentOfFrame(nowFrame) - inputs.windowSegments - 1)
  const outOf = (id: string): number => Math.max(spooled[id] ?? -1, reported[id] ?? -1)
  const seen = Math.max(-1, ...renditions.map(outOf))
  const newestOut = seen < 0 ? (inputs.mixedFrame ?? -1) : seen
  const begin = (frame: number, reason: string): Resume => ({
    firstFrames: Object.fromEntries(renditions.map((id) => [id, frame])),
    firstAvailableFrame: frame,
    framesLost: newestOut < 0 ? 0 : Math.max(0, frame - newestOut - 1),
    reason,
  })
  if (newestOut < 0) return begin(windowStart, 'first start: the window is filled first')
  if (newestOut < windowStart)
    return begin(windowStart, 'playout was dead for longer than the window: the frames between are given up')
  const isBehind = (id: string): boolean => (spooled[id] ?? -1) < (reported[id] ?? -1)
  if (seen < 0 || renditions.some(isBehind))
    return begin(
      firstFrameOfSegment(segmentOfFrame(newestOut) + 1),
      'frames are out that the spool lacks: the next segment begins anew',
    )
  const added = renditions.filter((id) => outOf(id) < windowStart)
  const firstKept = firstFrameOfSegment(segmentOfFrame(Math.max(0, newestOut - limits.spoolFrames)) + 2)
  const firstOfAdded = added.length > 0 ? windowStart : 0
  return {
    firstFrames: Object.fromEntries(renditions.map((id) => [id, Math.max(outOf(id) + 1, firstOfAdded)])),
    firstAvailableFrame: Math.max(inputs.firstAvailableFrame ?? 0, firstKept, firstOfAdded),
    framesLost: 0,
    reason:
      added.length > 0
        ? `goes on after the newest frame in the spool; new: ${added.join(', ')}`
        : 'goes on after the newest frame in the spool',
  }
}

export type CrashVerdict = { starts: Starts; skipOnAir: boolean; emergencyOnlyUntilMs: number; reason: string | null }

/** What a start means for the programme: two crashes within a minute skip what was on air, four leave only the emergency file. Pure. */
export function judgeStart(before: Starts | null, nowMs: number): CrashVerdict {
  const recent = (before?.startedAtMs ?? []).filter(
    (startedAtMs) => nowMs - startedAtMs < limits.crashWindowMs && startedAtMs <= nowMs,
  )
  const crashes = recent.length
  const emergencyOnly = crashes >= limits.crashesToEmergencyOnly
  const skipOnAir = crashes >= limits.crashesToSkipItem
  const emergencyOnlyUntilMs = emergencyOnly ? nowMs + limits.emergencyOnlyMs : (before?.emergencyOnlyUntilMs ?? 0)
  return {
    starts: { startedAtMs: [...recent, nowMs].slice(-20), emergencyOnlyUntilMs },
    skipOnAir,
    emergencyOnlyUntilMs,
    reason: emergencyOnly
      ? `${crashes} crashes within a minute: only the emergency file is played for ${limits.emergencyOnlyMs / 60_000} minutes`
      : skipOnAir
        ? `${crashes} crashes within a minute: what was on air is skipped`
        : null,
  }
}
