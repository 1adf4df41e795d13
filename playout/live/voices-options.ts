import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import type { IngestPeer, LiveSettings } from '../../schemas/live.ts'
import type { Programme } from '../programme/programme.ts'
import type { SavedVoices } from './saved-voices.ts'

/** What live voices lie over, and go by. */
export type VoicesOptions = {
  programme: Programme
  clock: Clock
  log: Logger
  settings: () => LiveSettings
  /** The sample of the timeline that sounds now, to a fraction. */
  nowSample: () => number
  /** The mixer's. */
  mixedUntilSample: () => number
  /** Audio has arrived: the engine may go on. */
  wake: () => void
  /** The file that plays while a hold lasts, or null for the bed. */
  holdAudio: { use(file: string | null): void }
  /** Of the checkpoint, and the first sample that is mixed now. */
  saved: SavedVoices | null
  startSample: number
  peerOf: (ingest: string) => IngestPeer | null
}
