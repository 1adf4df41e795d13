import { describe, expect, it } from 'vitest'
import { Ducking } from '../../playout/mixer/ducking.ts'

const BLOCK = 1_024

/** The level of a constant in dB, at each pair of the next blocks. */
function levels(ducking: Ducking, blocks: number, targetDb: number, ms: number): number[] {
  return Array.from({ length: blocks }).flatMap(() => {
    const block = new Float32Array(BLOCK * 2).fill(1)
    ducking.apply(block, targetDb, -12, ms)
    return Array.from({ length: BLOCK }, (_, pair) => 20 * Math.log10(block[pair * 2]!))
  })
}

describe('ducking', () => {
  it('goes down in a straight line in dB within its time, stays, and comes up as slowly as it is told', () => {
    const ducking = new Ducking()
    const down = levels(ducking, 20, -12, 200)
    expect(down[4_800]).toBeCloseTo(-6, 1)
    expect(down[9_600]).toBeCloseTo(-12, 3)
    expect(down.at(-1)).toBeCloseTo(-12, 3)
    const up = levels(ducking, 60, 0, 1_000)
    expect(up[24_000]).toBeCloseTo(-6, 1)
    expect(up.at(-1)).toBeCloseTo(0, 5)
    expect(ducking.isOpen).toBe(true)
    const all = [...down, ...up]
    expect(Math.max(...all.slice(1).map((level, index) => Math.abs(level - all[index]!)))).toBeLessThan(0.0014)
  })

  it('turns round in the middle without a step', () => {
    const ducking = new Ducking()
    const all = [...levels(ducking, 3, -12, 200), ...levels(ducking, 30, 0, 200)]
    expect(Math.max(...all.slice(1).map((level, index) => Math.abs(level - all[index]!)))).toBeLessThan(0.0014)
    expect(all.at(-1)).toBeCloseTo(0, 5)
  })
})
