/** The CRC of MPEG-2 sections (ISO/IEC 13818-1, Annex A): polynomial 0x04C11DB7, highest bit first, starts with ones. Over a section with its CRC it is 0. */
export function crc32Mpeg(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte << 24
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  }
  return crc >>> 0
}
