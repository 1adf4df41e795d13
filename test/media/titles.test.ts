import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createIcyInterleaver, streamTitle } from '../../media/icy.ts'
import { timestampTag, titleTag } from '../../media/id3.ts'
import { parseId3 } from '../../media/parse-id3.ts'
import { truncateUtf8 } from '../../media/utf8.ts'
import { titleAt } from './real-frames.ts'

describe('a title in ID3', () => {
  it('is a tag of version 2.4 in UTF-8, byte for byte', () => {
    const expected = Buffer.from('ID3\x04\0\0\0\0\0\x0eTIT2\0\0\0\x04\0\0\x03Duo', 'latin1')
    expect(titleTag(titleAt(0, 'Duo')).equals(expected)).toBe(true)
  })

  it('comes back as it was, in any script', () => {
    for (const [title, artist] of [
      ['晴天', '周杰伦'],
      ['Подмосковные вечера', 'Хор'],
      ['👩‍👩‍👧 🎵', '😀'],
      ['', ''],
      ["It's", ''],
    ])
      expect(parseId3(titleTag(titleAt(0, title!, artist)))).toMatchObject({
        title: title || null,
        artist: artist || null,
      })
  })

  it('never exceeds its room, never cuts a character, and keeps half for the artist', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 40, max: 300 }),
        (title, artist, room) => {
          const tag = titleTag(titleAt(0, title, artist), room)
          expect(tag.length).toBeLessThanOrEqual(room)
          // Half a character would come out as the replacement character; one that was there may be what is cut off.
          const hasReplacement = `${parseId3(tag).title}${parseId3(tag).artist}`.includes('�')
          expect(hasReplacement && !`${title}${artist}`.includes('�')).toBe(false)
        },
      ),
    )
    const long = parseId3(titleTag(titleAt(0, '长'.repeat(200), 'певец'.repeat(50)), 170))
    expect(long.title).toBe('长'.repeat(23))
    expect(Buffer.byteLength(long.artist!)).toBeGreaterThanOrEqual(66)
  })

  it('stands beside the timestamp where packed audio begins', () => {
    const tag = parseId3(timestampTag(2 ** 33 - 1, titleAt(0, 'Утро')))
    expect(tag).toMatchObject({ timestamp: 2 ** 33 - 1, title: 'Утро', artist: null })
    expect(timestampTag(0, undefined).length).toBe(73)
  })

  it('is refused when cut off anywhere', () => {
    const tag = titleTag(titleAt(0, 'Morning', 'The Larks'))
    for (let bytes = 0; bytes < tag.length; bytes += 1) expect(() => parseId3(tag.subarray(0, bytes))).toThrow('ID3')
  })

  it('is cut between code points, and leaves no joiner or space behind', () => {
    expect(truncateUtf8('ab👩‍👩', 5)).toBe('ab')
    expect(truncateUtf8('ab👩‍👩', 9)).toBe('ab👩')
    expect(truncateUtf8('ab👩‍👩', 10)).toBe('ab👩')
    expect(truncateUtf8('ab 👩', 5)).toBe('ab')
  })
})

describe('a title in an ICY stream', () => {
  /** As a player takes it apart: `metaint` bytes of audio, a length byte, so many sixteens of text. */
  function listen(stream: Buffer, metaint: number): { audio: Buffer; titles: string[] } {
    const audio: Buffer[] = []
    const titles: string[] = []
    for (let at = 0; at < stream.length; ) {
      audio.push(stream.subarray(at, at + metaint))
      at += metaint
      if (at >= stream.length) break
      const bytes = stream[at]! * 16
      if (bytes > 0) titles.push(/^StreamTitle='(.*?)';\0*$/.exec(stream.toString('utf8', at + 1, at + 1 + bytes))![1]!)
      at += 1 + bytes
    }
    return { audio: Buffer.concat(audio), titles }
  }

  it('leaves the audio as it was, however it comes in', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 90 })), fc.integer({ min: 1, max: 64 }), (pieces, metaint) => {
        const icy = createIcyInterleaver(metaint)
        const stream = pieces.map((piece, index) => {
          icy.setTitle(titleAt(0, `Title ${index}`))
          return icy.push(piece)
        })
        expect(listen(Buffer.concat(stream), metaint).audio.equals(Buffer.concat(pieces))).toBe(true)
      }),
    )
  })

  it('is said once, with the next block, and again only when it changes', () => {
    const icy = createIcyInterleaver(10)
    icy.setTitle(titleAt(0, 'Утро', 'Хор'))
    const first = icy.push(Buffer.alloc(35))
    icy.setTitle(titleAt(0, "Don't '; stop"))
    const stream = Buffer.concat([first, icy.push(Buffer.alloc(35))])
    expect(listen(stream, 10).titles).toEqual(['Хор - Утро', 'Don’t ’; stop'])
  })

  it('has no quote or line break, and fits the largest block', () => {
    expect(streamTitle({ title: "a'\r\nb", artist: '' })).toBe('a’ b')
    const icy = createIcyInterleaver(1)
    icy.setTitle(titleAt(0, '长'.repeat(3000)))
    const stream = icy.push(Buffer.alloc(1))
    expect(stream.length).toBe(1 + 1 + 4080)
    expect(listen(stream, 1).titles).toEqual(['长'.repeat(Math.floor((4080 - 15) / 3))])
  })
})
