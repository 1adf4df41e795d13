import { createHash } from 'node:crypto'
import { parse } from '../schemas/check.ts'
import { SegmentMarker } from '../schemas/markers.ts'

/**
 * Frames as they travel over HTTP between playout, slicers and edges (`GET /frames/<rendition>?from=&to=`).
 *
 * Layout, big-endian: `AFB1`, u32 length of the markers, the markers as a JSON array, then for each frame u64 number,
 * u16 length, the raw access unit. Frames come in rising order; holes are simply absent.
 */
export type NumberedFrame = { frame: number; unit: Uint8Array }
export type FrameBundle = { frames: NumberedFrame[]; markers: SegmentMarker[] }

const MAGIC = Buffer.from('AFB1', 'latin1')
export const FRAME_BUNDLE_TYPE = 'application/vnd.airtight.frames'
/** Frames in one answer at the most: five segments and the unsealed one. A longer wish is answered in part, from its beginning. */
export const FRAMES_PER_BUNDLE_MAX = 1128

export function encodeFrameBundle(bundle: FrameBundle): Buffer {
  const markers = Buffer.from(JSON.stringify(bundle.markers), 'utf8')
  const head = Buffer.alloc(8)
  MAGIC.copy(head)
  head.writeUInt32BE(markers.length, 4)
  const parts: Uint8Array[] = [head, markers]
  for (const { frame, unit } of bundle.frames) {
    const prefix = Buffer.alloc(10)
    prefix.writeBigUInt64BE(BigInt(frame), 0)
    prefix.writeUInt16BE(unit.length, 8)
    parts.push(prefix, unit)
  }
  return Buffer.concat(parts)
}

/** Throws an Error on anything that is not a whole bundle. The units are views of the input. */
export function decodeFrameBundle(bytes: Buffer): FrameBundle {
  if (bytes.length < 8 || !bytes.subarray(0, 4).equals(MAGIC)) throw new Error('not a frame bundle: wrong first bytes')
  const markersEnd = 8 + bytes.readUInt32BE(4)
  if (markersEnd > bytes.length) throw new Error('frame bundle is cut off within its markers')
  const listed: unknown = JSON.parse(bytes.toString('utf8', 8, markersEnd))
  if (!Array.isArray(listed)) throw new Error('frame bundle: the markers are not a list')
  const markers = listed.map((marker) => parse(SegmentMarker, marker))
  const frames: NumberedFrame[] = []
  for (let at = markersEnd; at < bytes.length; ) {
    if (at + 10 > bytes.length) throw new Error('frame bundle is cut off within a frame')
    const frame = Number(bytes.readBigUInt64BE(at))
    const end = at + 10 + bytes.readUInt16BE(at + 8)
    if (end > bytes.length) throw new Error('frame bundle is cut off within a frame')
    if (frames.length > 0 && frame <= frames[frames.length - 1]!.frame)
      throw new Error('frame bundle: numbers do not rise')
    frames.push({ frame, unit: bytes.subarray(at + 10, end) })
    at = end
  }
  return { frames, markers }
}

/** The referee when two nodes differ: what {@link SegmentMarker} carries as `sha256`. */
export function hashOfUnits(units: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const unit of units) hash.update(unit)
  return hash.digest('hex')
}
