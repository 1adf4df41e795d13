import { randomBytes } from 'node:crypto'
import { connect, isIP, type Socket } from 'node:net'
import type * as tlsModule from 'node:tls'
import type { AmfValue } from '../../media/rtmp/amf0.ts'
import { encodeData, PUBLISHER_ACK_WINDOW_BYTES, RtmpClientSession } from '../../media/rtmp/client-session.ts'
import { RTMP_LIMITS } from '../../media/rtmp/limits.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import { MessageQueue } from './message-queue.ts'

export type RtmpPublisherTimeouts = {
  /** From the call to the server's consent, in ms. */
  connectMs: number
  /** How long messages may wait without any of them leaving, in ms. */
  stallMs: number
  /** How long a polite end may take, in ms. */
  closeMs: number
}

export type RtmpPublisherOptions = {
  /** `rtmp://host[:port]/application`, or `rtmps://…` */
  url: string
  /** The stream's name, with its query if it has one. */
  stream: string
  clock: Clock
  log: Logger
  queueBytesMax?: number
  /** RTMPS: PEM certificates to trust instead of the system's. */
  trusted?: string
  timeouts?: Partial<RtmpPublisherTimeouts>
}

export type RtmpPublisher = {
  readonly state: 'connecting' | 'publishing' | 'closed'
  /** Resolves when the server consents; rejects with the reason when it never comes to that. */
  readonly ready: Promise<void>
  /** Resolves with the reason, however it ended. */
  readonly closed: Promise<string>
  /** Bytes of messages that the socket has not taken yet. */
  readonly queuedBytes: number
  /** One audio message (FLV audio tag body). False: not publishing, or dropped because the queue is full. Never waits. */
  audio(timestampMs: number, body: Uint8Array): boolean
  /** One data message. False as above. */
  data(timestampMs: number, name: string, values: readonly AmfValue[]): boolean
  /** Ends politely, or at once when that takes too long. */
  close(): Promise<void>
}

const DEFAULT_PORTS: Record<string, number> = { 'rtmp:': 1935, 'rtmps:': 443 }
const DEFAULT_QUEUE_BYTES = 262_144
const DEFAULT_TIMEOUTS: RtmpPublisherTimeouts = { connectMs: 5_000, stallMs: 10_000, closeMs: 1_000 }
const SECRET_CHARACTERS_MIN = 6
/** So much goes to the socket in one write: small enough that a peer that drains slowly is seen to drain. */
const BATCH_BYTES = 16_384
/** A server that acknowledges owes us a word after this much. */
const UNACKNOWLEDGED_BYTES_MAX = 2 * PUBLISHER_ACK_WINDOW_BYTES

/** Publishes to an RTMP server. Throws a TypeError when the address is not `rtmp(s)://host[:port]/application`. */
export function openRtmpPublisher(options: RtmpPublisherOptions): RtmpPublisher {
  const url = new URL(options.url)
  if (!(url.protocol in DEFAULT_PORTS) || !url.hostname)
    throw new TypeError('an RTMP address looks like rtmp://host[:port]/application')
  return new SocketPublisher(options, url)
}

/** All publishers read through the same memory: what is read is used before the next read, and answers are small. */
const readBuffer = Buffer.allocUnsafeSlow(4_096)

class SocketPublisher implements RtmpPublisher {
  readonly ready: Promise<void>
  readonly closed: Promise<string>
  readonly #session: RtmpClientSession
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #log: Logger
  readonly #host: string
  /** Servers like to repeat the stream's name when they refuse it, and it may be a key. */
  readonly #secrets: readonly string[]
  readonly #timeouts: RtmpPublisherTimeouts
  readonly #queue: MessageQueue
  #state: RtmpPublisher['state'] = 'connecting'
  #deadline: () => void
  #stallTimer: (() => void) | null = null
  #progressMs = 0
  #writing = false
  #acknowledgements = 0
  #unacknowledgedBytes = 0
  /** When more than the server may leave unacknowledged had been sent; null while it keeps up. */
  #overdueSinceMs: number | null = null
  #becomeReady: () => void = () => {}
  #failReady: (error: Error) => void = () => {}
  #becomeClosed: (reason: string) => void = () => {}

