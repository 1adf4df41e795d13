import type { ArchiveBriefing } from '../../../schemas/nodes.ts'
import { limits } from '../limits.ts'

const DAY_MS = 86_400_000

/** Hours of the air that ended before this instant are not kept. With no days to keep, there is still what recordings are copied from. */
export const airKeptFromMs = ({ days }: ArchiveBriefing, newestMs: number): number =>
  newestMs - Math.max(days * DAY_MS, limits.workingMs)

/** Recordings that ended before this instant are not kept; null: all are. */
export const recordingsKeptFromMs = ({ recordingDays }: ArchiveBriefing, newestMs: number): number | null =>
  recordingDays === null ? null : newestMs - recordingDays * DAY_MS

/** What listeners may go back to; null when the station keeps none of the air for them. */
export function catchupFromMs({ days }: ArchiveBriefing, newestMs: number): number | null {
  return days > 0 ? newestMs - days * DAY_MS : null
}
