import type { LivePlan } from '../../schemas/live.ts'
import type { PlayoutStatus, PushTargets } from '../../schemas/playout.ts'
import type { Rundown } from '../../schemas/rundown.ts'

export type PlayoutCommand =
  | { put: 'rundown'; rundown: Rundown; reason: string }
  | { put: 'targets'; targets: PushTargets; reason: string }
  | { put: 'live plan'; livePlan: LivePlan; reason: string }

/** What playout must be told, given what it holds and what we want. Null stands for nothing known yet: playout keeps what it has. */
export function whatDiffers(
  held: Pick<PlayoutStatus, 'rundownVersion' | 'targetsVersion' | 'livePlanVersion'>,
  wanted: { rundown: Rundown | null; targets: PushTargets | null; livePlan: LivePlan | null },
): PlayoutCommand[] {
  const commands: PlayoutCommand[] = []
  const { rundown, targets, livePlan } = wanted
  // Targets first: they are small, and a new node waits for them.
  if (targets && targets.version > held.targetsVersion)
    commands.push({ put: 'targets', targets, reason: difference('targets', held.targetsVersion, targets.version) })
  const { livePlanVersion } = held
  // A playout that does not tell its version takes no live plan.
  if (livePlan && livePlanVersion !== undefined && livePlan.version > livePlanVersion)
    commands.push({ put: 'live plan', livePlan, reason: difference('live plan', livePlanVersion, livePlan.version) })
  if (rundown && rundown.version > held.rundownVersion)
    commands.push({ put: 'rundown', rundown, reason: difference('rundown', held.rundownVersion, rundown.version) })
  return commands
}

const difference = (what: string, held: number, wanted: number): string =>
  `playout holds version ${held} of the ${what}, wanted is ${wanted}`
