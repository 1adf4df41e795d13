import { describe, expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { collectGarbageEvery } from '../../platform/memory.ts'

describe('garbage', () => {
  it('is gone after the interval, and what is still held is not', async () => {
    const held = { bytes: Buffer.alloc(1_000) }
    const refs = { held: new WeakRef(held), dropped: new WeakRef({ bytes: Buffer.alloc(1_000) }) }
    let tick = (): void => undefined
    let intervalMs = 0
    const stop = collectGarbageEvery(30_000, {
      ...systemClock,
      every(ms, callback) {
        intervalMs = ms
        tick = callback
        return () => undefined
      },
    })
    // What a WeakRef was made of is held until the task has ended.
    await new Promise((resolve) => setImmediate(resolve))
    tick()
    expect([intervalMs, refs.dropped.deref(), refs.held.deref()]).toEqual([30_000, undefined, held])
    stop()
  })
})
