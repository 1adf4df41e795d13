import { type Clock, sleep } from '../../platform/clock.ts'
import { lockFolder } from '../../platform/folder-lock.ts'
import { limits } from '../limits.ts'

const LOOK_EVERY_MS = 20

/**
 * Takes the data folder for this process: two at a time would give out two versions of a number. The one before may be about to end, and is
 * waited for. False when it does not.
 */
export async function takeFolder(directory: string, clock: Clock): Promise<boolean> {
  const patienceEndsMs = clock.monotonicMs() + limits.predecessorMs
  while (!(await lockFolder(directory))) {
    if (clock.monotonicMs() > patienceEndsMs) return false
    await sleep(clock, LOOK_EVERY_MS)
  }
  return true
}
