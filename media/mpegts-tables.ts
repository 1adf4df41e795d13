import { u8, u16, u32 } from './bytes.ts'
import { crc32Mpeg } from './crc32-mpeg.ts'

export const PMT_PID = 0x1000
export const AUDIO_PID = 0x100
export const ID3_PID = 0x101
const PROGRAM = 1
const STREAM_TYPE_ADTS = 0x0f
const STREAM_TYPE_METADATA_IN_PES = 0x15

/** Program association section, with its pointer field (ISO/IEC 13818-1, 2.4.4.3). */
export function programAssociation(): Buffer {
  return section(0, 1, Buffer.concat([u16(PROGRAM), u16(0xe000 | PMT_PID)]))
}

/**
 * Program map section, with its pointer field (2.4.4.8): one ADTS stream, which carries the clock, and one of ID3 tags, announced as
 * Apple's "Timed Metadata for HTTP Live Streaming" wants it: a metadata pointer for the programme, a metadata descriptor for the stream.
 */
export function programMap(): Buffer {
  const id3Format = Buffer.concat([u16(0xffff), ID3, u8(0xff), ID3, u8(0)])
  const metadataPointer = descriptor(0x25, Buffer.concat([id3Format, u8(0x1f), u16(PROGRAM)]))
  const metadata = descriptor(0x26, Buffer.concat([id3Format, u8(0x0f)]))
  const body = Buffer.concat([
    u16(0xe000 | AUDIO_PID),
    withLength(metadataPointer),
    stream(STREAM_TYPE_ADTS, AUDIO_PID, Buffer.alloc(0)),
    stream(STREAM_TYPE_METADATA_IN_PES, ID3_PID, metadata),
  ])
  return section(2, PROGRAM, body)
}

const ID3 = Buffer.from('ID3 ', 'latin1')

function stream(type: number, pid: number, descriptors: Buffer): Buffer {
  return Buffer.concat([u8(type), u16(0xe000 | pid), withLength(descriptors)])
}

function withLength(descriptors: Buffer): Buffer {
  return Buffer.concat([u16(0xf000 | descriptors.length), descriptors])
}

function descriptor(tag: number, body: Buffer): Buffer {
  return Buffer.concat([u8(tag), u8(body.length), body])
}

/** Version 0, current, the only section of its table. */
function section(tableId: number, extension: number, body: Buffer): Buffer {
  const afterLength = Buffer.concat([u16(extension), u8(0xc1), u8(0), u8(0), body])
  const covered = Buffer.concat([u8(tableId), u16(0xb000 | (afterLength.length + 4)), afterLength])
  return Buffer.concat([u8(0), covered, u32(crc32Mpeg(covered))])
}
