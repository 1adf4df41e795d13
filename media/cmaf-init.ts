import type { RenditionInfo } from '../schemas/markers.ts'
import { audioSpecificConfig } from './adts.ts'
import { bitrateOf } from './bitrate.ts'
import { u8, u16, u24, u32 } from './bytes.ts'
import { box, fullBox } from './mp4-box.ts'
import { FRAME_SAMPLES, SAMPLE_RATE } from './timeline.ts'

/**
 * The header that goes before any segment of a rendition: one AAC track, timescale 48000, no edit list, every default in `trex`, so that
 * a fragment need not repeat any (ISO/IEC 14496-12, 8; ISO/IEC 23000-19, 7.3.1). It depends on nothing that changes.
 */
export function cmafInit(rendition: RenditionInfo): Buffer {
  return Buffer.concat([
    box('ftyp', ascii('iso6'), u32(0), ascii('iso6'), ascii('cmfc'), ascii('caac'), ascii('aid3')),
    box(
      'moov',
      fullBox(
        'mvhd',
        0,
        0,
        zeros(8),
        u32(SAMPLE_RATE),
        u32(0),
        u32(0x10000),
        u16(0x100),
        zeros(10),
        MATRIX,
        zeros(24),
        u32(2),
      ),
      track(rendition),
      box('mvex', fullBox('trex', 0, 0, u32(1), u32(1), u32(FRAME_SAMPLES), u32(0), u32(EACH_FRAME_STANDS_ALONE))),
    ),
  ])
}

/** sample_depends_on = 2: no other. */
const EACH_FRAME_STANDS_ALONE = 0x02000000
const UNDETERMINED_LANGUAGE = 0x55c4
const MATRIX = Buffer.concat([0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map(u32))

function track(rendition: RenditionInfo): Buffer {
  const enabledAndInMovie = 3
  return box(
    'trak',
    fullBox(
      'tkhd',
      0,
      enabledAndInMovie,
      zeros(8),
      u32(1),
      zeros(4),
      u32(0),
      zeros(8),
      zeros(4),
      u16(0x100),
      zeros(2),
      MATRIX,
      zeros(8),
    ),
    box(
      'mdia',
      fullBox('mdhd', 0, 0, zeros(8), u32(SAMPLE_RATE), u32(0), u16(UNDETERMINED_LANGUAGE), zeros(2)),
      fullBox('hdlr', 0, 0, zeros(4), ascii('soun'), zeros(12), ascii('audio\0')),
      box(
        'minf',
        fullBox('smhd', 0, 0, zeros(4)),
        box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
        box(
          'stbl',
          fullBox('stsd', 0, 0, u32(1), sampleEntry(rendition)),
          fullBox('stts', 0, 0, u32(0)),
          fullBox('stsc', 0, 0, u32(0)),
          fullBox('stsz', 0, 0, u32(0), u32(0)),
          fullBox('stco', 0, 0, u32(0)),
        ),
      ),
    ),
  )
}

function sampleEntry(rendition: RenditionInfo): Buffer {
  const sampleRate = u32(SAMPLE_RATE * 0x10000)
  return box(
    'mp4a',
    zeros(6),
    u16(1),
    zeros(8),
    u16(rendition.channels),
    u16(16),
    zeros(4),
    sampleRate,
    fullBox('esds', 0, 0, elementaryStreamDescriptor(rendition)),
  )
}

/** ISO/IEC 14496-1, 7.2.6.5 and 7.2.6.6. The buffer is the largest legal AAC frame: 768 bytes a channel. */
function elementaryStreamDescriptor(rendition: RenditionInfo): Buffer {
  const { peakBitsPerSecond, averageBitsPerSecond } = bitrateOf(rendition)
  const mpeg4Audio = 0x40
  const audioStream = 0x15
  const decoderConfig = descriptor(
    4,
    u8(mpeg4Audio),
    u8(audioStream),
    u24(768 * rendition.channels),
    u32(peakBitsPerSecond),
    u32(averageBitsPerSecond),
    descriptor(5, audioSpecificConfig(rendition.channels)),
  )
  const predefinedForMp4 = descriptor(6, u8(2))
  return descriptor(3, u16(0), u8(0), decoderConfig, predefinedForMp4)
}

function descriptor(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([u8(tag), u8(body.length), body])
}

const ascii = (text: string): Buffer => Buffer.from(text, 'latin1')
const zeros = (bytes: number): Buffer => Buffer.alloc(bytes)
