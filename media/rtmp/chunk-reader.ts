import type { RtmpLimits } from './limits.ts'
import { DEFAULT_CHUNK_SIZE, EXTENDED_TIMESTAMP, MESSAGE, type RtmpMessage } from './message.ts'
import { RtmpError } from './rtmp-error.ts'

type ChunkStream = {
  type: number
  streamId: number
  length: number
  /** Milliseconds modulo 2^32 of the message being read, or of the last one. */
  timestamp: number
  /** What a type 3 header adds when it begins a message. */
  delta: number
  /** The extended timestamp of the last header that had one; -1 without. */
  extended: number
  received: number
  /** Null between messages, and for messages that are skipped. */
  body: Buffer | null
  unfinished: boolean
}

type ReaderLimits = Pick<RtmpLimits, 'messageBytesMax' | 'chunkStreamsMax' | 'bufferedBytesMax'>

/** A type 3 header after a type 0 header repeats its absolute timestamp as delta, if that is plausible: see {@link ChunkReader}. */
const REPEATED_TIMESTAMP_MS_MAX = 10_000
const NOTHING = Buffer.alloc(0)
const HEADER_BYTES = [11, 7, 3, 0] as const

/**
 * Puts messages together from chunks (RTMP 1.0, 5.3): `append` bytes, then take messages with `next` until it answers null.
 * Set Chunk Size and Abort are obeyed here and not handed out. Messages of skipped types take no memory.
 *
 * Where senders differ:
 * - After a type 0 header with timestamp T, a type 3 header that begins a message means T + T to ffmpeg and the specification,
 *   and T again to librtmp and nginx-rtmp. Up to 10 s we believe the former, above it (a jump to double the time) the latter.
 * - Within a message whose header was extended, type 3 headers repeat the extended timestamp; rtmpdump's do not. The four bytes are
 *   taken for the timestamp only when they are equal to it: payload is mistaken for it once in 2^32. (When payload of less than
 *   four bytes begins like it, the message waits for the bytes that follow.)
 */
export class ChunkReader {
  readonly #limits: ReaderLimits
  readonly #skips: (type: number) => boolean
  readonly #streams = new Map<number, ChunkStream>()
  #chunkSize = DEFAULT_CHUNK_SIZE
  #input: Buffer = NOTHING
  #at = 0
  #current: ChunkStream | null = null
  #chunkLeft = 0
  #bufferedBytes = 0

  constructor(limits: ReaderLimits, skips: (type: number) => boolean = () => false) {
    this.#limits = limits
    this.#skips = skips
  }

  /** Bytes reserved for unfinished messages, and not yet read input. */
  get bufferedBytes(): number {
    return this.#bufferedBytes + this.#input.length - this.#at
  }

  append(bytes: Buffer): void {
    this.#input = this.#at < this.#input.length ? Buffer.concat([this.#input.subarray(this.#at), bytes]) : bytes
    this.#at = 0
  }

  /** The next whole message, or null when more bytes are needed. Throws an RtmpError when the peer breaks the format or a limit. */
  next(): RtmpMessage | null {
    for (;;) {
      if (!this.#current) {
        this.#current = this.#readHeader()
        if (!this.#current) return this.#wait()
      }
      if (!this.#readPayload(this.#current)) return this.#wait()
      const stream = this.#current
      this.#current = null
      if (stream.received < stream.length) continue
      const message = this.#finish(stream)
      if (message) return message
    }
  }

  /** Only bytes of an unfinished header stay; they are copied, since the caller may reuse its memory. */
  #wait(): null {
    this.#input = this.#at < this.#input.length ? Buffer.from(this.#input.subarray(this.#at)) : NOTHING
    this.#at = 0
    return null
  }

  #readHeader(): ChunkStream | null {
    const input = this.#input
    let at = this.#at
    if (at >= input.length) return null
    const format = (input[at]! >> 6) as 0 | 1 | 2 | 3
    let id = input[at]! & 0x3f
    at += 1
    if (id < 2) {
      const more = id + 1
      if (at + more > input.length) return null
      id = 64 + input[at]! + (more === 2 ? input[at + 1]! * 256 : 0)
      at += more
    }
    const headerEnd = at + HEADER_BYTES[format]
    if (headerEnd > input.length) return null
    const known = this.#streams.get(id)
    const field = format < 3 ? input.readUIntBE(at, 3) : 0
    let extended = format < 3 ? -1 : (known?.extended ?? -1)
    let end = headerEnd
    if (format < 3 && field === EXTENDED_TIMESTAMP) {
      if (end + 4 > input.length) return null
      extended = input.readUInt32BE(end)
      end += 4
    } else if (format === 3 && extended >= 0) {
      const repeated = startsWithUInt32(input, end, extended)
      if (repeated === 'unknown') return null
      if (repeated === 'yes') end += 4
    }
    const stream = known ?? this.#open(id, format)
    const continues = format === 3 && stream.unfinished
    this.#at = end
    stream.extended = extended
    if (!continues) {
      this.#abandon(stream)
      const time = extended >= 0 && format < 3 ? extended : field
      if (format === 0) {
        stream.timestamp = time
        stream.delta = time > REPEATED_TIMESTAMP_MS_MAX ? 0 : time
        stream.streamId = input.readUInt32LE(at + 7)
      } else {
        if (format < 3) stream.delta = time
        stream.timestamp = (stream.timestamp + stream.delta) % 0x1_0000_0000
      }
      if (format < 2) {
        stream.length = input.readUIntBE(at + 3, 3)
        stream.type = input[at + 6]!
      }
      this.#begin(stream)
    }
    this.#chunkLeft = Math.min(this.#chunkSize, stream.length - stream.received)
    return stream
  }

