import { messagesOfAggregate } from './aggregate.ts'
import type { AmfValue } from './amf0.ts'
import { type RandomBytes, ServerHandshake } from './handshake.ts'
import type { RtmpLimits } from './limits.ts'
import { RtmpLink } from './link.ts'
import { MESSAGE, type RtmpMessage } from './message.ts'
import { type PublishAddress, publishAddress } from './publish-address.ts'
import { RtmpError, type RtmpErrorKind } from './rtmp-error.ts'
import { answerOf, connectAnswer } from './server-answers.ts'
import { TimestampUnwrapper } from './timestamp-unwrapper.ts'

export type RefusalCode = 'NetStream.Publish.BadName' | 'NetStream.Publish.Unauthorized'

/** What a server session tells its program. After `close` nothing more comes; what is in the output is still worth sending. */
export type ServerEvent =
  | { type: 'publish'; address: PublishAddress }
  | { type: 'audio'; timestampMs: number; body: Buffer }
  | { type: 'data'; timestampMs: number; name: string; values: AmfValue[] }
  | { type: 'ended'; reason: string }
  | { type: 'ignored'; kind: RtmpErrorKind; reason: string }
  | { type: 'close'; kind: RtmpErrorKind; reason: string }

/** `deciding`: a publish request waits for `accept` or `refuse`, and nothing that came after it is read until then. */
export type ServerState = 'handshake' | 'connecting' | 'connected' | 'deciding' | 'publishing' | 'closed'

const CHUNK_SIZE = 4096
const WINDOW_ACK_BYTES = 2_500_000

/**
 * One publisher's connection as a state machine: bytes in, events and bytes out; no clock, no socket. Media is handed out in state
 * `publishing` only, and only of the message stream that publishes. Players are refused.
 */
export class RtmpServerSession {
  readonly #limits: RtmpLimits
  readonly #handshake: ServerHandshake
  readonly #link: RtmpLink
  readonly #handshakeOutput: Buffer[] = []
  #state: ServerState = 'handshake'
  #app = ''
  #tcUrl = ''
  #streamsCreated = 0
  #publishStreamId = 0
  #time = new TimestampUnwrapper()

  constructor(options: { limits: RtmpLimits; random: RandomBytes }) {
    this.#limits = options.limits
    this.#handshake = new ServerHandshake(options.random)
    this.#link = new RtmpLink(options.limits, (type) => type === MESSAGE.video)
  }

  get state(): ServerState {
    return this.#state
  }

  /** Bytes held for this peer. */
  get bufferedBytes(): number {
    return this.#link.bufferedBytes
  }

