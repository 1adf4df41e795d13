import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { firstFrameOfSegment } from '../../media/timeline.ts'
import { Spool } from '../../playout/spool/spool.ts'
import type { SegmentMarker } from '../../schemas/markers.ts'

const SEGMENT = 440_000_000
const FIRST = firstFrameOfSegment(SEGMENT)
const marker: SegmentMarker = {
  marker: 'segment',
  generation: 1,
  rendition: 'high',
  segment: SEGMENT,
  firstFrame: FIRST,
  sha256: 'a'.repeat(64),
  cue: 'programme',
  titles: [{ frame: FIRST, title: 'T', artist: '', kind: 'music', itemId: 'i', startSample: 0 }],
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'airtight-spool-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('the spool', () => {
  it('starts and goes on from memory when its folder can’t be made, markers too, and uses the disk as soon as it is there', () => {
    const directory = join(folder, 'spool')
    writeFileSync(directory, 'a file where the folder should be')
    const heard: (string | null)[] = []
    const spool = new Spool(directory, 'high', (failure) => heard.push(failure))
    expect(heard).toEqual([expect.stringMatching(/EEXIST|ENOTDIR/)])
    for (let frame = FIRST; frame < FIRST + 188; frame++) spool.append(frame, Buffer.from(`unit ${frame}`))
    spool.seal(marker)
    expect(spool.segmentUnits(SEGMENT)).toHaveLength(188)
    expect(spool.bundle(FIRST, FIRST + 188)).toMatchObject({ markers: [{ segment: SEGMENT }] })
    expect(heard.filter((failure) => failure === null)).toEqual([])

    rmSync(directory)
    mkdirSync(directory)
    for (let frame = FIRST + 188; frame < FIRST + 188 + 500; frame++) spool.append(frame, Buffer.from(`unit ${frame}`))
    expect(heard.at(-1)).toBeNull()
    spool.close()
    const again = new Spool(directory, 'high', (failure) => expect(failure).toBeNull())
    expect(again.newestFrame).toBe(FIRST + 188 + 499)
    again.close()
  })

  it('takes a marker of another shape, as another version of the program wrote it, for gone', () => {
    const spool = new Spool(folder, 'high', (failure) => expect(failure).toBeNull())
    spool.seal({ ...marker, cue: 'something new' } as unknown as SegmentMarker)
    spool.close()
    const again = new Spool(folder, 'high', (failure) => expect(failure).toBeNull())
    expect(again.marker(SEGMENT)).toBeNull()
    again.close()
  })
})
