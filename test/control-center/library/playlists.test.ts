import { describe, expect, it } from 'vitest'
import { parsePlaylist, resolvePlaylist } from '../../../control-center/library/playlists.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8')
const entriesOf = (content: string | Uint8Array, name: string): string[] =>
  parsePlaylist(typeof content === 'string' ? bytes(content) : content, name).map(({ written }) => written)

describe('playlists are read', () => {
  it('as m3u, with comments, blank lines and Windows line ends', () => {
    const text = '\ufeff#EXTM3U\r\n#EXTINF:123,Artist - Title\r\none.mp3\r\n\r\n  two words.flac  \r\n#EXTGRP:x\r\n'
    expect(entriesOf(text, 'a.m3u8')).toEqual(['one.mp3', 'two words.flac'])
  })

  it('as m3u in the encodings of their time', () => {
    expect(entriesOf(Buffer.from('cae8edee20cfe5f1edff2e6d70330a', 'hex'), 'a.m3u')).toEqual(['Кино Песня.mp3'])
    expect(entriesOf(Buffer.from('d6dcbddcc2d72f63e7ccec2e6d7033'.replace('63e7', 'c7e7'), 'hex'), 'a.m3u')).toEqual([
      '周杰伦/晴天.mp3',
    ])
    expect(entriesOf(Buffer.from('\ufeffночь.mp3\n', 'utf16le'), 'a.m3u')).toEqual(['ночь.mp3'])
  })

  it('as pls, in the order of the numbers, whatever the order of the lines', () => {
    const text =
      '[playlist]\nNumberOfEntries=3\nFile10=c.mp3\nTitle10=C\nfile2 = b.mp3\nFile1=a.mp3\nLength1=-1\nVersion=2\n'
    expect(entriesOf(text, 'a.pls')).toEqual(['a.mp3', 'b.mp3', 'c.mp3'])
  })

  it('as xspf, with entities, comments and more than one location', () => {
    const text = `<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><location>http://x/this.xspf</location>
      <trackList><!-- <track><location>no.mp3</location></track> -->
      <track><title>A</title><location> Rock%20&amp;%20Roll.mp3 </location><location>second.mp3</location></track>
      <track><location>&#x4e00;&#57;.mp3</location></track><track><title>none</title></track></trackList></playlist>`
    expect(entriesOf(text, 'a.xspf')).toEqual(['Rock%20&%20Roll.mp3', '一9.mp3'])
  })

  it('as nothing when there is nothing in them', () => {
    for (const name of ['a.m3u', 'a.pls', 'a.xspf'])
      for (const content of ['', '\0\0\0\0', '<<<>>>', '[playlist]'].slice(0, name === 'a.m3u' ? 1 : 4))
        expect(entriesOf(content, name)).toEqual([])
  })
})

describe('entries are found', () => {
  const there = new Set([
    'evening/one.mp3',
    'evening/deep/two.mp3',
    'three & four.mp3',
    '100%.mp3',
    'caf\u00e9.mp3',
    'nfd/e\u0301.mp3',
  ])
  const resolved = (...written: string[]): { files: string[]; problems: string[] } =>
    resolvePlaylist(
      written.map((entry) => ({ written: entry })),
      { file: 'evening/list.m3u', musicFolder: '/srv/music' },
      (file) => there.has(file),
    )

  it('beside the playlist, below it, above it, in full, and as an address of a file', () => {
    const written = ['one.mp3', './deep/two.mp3', '../three & four.mp3', '/srv/music/evening/one.mp3']
    const addresses = [
      'file:///srv/music/three%20%26%20four.mp3',
      'file://localhost/srv/music/100%25.mp3',
      'file:one.mp3',
    ]
    expect(resolved(...written, ...addresses)).toEqual({
      files: [
        'evening/one.mp3',
        'evening/deep/two.mp3',
        'three & four.mp3',
        'evening/one.mp3',
        'three & four.mp3',
        '100%.mp3',
        'evening/one.mp3',
      ],
      problems: [],
    })
  })

  it('with percent signs that mean something or themselves, Windows’ slashes, and either form of an accent', () => {
    const written = [
      '../three%20%26%20four.mp3',
      '../100%.mp3',
      'deep\\two.mp3',
      '../cafe\u0301.mp3',
      '../nfd/\u00e9.mp3',
    ]
    expect(resolved(...written)).toEqual({
      files: ['three & four.mp3', '100%.mp3', 'evening/deep/two.mp3', 'caf\u00e9.mp3', 'nfd/e\u0301.mp3'],
      problems: [],
    })
  })

  it('or reported: not there, outside the music folder, on the network', () => {
    expect(
      resolved(
        'four.mp3',
        '../../../etc/passwd',
        '..%2f..%2f..%2fetc/passwd',
        '/etc/passwd',
        'file:///etc/passwd',
        'http://example.org/a.mp3',
        'concat:one.mp3',
        '..',
      ),
    ).toEqual({
      files: [],
      problems: [
        '"four.mp3" is not there, or can\'t be played',
        '"../../../etc/passwd": it lies outside the music folder',
        '"..%2f..%2f..%2fetc/passwd" is not there, or can\'t be played',
        '"/etc/passwd": it lies outside the music folder',
        '"file:///etc/passwd": it lies outside the music folder',
        '"http://example.org/a.mp3": only files can be planned, not addresses on the network',
        '"concat:one.mp3": only files can be planned, not addresses on the network',
        '"..": it lies outside the music folder',
      ],
    })
    expect(resolved().problems).toEqual(['no entries are in it'])
  })
})
