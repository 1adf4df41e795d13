import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { frameAtMs, SAMPLE_RATE } from '../../media/timeline.ts'
import { type Clock, sleep, systemClock } from '../../platform/clock.ts'
import type { Spool } from '../../playout/spool/spool.ts'
import { type RunningChain, startChain } from './support/chain.ts'

const HOUR_MS = 3_600_000

let folder: string
let running: RunningChain | null = null
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'airtight-on-air-'))
  for (const hertz of [300, 500, 800])
    execFileSync('ffmpeg', [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      `sine=${hertz}:r=48000:d=30`,
      join(folder, `${hertz}.flac`),
    ])
})
afterEach(() => {
  running?.close()
  // A file that failed is part of some of these stories; a disk that fails is not.
  expect(running?.alarms ?? []).toEqual([])
  running = null
  rmSync(folder, { recursive: true, force: true })
})

/** A machine whose wall clock can be set wrong. */
const wall = { stepMs: 0 }
/** For how long this process was stopped. */
const stood = { ms: 0 }
const clock: Clock = {
  ...systemClock,
  wallMs: () => systemClock.wallMs() + wall.stepMs + stood.ms,
  monotonicMs: () => systemClock.monotonicMs() + stood.ms,
}

/** Starts a station as main.ts does, from what its folder holds. */
function start(files: string[]): RunningChain {
  running = startChain({ folder, clock, files })
  return running
}

function expectEveryFrame(spool: Spool, from: number): void {
  const missing: number[] = []
  for (let frame = from; frame <= spool.newestFrame!; frame++) if (!spool.unit(frame)) missing.push(frame)
  expect(missing).toEqual([])
}

describe('a station on air', () => {
  it.each([HOUR_MS, -HOUR_MS])(
    'does not care when the wall clock steps by %i ms, with and without a restart',
    async (stepMs) => {
      wall.stepMs = 0
      const first = start(['300.flac', '500.flac', '300.flac', '500.flac'])
      await first.reachNow()
      const honest = systemClock.wallMs() - systemClock.monotonicMs()
      wall.stepMs = stepMs
      await first.reach(frameAtMs(first.anchored.nowMs()) + 120)
      expect(Math.abs(first.anchored.offsetMs - honest)).toBeLessThan(20)
      expect(first.anchored.alarm).toContain('not followed')
      expect(first.onAir.status().lateMs).toBeLessThan(100)
      const left = first.spool.newestFrame!
      first.close()
      const second = start([])
      expect(second.resume.firstFrames.high).toBe(left + 1)
      await second.reach(left + 60)
      await second.reachNow()
      expect(Math.abs(second.anchored.offsetMs - honest)).toBeLessThan(20)
      expectEveryFrame(second.spool, first.resume.firstAvailableFrame)
      wall.stepMs = 0
    },
  )

  it('was stopped for longer than its ring can hold: it asks to be started again, and goes on a window before now', async () => {
    const first = start(['300.flac', '500.flac'])
    await first.reachNow()
    stood.ms = 400_000
    await first.tooLate
    first.close()
    const left = first.spool.newestFrame!
    const second = start([])
    stood.ms = 0
    expect(second.resume.framesLost).toBeGreaterThan(300 * 46)
    expect(second.resume.firstAvailableFrame).toBeGreaterThan(left)
  })

  it('goes on with the next item before the audio of a file that is cut short on air runs out, and says so in the as-run log', async () => {
    const station = start(['300.flac', '500.flac', '500.flac'])
    truncateSync(join(folder, '500.flac'), Math.floor(statSync(join(folder, '500.flac')).size / 2))
    await station.reachNow()
    const next = station.onAir.status()
    expect(next.onAir?.rung).toMatch(/scheduled|rotation/)
    expectEveryFrame(station.spool, station.resume.firstAvailableFrame)
    await sleep(systemClock, 1_100)
    const givenUp = station.onAir.asRun({ sinceSample: 0 }).find(({ reason }) => reason.includes('Given up'))
    expect(givenUp).toMatchObject({
      title: '500.flac',
      reason: expect.stringMatching(/the file ends after \d+\.\d s|decoder/),
    })
    expect(givenUp!.endSample - givenUp!.startSample).toBeLessThan(27 * SAMPLE_RATE)
  })

  it('plays its reserve when nothing planned can be opened, and every frame is there', async () => {
    const station = start(['gone-1.flac', 'gone-2.flac', 'gone-3.flac'])
    await station.reachNow()
    const { onAir, counters } = station.onAir.status()
    expect(onAir).toMatchObject({ rung: 'rotation', title: '800.flac' })
    expect(counters.stepsDown.rotation).toBeGreaterThan(0)
    expectEveryFrame(station.spool, station.resume.firstAvailableFrame)
  })
})
