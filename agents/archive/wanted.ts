import type { ArchiveBriefing } from '../../schemas/nodes.ts'
import type { StoredRecording } from './recordings/recording-store.ts'

/** Whether frames have to be fetched at all: for catch-up, for live sessions that may come, or for a recording that runs. */
export const isWanted = (briefing: ArchiveBriefing | null, recordings: readonly StoredRecording[]): boolean =>
  briefing !== null &&
  (briefing.days > 0 || briefing.automatic || recordings.some(({ state }) => state === 'recording'))
