import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readTags, tagsOf } from '../../../control-center/library/tags.ts'
import { systemClock } from '../../../platform/clock.ts'
import { id3v1, id3v23, makeTone } from './fixtures.ts'

const folder = mkdtempSync(join(tmpdir(), 'airtight-tags-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string): string => join(folder, name)
const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const bare = readFileSync(
  makeTone(at('bare.mp3'), 0.5, ['-map_metadata', '-1', '-write_xing', '0', '-id3v2_version', '0']),
)

describe('tags of files', () => {
  it('are read from ID3, Vorbis comments and MP4 atoms', async () => {
    const tags = ['-metadata', 'title=夜の歌', '-metadata', 'artist=Ёлка', '-metadata', 'album=Ça va']
    for (const name of ['a.mp3', 'a.flac', 'a.ogg', 'a.opus', 'a.m4a'])
      expect(await readTags(makeTone(at(name), 0.3, tags), systemClock), name).toEqual({
        title: '夜の歌',
        artist: 'Ёлка',
        album: 'Ça va',
      })
  })

  it('are read from what is inside, whatever the name ends in', async () => {
    const tags = ['-metadata', 'title=Inside', '-metadata', 'artist=Somebody']
    for (const [name, wrong] of [
      ['b.flac', 'flac.mp3'],
      ['b.m4a', 'm4a.mp3'],
      ['b.mp3', 'mp3.ogg'],
      ['b.opus', 'opus.wav'],
    ] as const) {
      renameSync(makeTone(at(name), 0.3, tags), at(wrong))
      expect(await readTags(at(wrong), systemClock), wrong).toEqual({ title: 'Inside', artist: 'Somebody' })
    }
  })

  const lost: [string, Record<string, string>, object][] = [
    // 七里香, 周杰伦
    ['GB18030', { TIT2: 'c6dfc0efcfe3', TPE1: 'd6dcbddcc2d7' }, { title: '七里香', artist: '周杰伦' }],
    // Группа крови, Кино
    ['CP1251', { TIT2: 'c3f0f3efefe020eaf0eee2e8', TPE1: 'cae8edee' }, { title: 'Группа крови', artist: 'Кино' }],
    [
      'Shift-JIS',
      { TIT2: '8fe382f08cfc82a282c495e082b182a4', TPE1: '8de2967b8be3' },
      { title: '上を向いて歩こう', artist: '坂本九' },
    ],
    ['UTF-8', { TIT2: 'd09fd0b5d181d0bdd18f', TPE1: '426ac3b6726b' }, { title: 'Песня', artist: 'Björk' }],
    [
      'Windows-1252',
      { TIT2: '4c92616d6f7572209620746f756a6f757273', TPE1: '426af6726b' },
      { title: 'L’amour – toujours', artist: 'Björk' },
    ],
    ['what it says it is', { TIT2: '4af36761', TPE1: '426af6726b' }, { title: 'Jóga', artist: 'Björk' }],
  ]
  for (const [encoding, frames, expected] of lost)
    it(`said to be ISO 8859-1, and really ${encoding}`, async () => {
      const path = at(`${encoding}.mp3`)
      const tag = id3v23(Object.fromEntries(Object.entries(frames).map(([id, text]) => [id, hex(text)])))
      writeFileSync(path, Buffer.concat([tag, bare]))
      expect(await readTags(path, systemClock)).toEqual(expected)
    })

  it('in ID3v1, cut through the middle of a character', async () => {
    const path = at('v1.mp3')
    // One byte and three a character: the thirtieth byte is in the middle of one.
    const title = Buffer.from('A月亮代表我的心月亮代表我的心', 'utf8')
    writeFileSync(path, Buffer.concat([bare, id3v1(title, Buffer.from('邓丽君', 'utf8'))]))
    const tags = await readTags(path, systemClock)
    expect(tags).toEqual({ title: 'A月亮代表我的心月亮', artist: '邓丽君' })
  })

  it('are not asked of a file that has none, or is none', async () => {
    writeFileSync(at('07 - Nina - Sinnerman.mp3'), bare)
    expect(await readTags(at('07 - Nina - Sinnerman.mp3'), systemClock)).toEqual({ title: 'Sinnerman', artist: 'Nina' })
    expect(await readTags(at('nowhere/Lost - Gone.mp3'), systemClock)).toEqual({ title: 'Gone', artist: 'Lost' })
  })
})

describe('what listeners read', () => {
  const cases: [string, Parameters<typeof tagsOf>[0], string, object][] = [
    [
      'has no control characters and line breaks',
      { title: 'A\u0000B\r\nC\u0007', artist: '\u001b[31mX' },
      'x',
      { title: 'A B C', artist: '[31mX' },
    ],
    [
      'can’t turn the page’s direction around',
      { title: '\u202egnihton', artist: '' },
      'x',
      { title: 'gnihton', artist: '' },
    ],
    ['has an end', { title: 'x'.repeat(5000), artist: 'y' }, 'x', { title: `${'x'.repeat(199)}…`, artist: 'y' }],
    [
      'comes from the name where nothing was written',
      {},
      'Miles_Davis_-_So_What',
      { title: 'So What', artist: 'Miles Davis' },
    ],
    ['leaves a track’s number out', {}, '03. Blue in Green', { title: 'Blue in Green', artist: '' }],
    ['keeps a number that is a name', {}, '99 Luftballons', { title: '99 Luftballons', artist: '' }],
    ['keeps a year that is a name', {}, '1979', { title: '1979', artist: '' }],
    [
      'takes the artist from the tags and the title from the name',
      { artist: 'Known' },
      'A - B',
      { title: 'B', artist: 'Known' },
    ],
    ['takes blanks for nothing', { title: '  \u0000 ', artist: ' ' }, 'Name', { title: 'Name', artist: '' }],
    ['has a name whatever happens', {}, '\u0001', { title: 'Untitled', artist: '' }],
  ]
  for (const [what, found, name, expected] of cases)
    it(what, () => expect(tagsOf(found, `/music/${name}.mp3`)).toEqual(expected))
})
