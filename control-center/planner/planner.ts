import type { Rundown } from '../../schemas/rundown.ts'

export type CurrentPlan = { rundown: Rundown; warnings: string[]; reason: string }
