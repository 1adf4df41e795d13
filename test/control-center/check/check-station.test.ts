import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { checkStation, type StationCheck } from '../../../control-center/check/check-station.ts'
import { analyse } from '../../../control-center/library/analyse.ts'
import { systemClock } from '../../../platform/clock.ts'
import { makeTone } from '../library/fixtures.ts'

const home = mkdtempSync(join(tmpdir(), 'airtight-check-'))
const music = join(home, 'music')
mkdirSync(music)
makeTone(join(music, 'emergency.mp3'), 1)
writeFileSync(join(music, 'broken.mp3'), 'not audio at all')
afterAll(() => rmSync(home, { recursive: true, force: true }))

function checked(stationFile: string, musicFolder: string | null = null): Promise<StationCheck> {
  const stationPath = join(home, 'station.yaml')
  writeFileSync(stationPath, stationFile)
  return checkStation({ stationPath, musicFolder, clock: systemClock, signal: new AbortController().signal, analyse })
}

describe('before a station goes on air', () => {
  it('its emergency file has proved that it decodes', async () => {
    const good = 'musicFolder: music\nemergencyFile: emergency.mp3\n'
    expect(await checked(good)).toEqual({ problems: [], warnings: [] })
    expect(await checked('emergencyFile: emergency.mp3\n', music)).toEqual({ problems: [], warnings: [] })
  })

  it('it is refused for an emergency file that is broken, missing, a folder, or nowhere to be found', async () => {
    const problems = async (file: string): Promise<string[]> =>
      (await checked(`musicFolder: music\nemergencyFile: ${file}\n`)).problems
    expect(await problems('broken.mp3')).toEqual([
      'emergencyFile: "broken.mp3" can\'t be played. It is not audio in a known format, or damaged from its beginning.',
    ])
    expect(await problems('none.mp3')).toEqual([
      `emergencyFile: "none.mp3" is not there; it is looked for at ${join(music, 'none.mp3')}`,
    ])
    expect(await problems('.')).toEqual(['emergencyFile: "." is not a file'])
    expect((await checked('emergencyFile: emergency.mp3\n')).problems).toEqual([
      'emergencyFile: "emergency.mp3" is relative to the music folder, and none is named; name one, like musicFolder: /srv/music',
    ])
  })

  it('it is refused for a wrong station file, and for a music folder that is none', async () => {
    expect((await checked('timeZone: Mars/Olympus\n')).problems).toEqual([
      'timeZone: "Mars/Olympus" is not a known time zone; write it like Europe/Berlin (line 1)',
    ])
    expect((await checked('musicFolder: nowhere\n')).problems).toEqual([
      `musicFolder: there is no folder ${join(home, 'nowhere')}`,
    ])
    expect((await checked('musicFolder: music/broken.mp3\n')).problems).toEqual([
      `musicFolder: ${join(music, 'broken.mp3')} is a file; name the folder that the music lies in`,
    ])
  })

  it('sources that name nothing are a warning: the station plays something else', async () => {
    const file =
      'musicFolder: music\nprogramme:\n  rotation: { source: { folder: evening } }\n  jingles: { source: { folder: .. } }\n'
    expect(await checked(file)).toEqual({
      problems: [],
      warnings: [
        'programme.rotation.source: "evening" is not in the music folder; other programme is played in its place',
        'programme.jingles.source: ".." lies outside the music folder',
      ],
    })
  })

  it('without a music folder the demo programmes are played, and nothing is missed', async () => {
    const demo = await checkStation({
      stationPath: join(import.meta.dirname, '../../../deploy/station.example.yaml'),
      ...{ musicFolder: null, clock: systemClock, signal: new AbortController().signal, analyse },
    })
    expect(demo).toEqual({ problems: [], warnings: [] })
  })
})
