import { EMSG_ID3_SCHEME } from './cmaf.ts'
import { FormatError } from './format-error.ts'
import { type Box, onlyBox, parseBoxes } from './parse-boxes.ts'
import { type Id3Tag, parseId3 } from './parse-id3.ts'

export type CmafTitle = { id: number; timescale: number; presentationTime: number; tag: Id3Tag }
export type CmafFragment = {
  /** Of `mfhd`. */
  sequence: number
  /** Of `tfdt`, in the track's timescale. */
  decodeTime: number
  /** Bytes of `tfdt`'s time: 4 (version 0) or 8. */
  decodeTimeBytes: 4 | 8
  /** Raw access units, as views of the input. */
  units: Uint8Array[]
  titles: CmafTitle[]
}

/** Takes a CMAF segment of one audio track and one fragment apart. Throws a {@link FormatError} on anything else, or when it is cut off. */
export function parseCmaf(bytes: Buffer): CmafFragment {
  try {
    const boxes = parseBoxes(bytes)
    const fragment = parseBoxes(onlyBox(boxes, 'moof'))
    const track = parseBoxes(onlyBox(fragment, 'traf'))
    const decodeTime = onlyBox(track, 'tfdt')
    return {
      sequence: onlyBox(fragment, 'mfhd').readUInt32BE(4),
      decodeTime: decodeTime[0] === 1 ? Number(decodeTime.readBigUInt64BE(4)) : decodeTime.readUInt32BE(4),
      decodeTimeBytes: decodeTime[0] === 1 ? 8 : 4,
      units: cutUnits(onlyBox(boxes, 'mdat'), sampleSizes(onlyBox(track, 'trun'))),
      titles: boxes.flatMap(title),
    }
  } catch (error) {
    if (error instanceof RangeError) throw new FormatError('a box of the CMAF segment is too short')
    throw error
  }
}

/** ISO/IEC 14496-12, 8.8.8: each optional field before the table, and each of its columns, has a flag. */
function sampleSizes(run: Buffer): number[] {
  const flags = run.readUIntBE(1, 3)
  if (!(flags & 0x200)) throw new FormatError("'trun' says no sizes")
  const tableAt = 8 + (flags & 1 ? 4 : 0) + (flags & 4 ? 4 : 0)
  const sizeAt = flags & 0x100 ? 4 : 0
  const rowBytes = sizeAt + 4 + (flags & 0x400 ? 4 : 0) + (flags & 0x800 ? 4 : 0)
  const samples = run.readUInt32BE(4)
  if (tableAt + samples * rowBytes !== run.length) throw new FormatError(`'trun' does not hold its ${samples} samples`)
  return Array.from({ length: samples }, (_, sample) => run.readUInt32BE(tableAt + sample * rowBytes + sizeAt))
}

function cutUnits(data: Buffer, sizes: readonly number[]): Uint8Array[] {
  let at = 0
  const units = sizes.map((size) => {
    at += size
    return data.subarray(at - size, at)
  })
  if (at !== data.length) throw new FormatError(`'mdat' has ${data.length} bytes, its samples ${at}`)
  return units
}

/** Event messages of the ID3 scheme, version 1; others are passed over. */
function title({ type, body }: Box): CmafTitle[] {
  if (type !== 'emsg' || body[0] !== 1) return []
  const schemeEnd = body.indexOf(0, 24)
  const valueEnd = body.indexOf(0, schemeEnd + 1)
  if (schemeEnd < 0 || valueEnd < 0) throw new FormatError("'emsg' is cut off")
  if (body.toString('latin1', 24, schemeEnd) !== EMSG_ID3_SCHEME) return []
  return [
    {
      timescale: body.readUInt32BE(4),
      presentationTime: Number(body.readBigUInt64BE(8)),
      id: body.readUInt32BE(20),
      tag: parseId3(body, valueEnd + 1),
    },
  ]
}
