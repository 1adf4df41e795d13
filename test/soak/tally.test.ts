import { describe, expect, it } from 'vitest'
import { FRAME_MS, FRAME_SAMPLES } from '../../media/timeline.ts'
import { Tally } from './tally.ts'

const FRAMES = 188
const LENGTH_MS = FRAMES * FRAME_MS
const units = Array.from({ length: FRAMES }, () => Buffer.alloc(1))
const segment = (sequence: number, arrivedMs: number) => ({
  arrivedMs,
  startSample: sequence * FRAMES * FRAME_SAMPLES,
  units,
})

/** Three at once, then one each four seconds. */
function begun(): Tally {
  const tally = new Tally()
  for (const sequence of [0, 1, 2]) tally.add(segment(sequence, 0))
  tally.add(segment(3, LENGTH_MS))
  return tally
}

describe('what a listener met with so far', () => {
  it('nothing: two segments are left when the next one comes', () => {
    const tally = begun()
    expect(tally.takeLeastBufferMs(LENGTH_MS)).toBeCloseTo(2 * LENGTH_MS)
    expect([tally.stallMs(LENGTH_MS), tally.gapMs, tally.repeatMs]).toEqual([0, 0, 0])
  })

  it('a segment that comes late: the least buffer tells, once; beyond it, a stall', () => {
    const tally = begun()
    tally.takeLeastBufferMs(LENGTH_MS)
    tally.add(segment(4, 3.5 * LENGTH_MS))
    expect(tally.takeLeastBufferMs(3.5 * LENGTH_MS)).toBeCloseTo(LENGTH_MS / 2)
    expect(tally.takeLeastBufferMs(3.5 * LENGTH_MS)).toBeCloseTo(1.5 * LENGTH_MS)
    expect(tally.stallMs(5.5 * LENGTH_MS)).toBeCloseTo(LENGTH_MS / 2)
  })

  it('a segment left out is a gap, one said again a repeat', () => {
    const tally = begun()
    tally.add(segment(5, LENGTH_MS))
    expect(tally.gapMs).toBeCloseTo(LENGTH_MS)
    tally.add(segment(5, LENGTH_MS))
    expect(tally.repeatMs).toBeCloseTo(LENGTH_MS)
  })
})
