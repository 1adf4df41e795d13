import type { AmfValue } from './amf0.ts'
import { encodeAmf0 } from './amf0-encode.ts'
import { ClientHandshake, type RandomBytes } from './handshake.ts'
import type { DigestLayout } from './handshake-digest.ts'
import type { RtmpLimits } from './limits.ts'
import { RtmpLink } from './link.ts'
import { MESSAGE, type RtmpMessage } from './message.ts'
import { RtmpError } from './rtmp-error.ts'

export type ClientEvent = { type: 'publishing' } | { type: 'close'; reason: string }
export type ClientState = 'handshake' | 'connecting' | 'creating' | 'starting' | 'publishing' | 'closed'

const CHUNK_SIZE = 4096
/** We ask the server to acknowledge this often, so that a frozen one shows within seconds, whatever the kernel buffers. */
export const PUBLISHER_ACK_WINDOW_BYTES = 16_384
const AUDIO_CHUNK_STREAM = 4
const DATA_CHUNK_STREAM = 5
const CONNECT = 1
const CREATE_STREAM = 4

/** Our publishing end as a state machine: bytes in, events and bytes out; no clock, no socket. */
export class RtmpClientSession {
  readonly #application: string
  readonly #tcUrl: string
  readonly #stream: string
  readonly #link: RtmpLink
  #handshake: ClientHandshake | null
  #state: ClientState = 'handshake'
  #streamId = 0
  #output: Buffer[]

  constructor(options: {
    application: string
    tcUrl: string
    stream: string
    limits: RtmpLimits
    random: RandomBytes
    handshake?: 'simple' | DigestLayout
  }) {
    this.#application = options.application
    this.#tcUrl = options.tcUrl
    this.#stream = options.stream
    this.#link = new RtmpLink(options.limits, (type) => type === MESSAGE.video || type === MESSAGE.audio)
    this.#handshake = new ClientHandshake(options.random, options.handshake)
    this.#output = [this.#handshake.start()]
  }

  get state(): ClientState {
    return this.#state
  }

  /** How often the server has acknowledged our bytes; 0 from servers that never do. */
  get acknowledgements(): number {
    return this.#link.acknowledgements
  }

  receive(bytes: Buffer): ClientEvent[] {
    const events: ClientEvent[] = []
    if (this.#state === 'closed') return events
    try {
      const rest = this.#handshake ? this.#shakeHands(this.#handshake, bytes) : bytes
      if (!rest) return events
      this.#link.receive(rest)
      for (;;) {
        if ((this.#state as ClientState) === 'closed') break
        const message = this.#link.next()
        if (!message) break
        if (message.type === MESSAGE.commandAmf0 || message.type === MESSAGE.commandAmf3) this.#command(message, events)
      }
    } catch (error) {
      if (!(error instanceof RtmpError)) throw error
      this.#close(`the server broke the protocol: ${error.message}`, events)
    }
    return events
  }

  takeOutput(): Buffer | null {
    const chunks = this.#link.takeOutput()
    if (this.#output.length === 0) return chunks
    const bytes = Buffer.concat(chunks ? [...this.#output, chunks] : this.#output)
    this.#output = []
    return bytes
  }

  /** An audio message as bytes; the body is an FLV audio tag's. In state `publishing` only. */
  encodeAudio(timestampMs: number, body: Uint8Array): Buffer {
    return this.#link.encode(AUDIO_CHUNK_STREAM, MESSAGE.audio, this.#streamId, timestampMs, body)
  }

  /** A data message as bytes; its body comes from {@link encodeData}. In state `publishing` only. */
  encodeDataBody(timestampMs: number, body: Uint8Array): Buffer {
    return this.#link.encode(DATA_CHUNK_STREAM, MESSAGE.dataAmf0, this.#streamId, timestampMs, body)
  }

  /** A polite end: unpublish and delete the stream. */
  finish(): void {
    if (this.#state === 'publishing') {
      this.#link.command(this.#streamId, 'FCUnpublish', 6, null, this.#stream)
      this.#link.command(this.#streamId, 'deleteStream', 7, null, this.#streamId)
    }
    this.#state = 'closed'
  }

  #shakeHands(handshake: ClientHandshake, bytes: Buffer): Buffer | null {
    const { send, rest } = handshake.receive(bytes)
    this.#output.push(...send)
    if (!rest) return null
    this.#handshake = null
    this.#state = 'connecting'
    this.#link.setChunkSize(CHUNK_SIZE)
    this.#link.windowAckSize(PUBLISHER_ACK_WINDOW_BYTES)
    this.#link.command(0, 'connect', CONNECT, {
      app: this.#application,
      type: 'nonprivate',
      flashVer: 'FMLE/3.0 (compatible; Airtight)',
      tcUrl: this.#tcUrl,
    })
    return rest
  }

  #command(message: RtmpMessage, events: ClientEvent[]): void {
    const [name, transaction, , second] = this.#link.values(message)
    if (name === '_result' && transaction === CONNECT && this.#state === 'connecting') {
      this.#state = 'creating'
      this.#link.command(0, 'releaseStream', 2, null, this.#stream)
      this.#link.command(0, 'FCPublish', 3, null, this.#stream)
      this.#link.command(0, 'createStream', CREATE_STREAM, null)
    } else if (name === '_result' && transaction === CREATE_STREAM && this.#state === 'creating') {
      this.#streamId = messageStreamIdOf(second)
      this.#state = 'starting'
      this.#link.command(this.#streamId, 'publish', 5, null, this.#stream, 'live')
    } else if (name === '_error' && (transaction === CONNECT || transaction === CREATE_STREAM)) {
      this.#close(`the server refused: ${statusText(second)}`, events)
    } else if (name === 'onStatus') this.#status(second, events)
    else if (name === 'close') this.#close('the server closed the connection', events)
  }

  #status(information: AmfValue, events: ClientEvent[]): void {
    const { code, level } = propertiesOf(information)
    if (code === 'NetStream.Publish.Start' && this.#state === 'starting') {
      this.#state = 'publishing'
      events.push({ type: 'publishing' })
    } else if (level === 'error' || code === 'NetStream.Unpublish.Success' || code === 'NetConnection.Connect.Closed')
      this.#close(`the server says: ${statusText(information)}`, events)
  }

  #close(reason: string, events: ClientEvent[]): void {
    this.#state = 'closed'
    events.push({ type: 'close', reason })
  }
}

/** The body of a data message. Stream metadata is sent in the envelope in which servers expect it. */
export function encodeData(name: string, values: readonly AmfValue[]): Buffer {
  return encodeAmf0(name === 'onMetaData' ? ['@setDataFrame', name, ...values] : [name, ...values])
}

/** AMF numbers may be anything, Infinity too; a message stream's has 32 bits. */
function messageStreamIdOf(value: AmfValue): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff) return value
  throw new RtmpError('command', 'createStream was answered without a stream number')
}

function propertiesOf(value: AmfValue): Record<string, AmfValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date) ? value : {}
}

function statusText(information: AmfValue): string {
  const { code, description } = propertiesOf(information)
  return [code, description].filter((part) => typeof part === 'string' && part !== '').join(': ') || 'no reason given'
}
