import { once } from 'node:events'
import { createServer } from 'node:net'
import { sleep, systemClock } from '../../../platform/clock.ts'

/** Asks again and again until the answer is something; an error counts as nothing yet. Rejects with the last one after a while. */
export async function until<T>(what: string, timeoutMs: number, ask: () => T | Promise<T>): Promise<NonNullable<T>> {
  const endMs = systemClock.monotonicMs() + timeoutMs
  let last: unknown = 'nothing'
  while (systemClock.monotonicMs() < endMs) {
    try {
      last = await ask()
      if (last !== null && last !== undefined && last !== false) return last as NonNullable<T>
    } catch (error) {
      last = error
    }
    await sleep(systemClock, 100)
  }
  throw new Error(`after ${timeoutMs / 1000} s still not: ${what} (${last})`)
}

export const pause = (ms: number): Promise<void> => sleep(systemClock, ms)

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
