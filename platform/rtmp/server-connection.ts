import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import type { RtmpLimits } from '../../media/rtmp/limits.ts'
import type { PublishAddress } from '../../media/rtmp/publish-address.ts'
import { RtmpServerSession, type ServerEvent } from '../../media/rtmp/server-session.ts'
import type { Clock } from '../clock.ts'
import type { QuietLog } from './quiet-log.ts'
import type { RtmpPublicationHandler, RtmpServerOptions } from './server.ts'

type ConnectionOptions = {
  socket: Socket
  remoteAddress: string
  clock: Clock
  quiet: QuietLog
  limits: RtmpLimits
  publish: RtmpServerOptions['publish']
}

/** One accepted socket: carries bytes to the session and its answers back, keeps the times, and asks the program about publications. */
export class ServerConnection {
  readonly #socket: Socket
  readonly #session: RtmpServerSession
  readonly #options: ConnectionOptions
  readonly #acceptedMs: number
  #handler: RtmpPublicationHandler | null = null
  #deadline: () => void
  #idleTimer: (() => void) | null = null
  #heardMs: number
  #ending = false

  constructor(options: ConnectionOptions) {
    const { socket, clock, limits } = options
    this.#options = options
    this.#socket = socket
    this.#session = new RtmpServerSession({ limits, random: randomBytes })
    this.#heardMs = clock.monotonicMs()
    this.#acceptedMs = this.#heardMs
    this.#deadline = clock.after(limits.handshakeMs, () =>
      this.#fail('handshake-timeout', `no handshake within ${limits.handshakeMs} ms`),
    )
    socket.on('data', (bytes: Buffer) => this.#received(bytes))
    socket.once('end', () => this.end('the encoder closed the connection'))
    socket.on('error', (error) => this.#publicationEnded(`the connection broke: ${error.message}`))
    socket.once('close', () => {
      this.#ending = true
      this.#stopTimers()
      this.#publicationEnded('the connection was lost')
    })
  }

  get remoteAddress(): string {
    return this.#options.remoteAddress
  }

  /** Whether it has not shaken hands, so long after it was accepted. */
  isHalfOpen(afterMs: number): boolean {
    return (
      !this.#ending &&
      this.#session.state === 'handshake' &&
      this.#options.clock.monotonicMs() - this.#acceptedMs >= afterMs
    )
  }

  destroy(): void {
    this.#ending = true
    this.#stopTimers()
    this.#socket.destroy()
  }

  /** Ends the connection for a reason that is nobody's fault; the encoder is told. */
  end(reason: string): void {
    if (this.#ending) return
    this.#session.finish(reason)
    this.#publicationEnded(reason)
    this.#farewell()
  }

  #received(bytes: Buffer): void {
    if (this.#ending) return
    this.#heardMs = this.#options.clock.monotonicMs()
    const before = this.#session.state
    const events = this.#session.receive(bytes)
    if (before === 'handshake' && this.#session.state !== 'handshake' && this.#session.state !== 'closed')
      this.#awaitCommand()
    this.#handle(events)
  }

  #handle(events: ServerEvent[]): void {
    this.#write()
    for (const event of events) {
      switch (event.type) {
        case 'audio':
          this.#handler?.audio(event.timestampMs, event.body)
          break
        case 'data':
          this.#handler?.data(event.timestampMs, event.name, event.values)
          break
        case 'publish':
          this.#decide(event.address)
          break
        case 'ended':
          this.#publicationEnded(event.reason, true)
          this.#awaitCommand()
          break
        case 'ignored':
          this.#warn(event.kind, `a data message was left out: ${event.reason}`)
          break
        case 'close':
          this.#fail(event.kind, event.reason)
      }
    }
  }

  /** Nothing more is read from the socket until the program has decided; so no word that follows the request is lost. */
  #decide(address: PublishAddress): void {
    const { clock, limits, remoteAddress, publish, quiet } = this.#options
    this.#socket.pause()
    this.#stopTimers()
    this.#deadline = clock.after(limits.decisionMs, () => {
      this.#session.refuse('The station did not answer in time.')
      this.#fail('decision-timeout', `no decision about a publication within ${limits.decisionMs} ms`)
    })
    const end = (reason: string): void => this.end(reason)
    publish({ ...address, remoteAddress, end }).then(
      (decision) => {
        if (this.#ending) {
          if (!('refuse' in decision)) decision.ended('the connection was lost', false)
          return
        }
        if ('refuse' in decision) {
          this.#session.refuse(decision.refuse, decision.code)
          // The stream's name is not told: it may be a key.
          this.#fail('refused', `a publication was refused: ${decision.refuse}`)
        } else this.#begin(decision)
      },
      (error: unknown) => {
        quiet.warn('decision-failed', { err: error, remoteAddress }, 'the decision about an RTMP publication failed')
        if (this.#ending) return
        this.#session.refuse('The station could not decide about this publication.')
        this.#farewell()
      },
    )
  }

