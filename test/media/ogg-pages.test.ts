import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { titleOfOggHeader } from '../../media/ogg-comments.ts'
import { type OggPage, OggPages } from '../../media/ogg-pages.ts'
import { sniffAudio } from '../../media/sniff-audio.ts'

const encoded = (codec: string, title: string): Buffer =>
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'sine=d=1', '-metadata', `title=${title}`, '-metadata', 'artist=Ann'],
    ...['-c:a', codec, '-f', 'ogg', 'pipe:1'],
  ])

function cut(stream: Buffer, size: number): OggPage[] {
  const pages = new OggPages()
  const found: OggPage[] = []
  for (let at = 0; at < stream.length; at += size) found.push(...pages.push(stream.subarray(at, at + size)))
  return found
}

describe('an Ogg stream', () => {
  it.each(['libvorbis', 'libopus', 'flac'])('of %s is the same pages however it is cut', (codec) => {
    const stream = encoded(codec, 'Küste')
    for (const size of [1, 7, 1000, stream.length]) {
      const pages = cut(stream, size)
      expect(Buffer.concat(pages.map(({ bytes }) => bytes)).equals(stream)).toBe(true)
      expect(pages.map(({ isFirst }) => isFirst).lastIndexOf(true)).toBe(0)
      expect(pages.map(({ isLast }) => isLast).indexOf(true)).toBe(pages.length - 1)
      const header = pages.filter(({ isHeader }) => isHeader).map(({ body }) => body)
      expect(titleOfOggHeader(Buffer.concat(header))).toBe('Ann - Küste')
      expect(sniffAudio(stream)).toBe('ogg')
    }
  })

  it('with garbage in it is still cut, and garbage alone is nothing', () => {
    const stream = encoded('libopus', 'x')
    const pages = cut(Buffer.concat([Buffer.alloc(3000, 0x4f), stream, Buffer.from('OggSOggS')]), 999)
    expect(Buffer.concat(pages.map(({ bytes }) => bytes)).equals(stream)).toBe(true)
    const liar = Buffer.alloc(70_000, 0xff)
    liar.write('OpusTags', 300, 'latin1')
    expect(cut(Buffer.alloc(70_000, 0xff), 5000)).toEqual([])
    expect(titleOfOggHeader(liar)).toBe('')
    expect(titleOfOggHeader(Buffer.from('OpusTags'))).toBe('')
  })
})

describe('first bytes', () => {
  it('tell the format, or nothing', () => {
    const of = (...bytes: number[]): string | null => sniffAudio(Buffer.from(bytes))
    expect(of(0xff, 0xfb, 0x90, 0x00)).toBe('mp3')
    expect(of(0xff, 0xf3, 0x90, 0x00)).toBe('mp3')
    expect(of(0xff, 0xf1, 0x50, 0x80)).toBe('aac')
    expect(of(0xff, 0xf9, 0x50, 0x80)).toBe('aac')
    expect(of(0x1a, 0x45, 0xdf, 0xa3)).toBe('matroska')
    expect(sniffAudio(Buffer.from('fLaC'))).toBe('flac')
    expect(of(0xff, 0x00, 0x00, 0x00)).toBeNull()
    expect(of(0xff)).toBeNull()
  })
})
