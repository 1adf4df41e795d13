import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { decideDisk } from '../../../agents/archive/air/disk.ts'
import { msOfSegment } from '../../../media/timeline.ts'
import { station } from '../../media/real-frames.ts'
import { eventually } from '../slicer/world.ts'
import {
  type ArchiveWorld,
  createArchiveWorld,
  FIRST_FRAME,
  FIRST_SEGMENT,
  prepareSound,
  sessionOf,
} from './archive-world.ts'

const disk = mkdtempSync(join(tmpdir(), 'airtight-small-disk-'))
/** Only root may mount one. */
const hasSmallDisk = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]).status === 0
afterAll(() => {
  if (hasSmallDisk) spawnSync('umount', ['-l', disk])
  rmSync(disk, { recursive: true, force: true })
})

let world: ArchiveWorld | null = null
beforeAll(prepareSound)
afterEach(async () => {
  await world?.end()
  world = null
  rmSync(join(disk, 'ballast'), { force: true })
})
const freeBytes = (): number => {
  const { bavail, bsize } = statfsSync(disk)
  return bavail * bsize
}
const unready = (text: string) =>
  eventually(() => {
    const beat = world!.lastHeartbeat()
    return beat?.ready === false && beat.reason.includes(text) ? beat : null
  }, `it says ${text}`)

describe('the disk', () => {
  it('is left alone below what must stay free, and used again when there is clearly more', () => {
    const well = { mayWrite: true, reason: '' }
    expect(decideDisk(well, 2e9, 2e9).mayWrite).toBe(true)
    const low = decideDisk(well, 1.9e9, 2e9)
    expect(low).toEqual({
      mayWrite: false,
      reason: 'nothing is recorded: 1.90 GB of disk are free, at least 2.00 GB must stay so',
    })
    expect(decideDisk(low, 2.05e9, 2e9).mayWrite).toBe(false)
    expect(decideDisk(low, 2.11e9, 2e9).mayWrite).toBe(true)
    expect(decideDisk(well, 0, 0).mayWrite).toBe(false)
  })

  it.skipIf(!hasSmallDisk)(
    'is never filled: recording stops in time, says so, and goes on when there is room',
    async () => {
      const ballast = join(disk, 'ballast')
      writeFileSync(ballast, Buffer.alloc(900_000))
      world = await createArchiveWorld({ minFreeBytes: 600_000 }, disk)
      world.playout.hasSegments(8)
      world.playout.state.sessions = [sessionOf('s1', 'Ada', FIRST_FRAME + 10, FIRST_FRAME + 700)]
      await world.start()
      await unready('at least 1 MB must stay so')
      // At most one segment of each rendition, and of the recording, after the last look.
      expect(freeBytes()).toBeGreaterThan(300_000)
      expect((await world.get('/healthz')).status).toBe(503)
      expect((await world.manage('', 'POST', { title: 'x' })).status).toBe(503)
      // What is kept can still be heard.
      const past = `/hls/${station.id}/high/catchup.m3u8?from=${Math.round(msOfSegment(FIRST_SEGMENT)) + 1}`
      expect((await world.get(past)).status).toBe(200)
      rmSync(ballast)
      await eventually(() => world!.lastHeartbeat()?.ready || null, 'it records again')
      await eventually(
        async () => (await world!.recordings())[0]?.state === 'finished' || null,
        'the recording is whole',
      )
      expect((await world.recordings())[0]).toMatchObject({ silentMs: 0 })
    },
  )

  it.skipIf(!hasSmallDisk)(
    'may be filled by others: a write that fails leaves what was there, and is tried again',
    async () => {
      world = await createArchiveWorld({ automatic: false }, disk)
      const ballast = join(disk, 'ballast')
      world.playout.hasSegments(3)
      await world.start()
      await eventually(
        async () => ((await world!.status()).missing === 0 && (await world!.status()).newestMs) || null,
        'three are kept',
      )
      writeFileSync(ballast, Buffer.alloc(freeBytes() - 20_000))
      world.playout.hasSegments(6)
      await unready("can't be written to (ENOSPC")
      const before = await world.status()
      rmSync(ballast)
      world.skip(60_000)
      await eventually(async () => (await world!.status()).missing === 0 || null, 'all are kept')
      const after = await world.status()
      expect([before.oldestMs, after.oldestMs]).toEqual([msOfSegment(FIRST_SEGMENT), msOfSegment(FIRST_SEGMENT)])
      expect(after.newestMs).toBe(msOfSegment(FIRST_SEGMENT + 6))
    },
  )
})
