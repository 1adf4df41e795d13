import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Clock } from './clock.ts'

/**
 * Has garbage collected every so often. V8 weighs its own heap, and lets some 18 MB of dead buffers lie outside of it before it looks:
 * in a program whose heap is 9 MB and which makes a few buffers each second, that is most of what it costs. A collection takes about
 * 10 ms here. The answer stops it.
 */
export function collectGarbageEvery(intervalMs: number, clock: Clock): () => void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  return clock.every(intervalMs, () => collect())
}
