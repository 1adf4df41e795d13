import { setTimeout as delay } from 'node:timers/promises'

/**
 * Asks again and again until the answer is neither null, false nor undefined, and hands it on. Errors of the question count as "not yet";
 * the last one is told when the time is over.
 */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  { withinMs = 30_000, everyMs = 100 } = {},
): Promise<Exclude<T, null | false | undefined>> {
  const deadline = performance.now() + withinMs
  let problem = ''
  for (;;) {
    try {
      const answer = await ask()
      if (answer !== null && answer !== false && answer !== undefined)
        return answer as Exclude<T, null | false | undefined>
      problem = ''
    } catch (error) {
      problem = `: ${(error as Error).message}`
    }
    if (performance.now() > deadline) throw new Error(`Not within ${withinMs / 1000} s: ${what}${problem}`)
    await delay(everyMs)
  }
}
