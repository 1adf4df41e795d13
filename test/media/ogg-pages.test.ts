import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { OggPages } from '../../media/ogg-pages.ts'

const encoded = (codec: string, title: string): Buffer =>
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'sine=d=1', '-metadata', `title=${title}`, '-metadata', 'artist=Ann'],
    ...['-c:a', codec, '-f', 'ogg', 'pipe:1'],
  ])

describe('the pages of an Ogg stream', () => {
  it.each(['libvorbis', 'libopus', 'flac'])('of %s tell title and end, however they are cut', (codec) => {
    const stream = encoded(codec, 'Küste')
    for (const size of [1, 7, 1000, stream.length]) {
      const titles: string[] = []
      const pages = new OggPages((title) => titles.push(title))
      for (let at = 0; at < stream.length; at += size) {
        expect(pages.isEnded()).toBe(false)
        pages.push(stream.subarray(at, at + size))
      }
      expect(titles).toEqual(['Ann - Küste'])
      expect(pages.isEnded()).toBe(true)
    }
  })

  it('of a chain of streams tell each title, and end with the last one', () => {
    const [first, second] = [encoded('libopus', 'One'), encoded('libopus', 'Two')]
    const titles: string[] = []
    const pages = new OggPages((title) => titles.push(title))
    pages.push(first)
    pages.push(second.subarray(0, -10))
    expect(titles).toEqual(['Ann - One', 'Ann - Two'])
    expect(pages.isEnded()).toBe(false)
    pages.push(second.subarray(-10))
    expect(pages.isEnded()).toBe(true)
  })

  it('that are garbage cost nothing', () => {
    const titles: string[] = []
    const pages = new OggPages((title) => titles.push(title))
    const liar = Buffer.alloc(27 + 255 + 70_000, 0xff)
    liar.write('OggS', 0, 'latin1')
    liar[5] = 2
    liar.write('OpusTags', 300, 'latin1')
    for (let turn = 0; turn < 20; turn += 1) pages.push(liar)
    pages.push(Buffer.from('OggSOggOggS'))
    expect(titles).toEqual([])
    expect(pages.isEnded()).toBe(false)
  })
})
