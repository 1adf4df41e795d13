import { crc32Mpeg } from './crc32-mpeg.ts'
import { FormatError } from './format-error.ts'
import { PACKET_BYTES } from './mpegts-packets.ts'
import { AUDIO_PID, ID3_PID, PMT_PID } from './mpegts-tables.ts'
import { parseAdts } from './parse-adts.ts'
import { type Id3Tag, parseId3 } from './parse-id3.ts'

/** The last counter seen of each PID. Handed from segment to segment, it proves that they follow on from each other. */
export type ContinuityCounters = Map<number, number>

export type TransportSegment = {
  units: Uint8Array[]
  channels: number
  /** Of each PES of the audio, 33 bits at 90 kHz. */
  pts: number[]
  titles: { pts: number; tag: Id3Tag }[]
}

/**
 * Takes a segment of our own layout (PIDs, ADTS, ID3) apart. Throws a {@link FormatError} when a packet is cut off or out of step, a counter
 * does not follow on, a table's checksum is wrong, or audio is cut off.
 */
export function parseMpegts(bytes: Buffer, counters: ContinuityCounters = new Map()): TransportSegment {
  const payloads = new Map<number, Buffer[]>()
  for (let at = 0; at < bytes.length; at += PACKET_BYTES) {
    const packet = readPacket(bytes, at)
    if (packet.payload.length === 0) continue
    follow(counters, packet.pid, packet.counter)
    const begun = payloads.get(packet.pid) ?? []
    payloads.set(packet.pid, begun)
    if (packet.starts) begun.push(packet.payload)
    else if (begun.length === 0) throw new FormatError(`PID ${packet.pid} begins in the middle of a payload`)
    else begun.push(Buffer.concat([begun.pop()!, packet.payload]))
  }
  for (const table of [0, PMT_PID]) checkTable(payloads.get(table)?.[0], table)
  const audio = (payloads.get(AUDIO_PID) ?? []).map(readPes)
  const titles = (payloads.get(ID3_PID) ?? []).map(readPes)
  return {
    ...parseAdts(Buffer.concat(audio.map(({ body }) => body))),
    pts: audio.map(({ pts }) => pts),
    titles: titles.map(({ pts, body }) => ({ pts, tag: parseId3(body) })),
  }
}

type Packet = { pid: number; starts: boolean; counter: number; payload: Buffer }

function readPacket(bytes: Buffer, at: number): Packet {
  if (bytes[at] !== 0x47) throw new FormatError(`no transport packet at byte ${at}`)
  if (at + PACKET_BYTES > bytes.length) throw new FormatError(`the transport packet at byte ${at} is cut off`)
  const control = bytes[at + 3]!
  const payloadAt = at + 4 + (control & 0x20 ? 1 + bytes[at + 4]! : 0)
  if (payloadAt > at + PACKET_BYTES) throw new FormatError(`the adaptation field at byte ${at + 4} is too long`)
  return {
    pid: bytes.readUInt16BE(at + 1) & 0x1fff,
    starts: (bytes[at + 1]! & 0x40) !== 0,
    counter: control & 15,
    payload: control & 0x10 ? bytes.subarray(payloadAt, at + PACKET_BYTES) : Buffer.alloc(0),
  }
}

function follow(counters: ContinuityCounters, pid: number, counter: number): void {
  const last = counters.get(pid)
  if (last !== undefined && counter !== ((last + 1) & 15))
    throw new FormatError(`PID ${pid} counts ${counter} after ${last}`)
  counters.set(pid, counter)
}

function checkTable(payload: Buffer | undefined, pid: number): void {
  if (!payload || payload.length < 4) throw new FormatError(`no table on PID ${pid}`)
  const end = 4 + (payload.readUInt16BE(2) & 0xfff)
  if (end > payload.length || crc32Mpeg(payload.subarray(1, end)) !== 0)
    throw new FormatError(`the table on PID ${pid} has a wrong checksum`)
}

function readPes(bytes: Buffer): { pts: number; body: Buffer } {
  if (bytes.length < 14 || bytes.readUIntBE(0, 3) !== 1) throw new FormatError('no PES packet where one must begin')
  if (6 + bytes.readUInt16BE(4) !== bytes.length) throw new FormatError('a PES packet is cut off')
  if (!(bytes[7]! & 0x80)) throw new FormatError('a PES packet without PTS')
  const high = (bytes[9]! >> 1) & 7
  const middle = bytes.readUInt16BE(10) >> 1
  const low = bytes.readUInt16BE(12) >> 1
  return { pts: high * 2 ** 30 + middle * 2 ** 15 + low, body: bytes.subarray(9 + bytes[8]!) }
}
