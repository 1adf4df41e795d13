import { beforeAll, describe, expect, it } from 'vitest'
import { adtsOfUnits } from '../../media/adts.ts'
import { cmafInit } from '../../media/cmaf-init.ts'
import { packageSegment } from '../../media/packaging.ts'
import { mediaPlaylist, type Packaging, playlistNames, segmentExtensions } from '../../media/playlists.ts'
import { FRAMES_PER_SEGMENT } from '../../media/timeline.ts'
import { decode, encodeUnits, ffmpeg, high, low, MUSIC, segmentsFrom, withFiles } from './real-frames.ts'

const SEGMENTS = 5
const FORMATS: Record<Packaging, string> = { cmaf: 'mp4', ts: 'mpegts', adts: 'aac' }
const PTS_TICKS_PER_SEGMENT = 1920 * FRAMES_PER_SEGMENT
const SAMPLES_PER_SEGMENT = 1024 * FRAMES_PER_SEGMENT

/** Where on the timeline a format could stumble: the segment two before it. */
const places = {
  'in November 2026': 447_601_234,
  'where the 33-bit PTS wraps': Math.floor((18_800 * 2 ** 33) / PTS_TICKS_PER_SEGMENT) - 2,
  'where the decode time leaves 32 bits': Math.floor(2 ** 32 / SAMPLES_PER_SEGMENT) - 2,
  'where the fragment number leaves 32 bits': 2 ** 32 - 2,
}

describe.each([high, low])('ffmpeg on five consecutive segments of $id, each packaged for itself', (rendition) => {
  let units: Buffer[]
  let reference: Buffer
  beforeAll(() => {
    units = encodeUnits(MUSIC, 21, rendition).slice(0, SEGMENTS * FRAMES_PER_SEGMENT)
    reference = decode(adtsOfUnits(units, rendition.channels), 'aac')
    expect(reference.length).toBe(SEGMENTS * FRAMES_PER_SEGMENT * 1024 * 2 * rendition.channels)
  })

  describe.each(Object.entries(places))('%s (%i)', (_, first) => {
    it.each(['cmaf', 'ts', 'adts'] as const)(
      '%s: one after the other, they decode to the same samples',
      (packaging) => {
        const bodies = segmentsFrom(units, first, SEGMENTS).map((one) => packageSegment(packaging, one, rendition))
        if (packaging === 'cmaf') bodies.unshift(cmafInit(rendition))
        expect(decode(Buffer.concat(bodies), FORMATS[packaging]).equals(reference)).toBe(true)
      },
    )
  })

  describe.each([places['in November 2026'], places['where the 33-bit PTS wraps']])('segments from %i', (first) => {
    it.each(['cmaf', 'ts', 'adts'] as const)('%s: so they do by their playlist', (packaging) => {
      const segments = segmentsFrom(units, first, SEGMENTS)
      const playlist = mediaPlaylist({ packaging, oldest: first, newest: first + SEGMENTS - 1 })
      const files = Object.fromEntries(
        segments.map((one) => [
          `${one.number}.${segmentExtensions[packaging]}`,
          packageSegment(packaging, one, rendition),
        ]),
      )
      const name = playlistNames[packaging]
      const heard = withFiles(
        { ...files, 'init.mp4': cmafInit(rendition), [name]: `${playlist}#EXT-X-ENDLIST\n` },
        (folder) => ffmpeg(['-i', `${folder}/${name}`, '-f', 's16le', '-']),
      )
      expect(heard.equals(reference)).toBe(true)
    })
  })
})
