/**
 * Transport packets (ISO/IEC 13818-1, 2.4.3): 188 bytes each, a counter of four bits per PID. A payload is spread over a chosen number of packets,
 * the rest filled with adaptation fields: that is how a segment's last counter comes out right without knowing the segment before.
 */
export const PACKET_BYTES = 188
const PAYLOAD_BYTES_MAX = PACKET_BYTES - 4
/** An adaptation field with a clock reference: length, flags, six bytes of PCR. */
const PCR_FIELD_BYTES = 8

/** How many packets a payload needs at least. */
export function packetsNeeded(payloadBytes: number, withClock: boolean): number {
  return Math.ceil((payloadBytes + (withClock ? PCR_FIELD_BYTES : 0)) / PAYLOAD_BYTES_MAX)
}

export type Payload = {
  pid: number
  bytes: Uint8Array
  /** Of the first packet; the following ones count on. */
  counter: number
  /** How many packets to fill; each must get a byte at least, for a packet without payload does not count. */
  packets: number
  /** In units of the 90 kHz clock, in the first packet. */
  clock?: number
}

/** Throws a RangeError when the payload does not fit the number of packets. */
export function packetise({ pid, bytes, counter, packets, clock }: Payload): Buffer {
  const out = Buffer.alloc(packets * PACKET_BYTES, 0xff)
  let taken = 0
  for (let index = 0; index < packets; index += 1) {
    const hasClock = index === 0 && clock !== undefined
    const room = PAYLOAD_BYTES_MAX - (hasClock ? PCR_FIELD_BYTES : 0)
    // Full packets first, as long as one byte remains for each that follows.
    const take = Math.min(room, bytes.length - taken - (packets - index - 1))
    if (take < 1) throw new RangeError(`${bytes.length} bytes are too few for ${packets} packets`)
    const at = index * PACKET_BYTES
    const adaptationBytes = PAYLOAD_BYTES_MAX - take
    out[at] = 0x47
    out[at + 1] = (index === 0 ? 0x40 : 0) | (pid >> 8)
    out[at + 2] = pid & 0xff
    out[at + 3] = (adaptationBytes > 0 ? 0x30 : 0x10) | ((counter + index) & 15)
    if (adaptationBytes > 0) out[at + 4] = adaptationBytes - 1
    if (adaptationBytes > 1) out[at + 5] = hasClock ? 0x50 : 0
    if (hasClock) writeClock(out, at + 6, clock)
    out.set(bytes.subarray(taken, taken + take), at + PACKET_BYTES - take)
    taken += take
  }
  if (taken < bytes.length) throw new RangeError(`${bytes.length} bytes do not fit into ${packets} packets`)
  return out
}

/** Base of 33 bits at 90 kHz, six reserved bits, extension of 9 bits (always 0 here). */
function writeClock(out: Buffer, at: number, clock: number): void {
  out.writeUInt32BE(Math.floor(clock / 2), at)
  out[at + 4] = ((clock % 2) << 7) | 0x7e
  out[at + 5] = 0
}
