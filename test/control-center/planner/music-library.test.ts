import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Analysis } from '../../../control-center/library/analyse.ts'
import { type MusicLibrary, openMusicLibrary } from '../../../control-center/planner/music-library.ts'
import { createLogger } from '../../../platform/log.ts'
import { defaultStation } from '../../../platform/station-file.ts'
import { handClock } from '../support/hand-clock.ts'

const playable: Analysis = {
  playable: true,
  measured: { cueInSample: 0, lengthSamples: 4_800_000, loudnessLufs: -16, truePeakDbtp: -3 },
  tags: { title: 'Song', artist: '' },
}

describe('at the first start with a folder of music', () => {
  let home: string
  let hand: ReturnType<typeof handClock>
  let library: MusicLibrary
  /** Ends the analysis that is under way. */
  let finish = (): void => undefined
  const measured = async (): Promise<void> => {
    const songs = library.entries().length
    finish()
    await vi.waitUntil(() => library.entries().length > songs)
  }
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'airtight-first-start-'))
    const musicFolder = join(home, 'music')
    mkdirSync(musicFolder)
    for (const name of ['a.mp3', 'b.mp3', 'c.mp3', 'd.mp3']) {
      writeFileSync(join(musicFolder, name), name)
      utimesSync(join(musicFolder, name), 1e9, 1e9)
    }
    hand = handClock()
    const analyse = vi.fn(() => new Promise<Analysis>((resolve) => (finish = () => resolve(playable))))
    library = openMusicLibrary({
      station: () => ({ ...defaultStation(), musicFolder }),
      dataFolder: join(home, 'data'),
      clock: hand.clock,
      log: createLogger('library', 'silent'),
      onChange: () => undefined,
      analyse,
    })
    await vi.waitUntil(() => analyse.mock.calls.length === 1)
  })
  afterEach(async () => {
    finish()
    await library.stop()
    rmSync(home, { recursive: true, force: true })
  })

  it('nothing is planned before there are a few songs, so that none comes twice in a row', async () => {
    await measured()
    expect(library.version()).toBeNull()
    await measured()
    await measured()
    expect(library.version()).toEqual(expect.any(String))
  })

  it('a slow disk is not waited for without end', async () => {
    await measured()
    hand.advance(11_000)
    expect(library.version()).toBeNull()
    hand.advance(1_000)
    expect(library.version()).toEqual(expect.any(String))
  })
})