  #open(id: number, format: number): ChunkStream {
    if (format > 1) throw new RtmpError('chunk-header', `chunk stream ${id} begins with a header of type ${format}`)
    if (this.#streams.size >= this.#limits.chunkStreamsMax)
      throw new RtmpError('chunk-streams', `more than ${this.#limits.chunkStreamsMax} chunk streams`)
    const stream: ChunkStream = {
      type: 0,
      streamId: 0,
      length: 0,
      timestamp: 0,
      delta: 0,
      extended: -1,
      received: 0,
      body: null,
      unfinished: false,
    }
    this.#streams.set(id, stream)
    return stream
  }

  #begin(stream: ChunkStream): void {
    stream.received = 0
    stream.unfinished = true
    if (this.#skips(stream.type)) return
    if (stream.length > this.#limits.messageBytesMax)
      throw new RtmpError(
        'message-size',
        `message of type ${stream.type} announces ${stream.length} bytes, limit ${this.#limits.messageBytesMax}`,
      )
    if (this.#bufferedBytes + stream.length > this.#limits.bufferedBytesMax)
      throw new RtmpError('buffered-bytes', `unfinished messages of more than ${this.#limits.bufferedBytesMax} bytes`)
    this.#bufferedBytes += stream.length
    stream.body = Buffer.allocUnsafe(stream.length)
  }

  #abandon(stream: ChunkStream): void {
    if (stream.body) this.#bufferedBytes -= stream.body.length
    stream.body = null
    stream.unfinished = false
  }

  /** True when the chunk's payload is complete. */
  #readPayload(stream: ChunkStream): boolean {
    const length = Math.min(this.#chunkLeft, this.#input.length - this.#at)
    stream.body?.set(this.#input.subarray(this.#at, this.#at + length), stream.received)
    stream.received += length
    this.#at += length
    this.#chunkLeft -= length
    return this.#chunkLeft === 0
  }

  #finish(stream: ChunkStream): RtmpMessage | null {
    const body = stream.body
    this.#abandon(stream)
    if (!body) return null
    if (stream.type === MESSAGE.setChunkSize || stream.type === MESSAGE.abort) {
      if (body.length < 4) throw new RtmpError('command', `control message of type ${stream.type} is cut off`)
      if (stream.type === MESSAGE.abort) this.#abort(body.readUInt32BE(0))
      else this.#setChunkSize(body.readUInt32BE(0))
      return null
    }
    return { type: stream.type, streamId: stream.streamId, timestamp: stream.timestamp, body }
  }

  #setChunkSize(size: number): void {
    if (size < 1 || size > 0x7fffffff) throw new RtmpError('command', `chunk size ${size}`)
    this.#chunkSize = size
  }

  #abort(id: number): void {
    const stream = this.#streams.get(id)
    if (stream) this.#abandon(stream)
  }
}

/** Does this number stand here? Unknown only while every byte that is there agrees and some are still to come. */
function startsWithUInt32(input: Buffer, at: number, value: number): 'yes' | 'no' | 'unknown' {
  for (let index = 0; index < 4; index++) {
    if (at + index >= input.length) return 'unknown'
    if (input[at + index] !== ((value >>> (24 - 8 * index)) & 0xff)) return 'no'
  }
  return 'yes'
}
