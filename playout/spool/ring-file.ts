import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'

const HEADER_BYTES = 16

/**
 * Numbered records in a file of fixed size, written whole before it is used: a full disk can't stop it later. Record n stands in
 * slot n mod slots, as u64 number, u32 length, u32 CRC of the payload, payload. A torn or overwritten record reads as absent.
 */
export class RingFile {
  private readonly file: number
  private readonly slots: number
  private readonly slotBytes: number
  private readonly scratch: Buffer

  /** Throws the file system's error when the file can't be made. A file of another shape is begun anew. */
  constructor(path: string, slots: number, payloadBytesMax: number) {
    this.slots = slots
    this.slotBytes = HEADER_BYTES + payloadBytesMax
    this.scratch = Buffer.alloc(this.slotBytes)
    mkdirSync(dirname(path), { recursive: true })
    this.file = openExisting(path) ?? openSync(path, 'w+', 0o600)
    try {
      if (fstatSync(this.file).size !== slots * this.slotBytes) this.fillWithZeros()
    } catch (error) {
      closeSync(this.file)
      throw error
    }
  }

  /** Throws when the payload is too long, or the file system's error. */
  put(number: number, payload: Uint8Array): void {
    if (payload.length > this.slotBytes - HEADER_BYTES)
      throw new Error(`record ${number} has ${payload.length} bytes, too long for its slot`)
    this.scratch.writeBigUInt64BE(BigInt(number), 0)
    this.scratch.writeUInt32BE(payload.length, 8)
    this.scratch.writeUInt32BE(crc32(payload), 12)
    this.scratch.set(payload, HEADER_BYTES)
    writeSync(this.file, this.scratch, 0, HEADER_BYTES + payload.length, this.offsetOf(number))
  }

  get(number: number): Buffer | null {
    const slot = Buffer.alloc(this.slotBytes)
    const got = readSync(this.file, slot, 0, this.slotBytes, this.offsetOf(number))
    return got === this.slotBytes && Number(slot.readBigUInt64BE(0)) === number ? payloadOf(slot) : null
  }

  /** The highest number of a record that is whole; null in an empty file. Reads the whole file once. */
  newest(): number | null {
    const slotsAtOnce = 512
    const chunk = Buffer.alloc(slotsAtOnce * this.slotBytes)
    let newest = 0
    for (let slot = 0; slot < this.slots; slot += slotsAtOnce) {
      const got = readSync(this.file, chunk, 0, chunk.length, slot * this.slotBytes)
      for (let at = 0; at + this.slotBytes <= got; at += this.slotBytes) {
        const number = Number(chunk.readBigUInt64BE(at))
        if (number > newest && payloadOf(chunk.subarray(at, at + this.slotBytes))) newest = number
      }
    }
    return newest === 0 ? null : newest
  }

  close(): void {
    closeSync(this.file)
  }

  private offsetOf(number: number): number {
    return (number % this.slots) * this.slotBytes
  }

  private fillWithZeros(): void {
    const zeros = Buffer.alloc(1024 * 1024)
    const total = this.slots * this.slotBytes
    ftruncateSync(this.file)
    for (let at = 0; at < total; at += zeros.length)
      writeSync(this.file, zeros, 0, Math.min(zeros.length, total - at), at)
  }
}

function payloadOf(slot: Buffer): Buffer | null {
  const length = slot.readUInt32BE(8)
  if (length === 0 || length > slot.length - HEADER_BYTES) return null
  const payload = slot.subarray(HEADER_BYTES, HEADER_BYTES + length)
  return crc32(payload) === slot.readUInt32BE(12) ? payload : null
}

function openExisting(path: string): number | null {
  try {
    return openSync(path, 'r+')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
