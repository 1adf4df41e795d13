import { describe, expect, it } from 'vitest'
import { frameAtMs, msOfFrame, sampleOfFrame } from '../../media/timeline.ts'
import { LastLife } from '../../playout/state/last-life.ts'
import type { Checkpoint } from '../../playout/state/state-files.ts'

const nowMs = Date.UTC(2026, 10, 20, 12)
const nowFrame = frameAtMs(nowMs)
const checkpointOf = (frame: number, generation: number): Checkpoint => ({
  generation,
  firstAvailableFrame: frame - 1_000,
  mixedUntilSample: sampleOfFrame(frame),
  placements: [],
})
const nothing = { generation: 0, newestFrame: {}, firstAvailableFrame: 0, doubted: [] }

describe('what is left of the last life', () => {
  it('is nothing before the first one: any clock will do, and a window is filled', () => {
    const life = new LastLife({ checkpoint: null, spooled: { high: null }, reported: nothing })
    expect([life.isFirst, life.notBeforeMs]).toEqual([true, 0])
    expect(life.nextGeneration(nowMs)).toBe(nowMs / 1000)
    expect(life.resume(['high'], nowMs, 15).framesLost).toBe(0)
  })

  it('is the newest frame that anybody has: the clock goes on after it, though the wall may be behind', () => {
    const reported = { ...nothing, generation: 9, newestFrame: { high: nowFrame + 50 } }
    const life = new LastLife({ checkpoint: checkpointOf(nowFrame, 3), spooled: { high: nowFrame }, reported })
    expect(life.lastNumber).toBe(nowFrame + 50)
    expect(life.notBeforeMs).toBe(msOfFrame(nowFrame + 51))
    expect(life.resume(['high'], life.notBeforeMs, 15).firstFrames.high).toBeGreaterThan(nowFrame + 50)
  })

  it('is the checkpoint alone, when spool and slicers have nothing', () => {
    const life = new LastLife({ checkpoint: checkpointOf(nowFrame, 3), spooled: { high: null }, reported: nothing })
    expect(life.lastNumber).toBe(nowFrame)
    expect(life.isFirst).toBe(false)
  })

  it('has a generation that is followed by a higher one, whatever the clock says', () => {
    const reported = { ...nothing, generation: 3_000_000_000 }
    const life = new LastLife({ checkpoint: checkpointOf(nowFrame, 5), spooled: {}, reported })
    expect(life.nextGeneration(nowMs)).toBe(3_000_000_001)
    const old = new LastLife({ checkpoint: checkpointOf(nowFrame, 4_000_000_000), spooled: {}, reported })
    expect(old.nextGeneration(0)).toBe(4_000_000_001)
  })
})
