/**
 * AAC-LC at 48 kHz and its ADTS transport (ISO/IEC 14496-3, 1.6.2.1 AudioSpecificConfig and 1.A.2 ADTS).
 * A unit is a raw access unit: one AAC frame without any header.
 */
export type Channels = 1 | 2

const AAC_LC = 2
const INDEX_OF_48_KHZ = 3
export const ADTS_HEADER_BYTES = 7
/** The frame length field has 13 bits. */
export const ADTS_FRAME_BYTES_MAX = 8191

/** AudioSpecificConfig for AAC-LC, 48 kHz: two bytes. */
export function audioSpecificConfig(channels: Channels): Buffer {
  return Buffer.from([(AAC_LC << 3) | (INDEX_OF_48_KHZ >> 1), ((INDEX_OF_48_KHZ & 1) << 7) | (channels << 3)])
}

/** The seven bytes before a unit: MPEG-4, no CRC, buffer fullness "variable rate". Throws a RangeError when the unit is too long. */
export function adtsHeader(unitBytes: number, channels: Channels): Buffer {
  const length = unitBytes + ADTS_HEADER_BYTES
  if (length > ADTS_FRAME_BYTES_MAX) throw new RangeError(`access unit of ${unitBytes} bytes does not fit into ADTS`)
  return Buffer.from([
    0xff,
    0xf1,
    ((AAC_LC - 1) << 6) | (INDEX_OF_48_KHZ << 2) | (channels >> 2),
    ((channels & 3) << 6) | (length >> 11),
    (length >> 3) & 0xff,
    ((length & 7) << 5) | 0x1f,
    0xfc,
  ])
}

/** The units one after the other, each with its header. */
export function adtsOfUnits(units: readonly Uint8Array[], channels: Channels): Buffer {
  return Buffer.concat(units.flatMap((unit) => [adtsHeader(unit.length, channels), unit]))
}

/** One frame of digital silence. It fills what is known to be lost. */
export function silentUnit(channels: Channels): Buffer {
  return SILENT_UNIT[channels]
}

/** One element (single, or a pair), no spectral line coded; then the end. */
export const SILENT_UNIT: Readonly<Record<Channels, Buffer>> = {
  1: Buffer.from('00c800802380', 'hex'),
  2: Buffer.from('210049900219002380', 'hex'),
}

/** What an ADTS header says. */
export type AdtsHeader = { headerBytes: 7 | 9; frameBytes: number; channels: number }

/** Reads the header at an offset; null when there is none of AAC-LC at 48 kHz with one raw data block, or not all of it. */
export function readAdtsHeader(bytes: Uint8Array, at: number): AdtsHeader | null {
  if (at + ADTS_HEADER_BYTES > bytes.length) return null
  const [first, second, third, fourth] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!]
  if (first !== 0xff || (second & 0xf6) !== 0xf0) return null
  if (third >> 6 !== AAC_LC - 1 || ((third >> 2) & 0xf) !== INDEX_OF_48_KHZ) return null
  if ((bytes[at + 6]! & 3) !== 0) return null
  const headerBytes = second & 1 ? 7 : 9
  const frameBytes = ((fourth & 3) << 11) | (bytes[at + 4]! << 3) | (bytes[at + 5]! >> 5)
  if (frameBytes <= headerBytes) return null
  return { headerBytes, frameBytes, channels: ((third & 1) << 2) | (fourth >> 6) }
}