  #begin(handler: RtmpPublicationHandler): void {
    const { clock, limits } = this.#options
    this.#stopTimers()
    this.#handler = handler
    this.#heardMs = clock.monotonicMs()
    this.#idleTimer = clock.every(limits.idleMs / 3, () => this.#checkIdle())
    this.#handle(this.#session.accept())
    if (!this.#ending) this.#socket.resume()
  }

  #checkIdle(): void {
    const { clock, limits } = this.#options
    const nowMs = clock.monotonicMs()
    const silentMs = nowMs - this.#heardMs
    if (silentMs >= limits.idleMs) {
      this.#fail('idle', `nothing received for ${Math.round(silentMs / 1000)} s, limit ${limits.idleMs / 1000} s`)
    } else if (silentMs >= limits.idleMs / 3) {
      this.#session.ping(nowMs)
      this.#write()
    }
  }

  #awaitCommand(): void {
    const { clock, limits } = this.#options
    this.#stopTimers()
    this.#deadline = clock.after(limits.commandMs, () =>
      this.#fail('command-timeout', `no publication within ${limits.commandMs} ms`),
    )
  }

  #write(): void {
    const bytes = this.#session.takeOutput()
    if (!bytes || !this.#socket.writable) return
    const { writeQueueBytesMax } = this.#options.limits
    if (this.#socket.writableLength + bytes.length > writeQueueBytesMax) {
      this.#warn('write-queue', `the peer reads nothing: more than ${writeQueueBytesMax} bytes wait for it`)
      this.#ending = true
      this.#publicationEnded('the peer reads none of our answers')
      this.#socket.destroy()
    } else this.#socket.write(bytes)
  }

  #fail(kind: string, reason: string): void {
    if (this.#ending) return
    this.#warn(kind, reason)
    this.end(reason)
  }

  #warn(kind: string, reason: string): void {
    const { quiet, remoteAddress } = this.#options
    quiet.warn(kind, { remoteAddress }, `RTMP from ${remoteAddress}: ${reason}`)
  }

  #publicationEnded(reason: string, declared = false): void {
    const handler = this.#handler
    this.#handler = null
    handler?.ended(reason, declared)
  }

  #stopTimers(): void {
    this.#deadline()
    this.#idleTimer?.()
    this.#idleTimer = null
  }

  /**
   * From here on nothing that the peer sends reaches anyone. It has a moment to read our last words: a socket destroyed with unread
   * bytes in it is reset, and the peer would lose them.
   */
  #farewell(): void {
    if (this.#ending) return
    this.#write()
    if (this.#ending) return
    this.#ending = true
    this.#stopTimers()
    this.#socket.resume()
    this.#socket.end()
    this.#deadline = this.#options.clock.after(this.#options.limits.lingerMs, () => this.#socket.destroy())
  }
}
