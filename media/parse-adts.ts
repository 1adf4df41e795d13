import { readAdtsHeader } from './adts.ts'
import { FormatError } from './format-error.ts'

/** The raw access units of whole ADTS frames, as views of the input, and their channels. Throws a {@link FormatError} on anything else between or after. */
export function parseAdts(bytes: Uint8Array): { units: Uint8Array[]; channels: number } {
  const units: Uint8Array[] = []
  let channels = 0
  for (let at = 0; at < bytes.length; ) {
    const header = readAdtsHeader(bytes, at)
    if (!header) throw new FormatError(`no ADTS header (AAC-LC, 48 kHz) at byte ${at}`)
    const end = at + header.frameBytes
    if (end > bytes.length) throw new FormatError(`the ADTS frame at byte ${at} is cut off`)
    units.push(bytes.subarray(at + header.headerBytes, end))
    channels = header.channels
    at = end
  }
  return { units, channels }
}
