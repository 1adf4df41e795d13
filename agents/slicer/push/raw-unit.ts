import { parseFlvAudio } from '../../../media/flv-audio.ts'

/** What an ADTS header can say of a frame (13 bits), less the header. */
const UNIT_BYTES_MAX = 8191 - 7

/** The access unit in an RTMP audio message; null for anything else, a sequence header included: what it says the marker says too. */
export function rawUnitOf(body: Buffer): Uint8Array | null {
  const audio = parseFlvAudio(body)
  return audio.kind === 'aac-frame' && audio.unit.length <= UNIT_BYTES_MAX ? audio.unit : null
}
