const AAC = 10
const RAW = 1
/** What an ADTS header can say of a frame (13 bits), less the header. */
const UNIT_BYTES_MAX = 8191 - 7

/** The access unit in an RTMP audio message; null for anything else, a sequence header included: what it says the marker says too. */
export function rawUnitOf(body: Buffer): Buffer | null {
  if (body.length < 3 || body[0]! >> 4 !== AAC || body[1] !== RAW || body.length - 2 > UNIT_BYTES_MAX) return null
  return body.subarray(2)
}
