import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { decodeFrameBundle, encodeFrameBundle, hashOfUnits } from '../../../media/frame-bundle.ts'
import { FRAMES_PER_SEGMENT, firstFrameOfSegment } from '../../../media/timeline.ts'
import type { SegmentMarker } from '../../../schemas/markers.ts'

/** A sealed segment: its units are what its marker's hash says. */
export type SealedSegment = { marker: SegmentMarker; units: readonly Uint8Array[] }

const MAGIC = Buffer.from('ASG1', 'latin1')
const HEADER_BYTES = 16
/** 188 frames of the largest legal size. */
const BODY_BYTES_MAX = 2 * 1024 * 1024

type Place = { offset: number; bodyBytes: number }

/**
 * Segments in a file, appended in any order: for each `ASG1`, u64 number, u32 length (big-endian), then a frame bundle of its frames and
 * marker. A crash leaves at most a torn last record, which is cut off when the file is next written to; what a disk has spoiled
 * does not match its hash, and counts as absent.
 */
export class SegmentFile {
  readonly #file: number
  readonly #places = new Map<number, Place>()
  #end = 0
  #isTrimmed = false

  /** Throws the file system's error: ENOENT when it is not there and is not to be made. */
  constructor(path: string, mayCreate: boolean) {
    this.#file = openSync(path, mayCreate ? 'a+' : 'r+', 0o600)
    closeSync(this.#file)
    this.#file = openSync(path, 'r+')
    this.#scan()
  }

  get bytes(): number {
    return this.#end
  }

  segments(): number[] {
    return [...this.#places.keys()].sort((a, b) => a - b)
  }

  has(segment: number): boolean {
    return this.#places.has(segment)
  }

  /** Null when it is absent or spoiled. */
  read(segment: number): SealedSegment | null {
    const place = this.#places.get(segment)
    if (!place) return null
    const sealed = this.#readAt(segment, place)
    if (!sealed) this.#places.delete(segment)
    return sealed
  }

  /** On disk when it returns. Throws the file system's error (ENOSPC, …); the file is then as it was before. */
  append(sealed: SealedSegment): void {
    this.#trim()
    const { segment, firstFrame } = sealed.marker
    const frames = sealed.units.map((unit, index) => ({ frame: firstFrame + index, unit }))
    const body = encodeFrameBundle({ frames, markers: [sealed.marker] })
    const header = Buffer.alloc(HEADER_BYTES)
    MAGIC.copy(header)
    header.writeBigUInt64BE(BigInt(segment), 4)
    header.writeUInt32BE(body.length, 12)
    try {
      this.#write(Buffer.concat([header, body]))
      fdatasyncSync(this.#file)
    } catch (error) {
      ftruncateSync(this.#file, this.#end)
      throw error
    }
    this.#places.set(segment, { offset: this.#end + HEADER_BYTES, bodyBytes: body.length })
    this.#end += HEADER_BYTES + body.length
  }

  close(): void {
    closeSync(this.#file)
  }

  #write(bytes: Buffer): void {
    for (let written = 0; written < bytes.length; )
      written += writeSync(this.#file, bytes, written, bytes.length - written, this.#end + written)
  }

  #scan(): void {
    const { size } = fstatSync(this.#file)
    const header = Buffer.alloc(HEADER_BYTES)
    while (this.#end + HEADER_BYTES <= size) {
      readSync(this.#file, header, 0, HEADER_BYTES, this.#end)
      const bodyBytes = header.readUInt32BE(12)
      const next = this.#end + HEADER_BYTES + bodyBytes
      if (!header.subarray(0, 4).equals(MAGIC) || bodyBytes > BODY_BYTES_MAX || next > size) break
      this.#places.set(Number(header.readBigUInt64BE(4)), { offset: this.#end + HEADER_BYTES, bodyBytes })
      this.#end = next
    }
  }

  /** A power cut may leave a last record of the right length with nothing in it. */
  #trim(): void {
    if (this.#isTrimmed) return
    this.#isTrimmed = true
    const last = [...this.#places].find(([, place]) => place.offset + place.bodyBytes === this.#end)
    if (last && !this.#readAt(...last)) {
      this.#places.delete(last[0])
      this.#end = last[1].offset - HEADER_BYTES
    }
    ftruncateSync(this.#file, this.#end)
  }

  #readAt(segment: number, { offset, bodyBytes }: Place): SealedSegment | null {
    const body = Buffer.alloc(bodyBytes)
    if (readSync(this.#file, body, 0, bodyBytes, offset) !== bodyBytes) return null
    return sealedOf(segment, body)
  }
}

function sealedOf(segment: number, body: Buffer): SealedSegment | null {
  try {
    const { frames, markers } = decodeFrameBundle(body)
    const [marker] = markers
    if (!marker) return null
    const sealed = { marker, units: frames.map(({ unit }) => unit) }
    return marker.segment === segment && frames[0]?.frame === firstFrameOfSegment(segment) && isTrue(sealed)
      ? sealed
      : null
  } catch {
    return null
  }
}

/** Whether the units are all there and are what the marker says. */
export const isTrue = ({ marker, units }: SealedSegment): boolean =>
  units.length === FRAMES_PER_SEGMENT && hashOfUnits(units) === marker.sha256