  receive(bytes: Buffer): ServerEvent[] {
    if (this.#state === 'closed') return []
    return this.#guarded((events) => {
      let rest: Buffer | null = bytes
      if (this.#state === 'handshake') {
        const step = this.#handshake.receive(bytes)
        this.#handshakeOutput.push(...step.send)
        rest = step.rest
        if (rest) this.#state = 'connecting'
      }
      if (!rest) return
      this.#link.receive(rest)
      this.#readMessages(events)
    })
  }

  /** The publication may begin. Answers the events of what was already received behind the request. */
  accept(): ServerEvent[] {
    if (this.#state !== 'deciding') return []
    this.#state = 'publishing'
    this.#time = new TimestampUnwrapper()
    this.#link.streamBegin(this.#publishStreamId)
    this.#status('status', 'NetStream.Publish.Start', 'The publication has begun.')
    return this.#guarded((events) => this.#readMessages(events))
  }

  /** The publication may not begin; the reason is for the person at the encoder. The session is closed. */
  refuse(reason: string, code: RefusalCode = 'NetStream.Publish.BadName'): void {
    if (this.#state !== 'deciding') return
    this.#status('error', code, reason)
    this.#state = 'closed'
  }

  /** The server ends everything, with a reason that the peer is told as far as it is in a state to understand it. */
  finish(reason: string): void {
    if (this.#state === 'publishing' || this.#state === 'deciding')
      this.#status('error', 'NetStream.Publish.Denied', reason)
    else if (this.#state === 'connected') this.#status('error', 'NetConnection.Connect.Closed', reason)
    this.#state = 'closed'
  }

  ping(timestampMs: number): void {
    this.#link.ping(timestampMs)
  }

  takeOutput(): Buffer | null {
    const chunks = this.#link.takeOutput()
    if (this.#handshakeOutput.length === 0) return chunks
    const bytes = Buffer.concat(chunks ? [...this.#handshakeOutput, chunks] : this.#handshakeOutput)
    this.#handshakeOutput.length = 0
    return bytes
  }

  #guarded(work: (events: ServerEvent[]) => void): ServerEvent[] {
    const events: ServerEvent[] = []
    try {
      work(events)
    } catch (error) {
      if (!(error instanceof RtmpError)) throw error
      this.finish(error.message)
      events.push({ type: 'close', kind: error.kind, reason: error.message })
    }
    return events
  }

  #readMessages(events: ServerEvent[]): void {
    while (this.#state !== 'deciding' && this.#state !== 'closed') {
      const message = this.#link.next()
      if (!message) return
      if (message.type !== MESSAGE.aggregate) this.#message(message, events)
      else if (this.#publishes(message))
        for (const part of messagesOfAggregate(message)) if (isMedia(part)) this.#message(part, events)
    }
  }

  #publishes(message: RtmpMessage): boolean {
    return this.#state === 'publishing' && message.streamId === this.#publishStreamId
  }

  #message(message: RtmpMessage, events: ServerEvent[]): void {
    if (message.type === MESSAGE.commandAmf0 || message.type === MESSAGE.commandAmf3)
      this.#command(message.streamId, this.#link.values(message), events)
    else if (!this.#publishes(message)) return
    else if (message.type === MESSAGE.audio)
      events.push({ type: 'audio', timestampMs: this.#time.advance(message.timestamp), body: message.body })
    else if (message.type === MESSAGE.dataAmf0 || message.type === MESSAGE.dataAmf3) this.#data(message, events)
  }

  /** Odd metadata is no reason to take a show off the air: what can't be read is left out, and said. */
  #data(message: RtmpMessage, events: ServerEvent[]): void {
    try {
      const [first, ...values] = this.#link.values(message)
      const name = first === '@setDataFrame' ? values.shift() : first
      if (typeof name !== 'string') throw new RtmpError('amf', 'data message without a name')
      events.push({ type: 'data', timestampMs: this.#time.near(message.timestamp), name, values })
    } catch (error) {
      if (!(error instanceof RtmpError)) throw error
      events.push({ type: 'ignored', kind: error.kind, reason: error.message })
    }
  }

  #command(streamId: number, values: AmfValue[], events: ServerEvent[]): void {
    const [name, transactionValue, ...rest] = values
    if (typeof name !== 'string') throw new RtmpError('command', 'command without a name')
    const transaction = typeof transactionValue === 'number' ? transactionValue : 0
    if (this.#state !== 'connecting') this.#commandOfConnected(name, transaction, streamId, rest[1], events)
    else if (name === 'connect') this.#connect(transaction, rest[0])
    else throw new RtmpError('command', `the first command is ${shown(name)}, expected connect`)
  }

  #commandOfConnected(
    name: string,
    transaction: number,
    streamId: number,
    argument: AmfValue,
    events: ServerEvent[],
  ): void {
    switch (name) {
      case 'publish':
        if (argument === false) this.#unpublish('the encoder unpublished its stream', events)
        else this.#publish(streamId, argument, events)
        break
      case 'createStream':
        if (++this.#streamsCreated > this.#limits.messageStreamsMax)
          throw new RtmpError('command', `more than ${this.#limits.messageStreamsMax} message streams`)
        this.#link.command(0, '_result', transaction, null, this.#streamsCreated)
        break
      case 'deleteStream':
        if (argument === this.#publishStreamId) this.#unpublish('the encoder deleted its stream', events)
        break
      case 'closeStream':
        if (streamId === this.#publishStreamId) this.#unpublish('the encoder closed its stream', events)
        break
      case 'FCUnpublish':
        this.#link.command(0, 'onFCUnpublish', 0, null, {
          code: 'NetStream.Unpublish.Success',
          description: typeof argument === 'string' ? argument : '',
        })
        this.#unpublish('the encoder unpublished its stream', events)
        break
      case 'play':
      case 'play2':
        this.#refusePlayer(streamId, events)
        break
      default:
        for (const answer of answerOf(name, transaction, argument)) this.#link.command(0, ...answer)
    }
  }

  #refusePlayer(streamId: number, events: ServerEvent[]): void {
    if (this.#state === 'publishing') this.#unpublish('the encoder began to play', events)
    this.#publishStreamId = streamId
    this.#status('error', 'NetStream.Play.Failed', 'This address takes publishers only.')
    this.#state = 'closed'
    events.push({ type: 'close', kind: 'refused', reason: 'a player connected; this address takes publishers only' })
  }

  #connect(transaction: number, options: AmfValue): void {
    const given =
      typeof options === 'object' && options !== null && !Array.isArray(options) && !(options instanceof Date)
    const { app, tcUrl, objectEncoding } = given ? options : {}
    this.#app = typeof app === 'string' ? app : ''
    this.#tcUrl = typeof tcUrl === 'string' ? tcUrl : ''
    if (publishAddress(this.#app, this.#tcUrl, '').application === '') {
      const description = 'connect names no application, neither in app nor in tcUrl'
      this.#link.command(0, '_error', transaction, null, {
        level: 'error',
        code: 'NetConnection.Connect.Rejected',
        description,
      })
      throw new RtmpError('command', description)
    }
    this.#link.windowAckSize(WINDOW_ACK_BYTES)
    this.#link.setPeerBandwidth(WINDOW_ACK_BYTES)
    this.#link.setChunkSize(CHUNK_SIZE)
    this.#link.command(0, ...connectAnswer(transaction, objectEncoding === 3 ? 3 : 0))
    this.#state = 'connected'
  }

  #publish(streamId: number, name: AmfValue, events: ServerEvent[]): void {
    if (this.#state === 'publishing') throw new RtmpError('command', 'a second publish on a connection that publishes')
    this.#publishStreamId = streamId
    this.#state = 'deciding'
    if (typeof name !== 'string' || name === '') {
      this.refuse('The stream name is missing.')
      events.push({ type: 'close', kind: 'command', reason: 'publish without a stream name' })
      return
    }
    events.push({ type: 'publish', address: publishAddress(this.#app, this.#tcUrl, name) })
  }

  #unpublish(reason: string, events: ServerEvent[]): void {
    if (this.#state !== 'publishing') return
    this.#status('status', 'NetStream.Unpublish.Success', 'The publication has ended.')
    this.#state = 'connected'
    events.push({ type: 'ended', reason })
  }

  #status(level: 'status' | 'error', code: string, description: string): void {
    this.#link.command(this.#publishStreamId, 'onStatus', 0, null, { level, code, description })
  }
}

function isMedia({ type }: RtmpMessage): boolean {
  return type === MESSAGE.audio || type === MESSAGE.dataAmf0 || type === MESSAGE.dataAmf3
}

/** What a peer calls something, short and without anything that could disturb a log. */
function shown(name: string): string {
  return JSON.stringify(name.slice(0, 40))
}
