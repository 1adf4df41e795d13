import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import type { KeyValueStore } from '../../platform/redis.ts'
import type { StationFile } from '../../schemas/station.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { AuditLog } from '../accounts/audit-log.ts'
import type { LiveDesk } from '../live/live-desk.ts'
import type { NodeRegistry } from '../nodes/registry.ts'
import type { AsRunMemory } from '../now-playing/as-run-memory.ts'
import type { Known } from '../now-playing/heard.ts'
import type { MusicLibrary } from '../planner/music-library.ts'
import type { CurrentPlan, DryRun } from '../planner/planner.ts'
import type { PlayoutLink } from '../playout-link/link.ts'

/** What the API shows and does, handed in. */
export type World = {
  clock: Clock
  log: Logger
  station(): StationFile
  /** The station's clock. */
  nowMs(): number
  link: PlayoutLink
  redis: Pick<KeyValueStore, 'problem'>
  registry: NodeRegistry
  live: LiveDesk
  accounts: Accounts
  /** Where every change that a person or an API token makes is written down. */
  audit: AuditLog
  asRun: AsRunMemory
  plan(): CurrentPlan | null
  /** What played, plays and will. */
  known(): Known
  dryRun(days: number): DryRun
  library: Pick<MusicLibrary, 'entries' | 'problems' | 'note'>
  /** Alarms of the parts that have no place of their own: station file, planner, library. */
  alarms(): string[]
  /** What is odd about the station file, but can be played. */
  warnings(): string[]
}
