import type { AmfValue } from './amf0.ts'
import { decodeAmf0 } from './amf0-decode.ts'
import { encodeAmf0 } from './amf0-encode.ts'
import { ChunkReader } from './chunk-reader.ts'
import { ChunkWriter } from './chunk-writer.ts'
import type { RtmpLimits } from './limits.ts'
import { MESSAGE, type RtmpMessage } from './message.ts'
import { RtmpError } from './rtmp-error.ts'

export const USER_CONTROL = { streamBegin: 0, pingRequest: 6, pingResponse: 7 } as const
const CONTROL_CHUNK_STREAM = 2
const COMMAND_CHUNK_STREAM = 3
/** Until the peer says how often it wants to hear that its bytes arrived, this often (in bytes). */
const DEFAULT_ACK_WINDOW_BYTES = 2_500_000

/**
 * What both sides of a connection do alike once hands are shaken: chunks, acknowledgements, pings, and the framing of commands.
 * Pure: bytes go in, messages and `output` come out.
 */
export class RtmpLink {
  readonly output: Buffer[] = []
  /** How often the peer has acknowledged bytes of ours; 0 from peers that never do. */
  acknowledgements = 0
  readonly #limits: RtmpLimits
  readonly #reader: ChunkReader
  readonly #writer = new ChunkWriter()
  #received = 0
  #acknowledged = 0
  #ackWindowBytes = DEFAULT_ACK_WINDOW_BYTES

  constructor(limits: RtmpLimits, skips: (type: number) => boolean) {
    this.#limits = limits
    this.#reader = new ChunkReader(limits, skips)
  }

  get bufferedBytes(): number {
    return this.#reader.bufferedBytes
  }

  receive(bytes: Buffer): void {
    this.#received += bytes.length
    this.#reader.append(bytes)
    if (this.#received - this.#acknowledged < this.#ackWindowBytes) return
    this.#acknowledged = this.#received
    this.#control(MESSAGE.acknowledgement, uint32(this.#received % 0x1_0000_0000))
  }

  /** The next message that is not the link's own business; null when more bytes are needed. Throws RtmpError. */
  next(): RtmpMessage | null {
    for (;;) {
      const message = this.#reader.next()
      if (!message) return null
      if (message.type === MESSAGE.windowAckSize) this.#ackWindowBytes = Math.max(1, firstUInt32(message))
      else if (message.type === MESSAGE.acknowledgement) this.acknowledgements += 1
      else if (message.type === MESSAGE.userControl) this.#userControl(message.body)
      else if (message.type !== MESSAGE.setPeerBandwidth) return message
    }
  }

  /** The values of a command or data message, AMF0 or wrapped as AMF3 (one more byte in front). Throws RtmpError. */
  values(message: RtmpMessage): AmfValue[] {
    const wrapped = message.type === MESSAGE.commandAmf3 || message.type === MESSAGE.dataAmf3
    return decodeAmf0(wrapped && message.body[0] === 0 ? message.body.subarray(1) : message.body, this.#limits)
  }

  /** One message as bytes, for whoever writes it itself. */
  encode(chunkStream: number, type: number, streamId: number, timestampMs: number, body: Uint8Array): Buffer {
    return this.#writer.encode(chunkStream, type, streamId, timestampMs, body)
  }

  command(streamId: number, ...values: AmfValue[]): void {
    this.output.push(this.encode(COMMAND_CHUNK_STREAM, MESSAGE.commandAmf0, streamId, 0, encodeAmf0(values)))
  }

  setChunkSize(size: number): void {
    this.#control(MESSAGE.setChunkSize, uint32(size))
    this.#writer.chunkSize = size
  }

  /** Asks the peer to acknowledge every so many bytes. */
  windowAckSize(bytes: number): void {
    this.#control(MESSAGE.windowAckSize, uint32(bytes))
  }

  /** Tells the peer how much it may send without an acknowledgement; 2 is the "dynamic" limit. */
  setPeerBandwidth(bytes: number): void {
    this.#control(MESSAGE.setPeerBandwidth, Buffer.concat([uint32(bytes), Buffer.from([2])]))
  }

  streamBegin(streamId: number): void {
    this.#userEvent(USER_CONTROL.streamBegin, streamId)
  }

  ping(timestampMs: number): void {
    this.#userEvent(USER_CONTROL.pingRequest, Math.floor(timestampMs) % 0x1_0000_0000)
  }

  /** Everything to be written now, in one piece; null when there is nothing. */
  takeOutput(): Buffer | null {
    if (this.output.length === 0) return null
    const bytes = this.output.length === 1 ? this.output[0]! : Buffer.concat(this.output)
    this.output.length = 0
    return bytes
  }

  #userControl(body: Buffer): void {
    if (body.length < 2) throw new RtmpError('command', 'user control message is cut off')
    if (body.readUInt16BE(0) !== USER_CONTROL.pingRequest) return
    if (body.length < 6) throw new RtmpError('command', 'ping is cut off')
    this.#userEvent(USER_CONTROL.pingResponse, body.readUInt32BE(2))
  }

  #userEvent(event: number, value: number): void {
    const body = Buffer.alloc(6)
    body.writeUInt16BE(event)
    body.writeUInt32BE(value, 2)
    this.#control(MESSAGE.userControl, body)
  }

  #control(type: number, body: Buffer): void {
    this.output.push(this.encode(CONTROL_CHUNK_STREAM, type, 0, 0, body))
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function firstUInt32(message: RtmpMessage): number {
  if (message.body.length < 4) throw new RtmpError('command', `control message of type ${message.type} is cut off`)
  return message.body.readUInt32BE(0)
}