  constructor(options: RtmpPublisherOptions, url: URL) {
    this.#clock = options.clock
    this.#log = options.log
    this.#host = url.host
    this.#secrets = [options.stream, ...options.stream.split(/[?&=]/)].filter(
      (part) => part.length >= SECRET_CHARACTERS_MIN,
    )
    this.#timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts }
    this.#queue = new MessageQueue(options.queueBytesMax ?? DEFAULT_QUEUE_BYTES)
    this.ready = new Promise((resolve, reject) => {
      this.#becomeReady = resolve
      this.#failReady = reject
    })
    // Whoever only watches `closed` need not handle `ready` too.
    this.ready.catch(() => {})
    this.closed = new Promise((resolve) => {
      this.#becomeClosed = resolve
    })
    this.#session = new RtmpClientSession({
      application: url.pathname.replace(/^\/+|\/+$/g, '') + url.search,
      tcUrl: options.url,
      stream: options.stream,
      limits: RTMP_LIMITS,
      random: randomBytes,
    })
    this.#deadline = this.#clock.after(this.#timeouts.connectMs, () =>
      this.#end(`no consent to publish within ${this.#timeouts.connectMs} ms`),
    )
    const address = {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? DEFAULT_PORTS[url.protocol]! : Number(url.port),
    }
    this.#socket = url.protocol === 'rtmps:' ? this.#connectSecurely(address, options.trusted) : this.#connect(address)
    this.#socket.on('error', (error) => this.#end(`the connection broke: ${error.message}`))
    this.#socket.once('end', () => this.#end('the server closed the connection'))
    this.#socket.once('close', () => this.#end('the connection was lost'))
  }

  #connect(address: { host: string; port: number }): Socket {
    const socket = connect({
      ...address,
      noDelay: true,
      onread: { buffer: readBuffer, callback: (length, bytes) => this.#received(Buffer.from(bytes.buffer, 0, length)) },
    })
    socket.once('connect', () => this.#writeAnswers())
    return socket
  }

  /** The server must prove by its certificate who it is: what follows tells it the stream's key. */
  #connectSecurely(address: { host: string; port: number }, trusted: string | undefined): Socket {
    // TLS costs a megabyte, which most stations never need.
    const { connect: connectTls } = process.getBuiltinModule('node:tls') as typeof tlsModule
    const servername = isIP(address.host) === 0 ? { servername: address.host } : {}
    const socket = connectTls({ ...address, ...servername, ...(trusted === undefined ? {} : { ca: trusted }) })
    socket.setNoDelay(true)
    socket.once('secureConnect', () => this.#writeAnswers())
    socket.on('data', (bytes: Buffer) => this.#received(bytes))
    return socket
  }

  get state(): RtmpPublisher['state'] {
    return this.#state
  }

  get queuedBytes(): number {
    return this.#state === 'closed' ? 0 : this.#queue.bytes + this.#socket.writableLength
  }

  audio(timestampMs: number, body: Uint8Array): boolean {
    return this.#send(true, timestampMs, body)
  }

  data(timestampMs: number, name: string, values: readonly AmfValue[]): boolean {
    return this.#send(false, timestampMs, encodeData(name, values))
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return
    if (this.#state === 'publishing') {
      this.#state = 'closed'
      this.#flushAll()
      this.#session.finish()
      this.#writeAnswers()
      this.#socket.end()
      const cancel = this.#clock.after(this.#timeouts.closeMs, () => this.#socket.destroy())
      // Until the server closes its side too: a socket destroyed sooner may be reset, and the last words lost.
      await new Promise<void>((resolve) => this.#socket.once('close', () => resolve()))
      cancel()
    }
    this.#finish('closed by us')
  }

  #send(isAudio: boolean, timestampMs: number, body: Uint8Array): boolean {
    if (this.#state !== 'publishing') return false
    if (!this.#writing && this.#queue.length === 0) {
      this.#write(this.#encode(isAudio, timestampMs, body))
      return true
    }
    if (!this.#queue.push(isAudio, timestampMs, body, this.#socket.writableLength)) return false
    this.#watchStall()
    return true
  }

  #encode(isAudio: boolean, timestampMs: number, body: Uint8Array): Buffer {
    return isAudio ? this.#session.encodeAudio(timestampMs, body) : this.#session.encodeDataBody(timestampMs, body)
  }

  #write(bytes: Buffer): void {
    this.#writing = true
    this.#unacknowledgedBytes += bytes.length
    this.#socket.write(bytes, this.#written)
  }

  readonly #written = (error?: Error | null): void => {
    this.#writing = false
    if (error || this.#state !== 'publishing') return
    this.#progressMs = this.#clock.monotonicMs()
    if (this.#queue.length > 0) this.#write(this.#batch(BATCH_BYTES))
    else this.#checkAcknowledgements()
  }

  /** The oldest waiting messages in one piece. Encoded only now: what waits is a reference to the shared body. */
  #batch(bytesMax: number): Buffer {
    const parts: Buffer[] = []
    for (let bytes = 0; bytes < bytesMax && this.#queue.length > 0; ) {
      const part = this.#queue.shift((isAudio, timestampMs, body) => this.#encode(isAudio, timestampMs, body))
      parts.push(part)
      bytes += part.length
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }

  #flushAll(): void {
    if (this.#queue.length > 0) this.#socket.write(this.#batch(Number.POSITIVE_INFINITY))
  }

  #watchStall(): void {
    if (this.#stallTimer) return
    this.#progressMs = this.#clock.monotonicMs()
    const check = (): void => {
      this.#stallTimer = null
      if (!this.#writing && this.#queue.length === 0) return
      const stalledMs = this.#clock.monotonicMs() - this.#progressMs
      if (stalledMs >= this.#timeouts.stallMs) {
        this.#end(`the server took nothing for ${Math.round(stalledMs / 1000)} s, ${this.queuedBytes} bytes wait`)
      } else this.#stallTimer = this.#clock.after(this.#timeouts.stallMs - stalledMs, check)
    }
    this.#stallTimer = this.#clock.after(this.#timeouts.stallMs, check)
  }

  /** The kernel takes megabytes for a frozen server; a server that has acknowledged before and stops is found out sooner. */
  #checkAcknowledgements(): void {
    if (this.#acknowledgements === 0 || this.#unacknowledgedBytes < UNACKNOWLEDGED_BYTES_MAX) return
    const nowMs = this.#clock.monotonicMs()
    this.#overdueSinceMs ??= nowMs
    const silentMs = nowMs - this.#overdueSinceMs
    if (silentMs >= this.#timeouts.stallMs)
      this.#end(`the server acknowledged nothing for ${Math.round(silentMs / 1000)} s`)
  }

  #received(bytes: Buffer): boolean {
    if (this.#state === 'closed') return true
    for (const event of this.#session.receive(bytes)) {
      if (event.type === 'close') this.#end(event.reason)
      else {
        this.#deadline()
        this.#state = 'publishing'
        this.#becomeReady()
      }
    }
    if (this.#session.acknowledgements !== this.#acknowledgements) {
      this.#acknowledgements = this.#session.acknowledgements
      this.#unacknowledgedBytes = 0
      this.#overdueSinceMs = null
    }
    this.#writeAnswers()
    return true
  }

  #writeAnswers(): void {
    const bytes = this.#session.takeOutput()
    if (!bytes || !this.#socket.writable) return
    if (this.#socket.writableLength > RTMP_LIMITS.writeQueueBytesMax)
      this.#end('the server asks and does not read the answers')
    else this.#socket.write(bytes)
  }

  #end(because: string): void {
    if (this.#state === 'closed') return
    const reason = this.#secrets.reduce((text, secret) => text.replaceAll(secret, '…'), because)
    this.#state = 'closed'
    this.#log.debug({ host: this.#host, reason }, `RTMP publication to ${this.#host} ended: ${reason}`)
    this.#finish(reason)
  }

  #finish(reason: string): void {
    this.#state = 'closed'
    this.#deadline()
    this.#stallTimer?.()
    this.#stallTimer = null
    this.#queue.clear()
    this.#socket.destroy()
    this.#failReady(new Error(reason))
    this.#becomeClosed(reason)
  }
}
