const PACKET_BYTES = 188
const AUDIO_STREAM = 0xc0

/**
 * The audio of anybody's MPEG transport stream (ISO/IEC 13818-1), as the elementary stream that it carries: the payloads of the one PID whose
 * packets begin with a PES of audio. Times and counters are passed over. Empty when there is none.
 */
export function transportAudio(bytes: Buffer): Buffer {
  let audioPid = -1
  const parts: Buffer[] = []
  for (let at = 0; at + PACKET_BYTES <= bytes.length && bytes[at] === 0x47; at += PACKET_BYTES) {
    const pid = bytes.readUInt16BE(at + 1) & 0x1fff
    const starts = (bytes[at + 1]! & 0x40) !== 0
    const control = bytes[at + 3]!
    if (!(control & 0x10)) continue
    const payload = bytes.subarray(at + 4 + (control & 0x20 ? 1 + bytes[at + 4]! : 0), at + PACKET_BYTES)
    const beginsAudio =
      starts && payload.length > 8 && payload.readUIntBE(0, 3) === 1 && (payload[3]! & 0xe0) === AUDIO_STREAM
    if (beginsAudio) {
      audioPid = pid
      parts.push(payload.subarray(9 + payload[8]!))
    } else if (pid === audioPid) parts.push(payload)
  }
  return Buffer.concat(parts)
}
