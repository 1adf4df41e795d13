import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cmafSegment } from '../../media/cmaf.ts'
import { FormatError } from '../../media/format-error.ts'
import { mpegtsSegment } from '../../media/mpegts.ts'
import { packedAudioSegment } from '../../media/packed-audio.ts'
import { parseCmaf } from '../../media/parse-cmaf.ts'
import { parseMpegts } from '../../media/parse-mpegts.ts'
import { parsePackedAudio } from '../../media/parse-packed-audio.ts'
import { parseMasterPlaylist, parseMediaPlaylist } from '../../media/parse-playlist.ts'
import { masterPlaylist, mediaPlaylist } from '../../media/playlists.ts'
import { high, segmentsFrom, station } from './real-frames.ts'

const units = Array.from({ length: 188 }, (_, index) => Buffer.alloc(20 + index, index))
const [segment] = segmentsFrom(units, 447_600_000, 1)
const parsers: Record<string, { parse: (bytes: Buffer) => unknown; good: Buffer }> = {
  CMAF: { parse: parseCmaf, good: cmafSegment(segment!) },
  'MPEG-TS': { parse: (bytes) => parseMpegts(bytes), good: mpegtsSegment(segment!, high) },
  'packed ADTS': { parse: parsePackedAudio, good: packedAudioSegment(segment!, high) },
  'media playlist': {
    parse: (bytes) => parseMediaPlaylist(bytes.toString()),
    good: Buffer.from(mediaPlaylist({ packaging: 'cmaf', oldest: 5, newest: 9 })),
  },
  'master playlist': {
    parse: (bytes) => parseMasterPlaylist(bytes.toString()),
    good: Buffer.from(masterPlaylist(station)),
  },
}

/** What comes of it: read, or refused by name. Anything else is thrown on. */
function outcome(parse: (bytes: Buffer) => unknown, bytes: Buffer): 'read' | 'refused' {
  try {
    parse(bytes)
    return 'read'
  } catch (error) {
    if (error instanceof FormatError) return 'refused'
    throw error
  }
}

describe.each(Object.entries(parsers))('%s', (name, { parse, good }) => {
  it('is read when whole', () => {
    expect(outcome(parse, good)).toBe('read')
  })

  it('is read or refused when cut off anywhere', () => {
    fc.assert(
      fc.property(fc.nat({ max: good.length - 1 }), (bytes) => {
        const result = outcome(parse, good.subarray(0, bytes))
        if (!name.includes('playlist') && name !== 'packed ADTS') expect(result).toBe('refused')
      }),
      { numRuns: 300 },
    )
  })

  it('is read or refused when bytes are wrong', () => {
    const anyChanges = fc.array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 5,
    })
    fc.assert(
      fc.property(anyChanges, (changes) => {
        const bytes = Buffer.from(good)
        for (const [at, value] of changes) bytes[at] = value
        outcome(parse, bytes)
        // Where the structure lies.
        for (const [at, value] of changes) bytes[at % 400] = value
        outcome(parse, bytes)
      }),
      { numRuns: 300 },
    )
  })

  it('is refused when it is something else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        expect(outcome(parse, Buffer.from(bytes))).toBe('refused')
      }),
    )
  })
})
