import type { LibraryAnswer } from '../../schemas/api.ts'
import type { RundownItem } from '../../schemas/rundown.ts'
import type { PlanMade, PlanRequest } from './planner.ts'

/** The library and the schedule, as far as the program around them needs to know. */
export type Programme = {
  /** Changes when the library does. */
  libraryVersion(): string
  makePlan(request: PlanRequest): PlanMade
  /** Plans some days ahead and does nothing with it. */
  dryRun(nowMs: number, days: number): { fromMs: number; untilMs: number; items: RundownItem[]; warnings: string[] }
  /** `note` says when it is still being looked through. */
  library(): LibraryAnswer & { note: string | null }
  alarms(): string[]
  stop(): void
}
