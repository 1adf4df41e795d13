import type { PlayoutStatus, PushTargets } from '../../schemas/playout.ts'
import type { Rundown } from '../../schemas/rundown.ts'

export type PlayoutCommand =
  | { put: 'rundown'; rundown: Rundown; reason: string }
  | { put: 'targets'; targets: PushTargets; reason: string }

/** What playout must be told, given what it holds and what we want. Null stands for nothing known yet: playout keeps what it has. */
export function whatDiffers(
  held: Pick<PlayoutStatus, 'rundownVersion' | 'targetsVersion'>,
  wanted: { rundown: Rundown | null; targets: PushTargets | null },
): PlayoutCommand[] {
  const commands: PlayoutCommand[] = []
  const { rundown, targets } = wanted
  // Targets first: they are small, and a new node waits for them.
  if (targets && targets.version > held.targetsVersion)
    commands.push({ put: 'targets', targets, reason: difference('targets', held.targetsVersion, targets.version) })
  if (rundown && rundown.version > held.rundownVersion)
    commands.push({ put: 'rundown', rundown, reason: difference('rundown', held.rundownVersion, rundown.version) })
  return commands
}

const difference = (what: string, held: number, wanted: number): string =>
  `playout holds version ${held} of the ${what}, wanted is ${wanted}`
