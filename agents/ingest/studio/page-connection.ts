import type { WebSocket } from 'ws'
import { FormatError } from '../../../media/format-error.ts'
import type { QuietLog } from '../../../platform/rtmp/quiet-log.ts'
import { Allowance } from '../feeds/allowance.ts'
import type { FeedWriter } from '../feeds/sender.ts'
import { grantOfKey } from '../keys.ts'
import { SOCKET_LIMITS } from '../limits.ts'
import { type FromPage, type Hello, type Order, parseFromPage, parseTicket, type ToPage } from './messages.ts'
import { openPageSound, type PageSound } from './page-sound.ts'
import { PieceCount, readPiece } from './pieces.ts'
import type { PlayoutLink } from './playout-link.ts'
import type { StudioOptions } from './studio.ts'

type ConnectionOptions = StudioOptions & {
  socket: WebSocket
  remoteAddress: string
  quiet: QuietLog
  playout: PlayoutLink
  /** The other connections of this node. */
  others(): Iterable<PageConnection>
}

type Live = {
  keyId: string
  hello: Hello
  writer: FeedWriter
  sound: PageSound
  pieces: PieceCount
  samples: Allowance
}

const LEVEL_EVERY_MS = 250
const PING_EVERY_MS = 2_000
/** Playout's word is repeated so often, that a page may know how fresh its knowledge is. */
const WORD_EVERY_MS = 2_000
/** What a page may send at once after the network was away, beyond the pace of sound. */
const BURST_SECONDS = 12
/** Of one who may be a stranger: 4 s of sound. */
const EARLY_MESSAGES_MAX = 200

/** One studio page: its microphone comes in, and what becomes of it goes back. */
export class PageConnection {
  readonly remoteAddress: string
  readonly #options: ConnectionOptions
  readonly #socket: WebSocket
  readonly #messages: Allowance
  readonly #orders: Allowance
  readonly #cancelDeadline: () => void
  readonly #stops: (() => void)[] = []
  #live: Live | null = null
  #isAdmitted = false
  /** What came while the control center was asked about a key. */
  #early: { data: Buffer; isBinary: boolean }[] | null = null
  #isOver = false
  #heardMs: number
  #sessionId: string | null = null
  #wordToldMs = 0

  constructor(options: ConnectionOptions) {
    const { socket, clock } = options
    this.remoteAddress = options.remoteAddress
    this.#options = options
    this.#socket = socket
    this.#heardMs = clock.monotonicMs()
    this.#messages = new Allowance(SOCKET_LIMITS.pageMessagesMax, SOCKET_LIMITS.pageMessagesPerSecondMax, this.#heardMs)
    this.#orders = new Allowance(SOCKET_LIMITS.pageOrdersMax, SOCKET_LIMITS.pageOrdersPerSecondMax, this.#heardMs)
    this.#cancelDeadline = clock.after(SOCKET_LIMITS.headMs, () =>
      this.#refuse('The page did not say who it is.', 'hello'),
    )
    this.#stops.push(clock.every(PING_EVERY_MS, () => this.#ping()))
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#received(data, isBinary))
    socket.on('pong', () => this.#alive())
    socket.on('error', () => socket.terminate())
    socket.on('close', () => void this.#leave(false, 'The studio page is gone: closed, or cut off.'))
  }

  /** Whether this is the connection that a page had before it came back. */
  isBeforeOf(keyId: string, sessionId: string | null): boolean {
    return this.#live?.keyId === keyId && sessionId !== null && this.#sessionId === sessionId
  }

  /** The page has another connection now, to which its feed is free at once. */
  replaced(): void {
    const reason = 'The studio page has come back by another connection.'
    this.#live?.writer.lost(reason)
    void this.#leave(false, reason)
    this.#socket.terminate()
  }

  drop(reason: string): void {
    this.#refuse(reason, null)
  }

  #received(data: Buffer, isBinary: boolean): void {
    if (this.#isOver) return
    this.#alive()
    if (!this.#messages.take(1, this.#heardMs))
      return void this.#refuse('The page sends too many messages.', 'messages')
    if (!this.#early) this.#read(data, isBinary)
    else if (this.#early.length < EARLY_MESSAGES_MAX) this.#early.push({ data, isBinary })
    else this.#refuse('The page sends too much before it is let in.', 'messages')
  }

  #read(data: Buffer, isBinary: boolean): void {
    if (this.#isOver) return
    try {
      if (isBinary) this.#take(data)
      else this.#hear(parseFromPage(data.toString('utf8')))
    } catch (error) {
      if (!(error instanceof FormatError)) throw error
      this.#refuse(`The page sends what is not understood: ${error.message}.`, 'format')
    }
  }

  #hear(said: FromPage | null): void {
    if (said === null) throw new FormatError('a message of no known kind')
    if (said.type === 'hello') {
      if (this.#live || this.#isAdmitted) throw new FormatError('a second hello')
      this.#isAdmitted = true
      void this.#admit(said)
    } else if (!this.#live) throw new FormatError('a message before the hello')
    else if (said.type === 'order') void this.#order(this.#live.keyId, said)
    else {
      void this.#leave(true, 'The anchor has left the studio page.').then(() => this.#socket.close(1000))
    }
  }

  async #admit(hello: Hello): Promise<void> {
    const { grants, news, clock, feeds, remoteAddress, others } = this.#options
    const ticket = parseTicket(hello.ticket)
    if (!ticket) return void this.#refuse('This ticket is none: load the page once more.', 'ticket')
    let checked = grantOfKey(grants(), ticket, clock.wallMs())
    if ('refuse' in checked) {
      this.#early = []
      await news()
      if (this.#isOver) return
      checked = grantOfKey(grants(), ticket, clock.wallMs())
    }
    if ('refuse' in checked) return void this.#refuse(checked.refuse, 'ticket')
    const { keyId } = checked.grant
    // The same page, back before its old connection was found dead: it waits for nothing.
    for (const other of others()) if (other !== this && other.isBeforeOf(keyId, hello.session)) other.replaced()
    const opened = feeds.open({
      keyId,
      source: 'browser',
      remoteAddress,
      format: `PCM, ${hello.sampleRate / 1000} kHz, ${hello.channels === 1 ? 'mono' : 'stereo'}`,
      drop: (reason) => this.drop(reason),
    })
    if ('refuse' in opened) return void this.#refuse(opened.refuse, null)
    this.#begin(keyId, hello, opened.writer)
    const early = this.#early ?? []
    this.#early = null
    for (const { data, isBinary } of early) this.#read(data, isBinary)
  }

  #begin(keyId: string, hello: Hello, writer: FeedWriter): void {
    const { clock, playout } = this.#options
    const { sampleRate } = hello
    this.#cancelDeadline()
    const failed = (reason: string): void => this.#refuse(reason, 'decoder')
    const sound = openPageSound({ ...this.#options, ...hello, writer, failed })
    const samples = new Allowance(BURST_SECONDS * sampleRate, sampleRate * 1.02, clock.monotonicMs())
    this.#live = { keyId, hello, writer, sound, pieces: new PieceCount(), samples }
    this.#say({ type: 'welcome' })
    this.#stops.push(
      playout.follow(() => this.#tellWord()),
      clock.every(LEVEL_EVERY_MS, () => this.#tellLevel()),
    )
    this.#tellWord()
  }

  #take(data: Buffer): void {
    const live = this.#live
    if (!live) throw new FormatError('sound before the hello')
    const { pieces, hello, writer } = live
    const { sequence, pcm } = readPiece(data, hello.channels)
    if (!pieces.take(sequence)) return
    writer.heard()
    const isInTime = live.samples.take(pcm.length / 2 / hello.channels, this.#heardMs)
    writer.problem('pace', isInTime ? null : 'The page sends more sound than time has passed: some is left out.')
    if (isInTime) live.sound.push(pcm)
  }

  async #order(keyId: string, { action, body }: Order): Promise<void> {
    const { ok, reason } = this.#orders.take(1, this.#heardMs)
      ? await this.#options.playout.order(keyId, action, body)
      : { ok: false, reason: 'That are too many orders at once: wait a moment.' }
    this.#say({ type: 'order', action, ok, reason })
  }

  #tellLevel(): void {
    const { feeds, clock } = this.#options
    const feed = this.#live && feeds.ofKey(this.#live.keyId)
    if (!feed || !this.#live) return
    const { levelDbfs, peakDbfs, silentForMs } = feed.describe()
    const { newest, missing } = this.#live.pieces
    this.#say({ type: 'level', levelDbfs, peakDbfs, silentForMs, sequence: newest, missing })
    if (clock.monotonicMs() - this.#wordToldMs >= WORD_EVERY_MS) this.#tellWord()
  }

  #tellWord(): void {
    const word = this.#live && this.#options.playout.wordOn(this.#live.keyId)
    if (!word) return
    this.#wordToldMs = this.#options.clock.monotonicMs()
    this.#sessionId = word.session?.id ?? this.#sessionId
    this.#say({ type: 'session', ...word })
  }

  #say(message: ToPage): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    if (this.#socket.bufferedAmount > SOCKET_LIMITS.pageBytesWaitingMax) return void this.#socket.terminate()
    this.#socket.send(JSON.stringify(message))
  }

  #alive(): void {
    this.#heardMs = this.#options.clock.monotonicMs()
  }

  #ping(): void {
    if (this.#options.clock.monotonicMs() - this.#heardMs > SOCKET_LIMITS.pageIdleMs) this.#socket.terminate()
    else if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping()
  }

  #refuse(reason: string, kind: string | null): void {
    const { quiet, remoteAddress, clock } = this.#options
    if (this.#isOver) return
    if (kind !== null)
      quiet.warn(`studio-${kind}`, { remoteAddress }, `studio page from ${remoteAddress} refused: ${reason}`)
    this.#say({ type: 'refused', reason })
    void this.#leave(false, reason)
    this.#socket.close(1008)
    this.#stops.push(clock.after(SOCKET_LIMITS.lingerMs, () => this.#socket.terminate()))
  }

  async #leave(declared: boolean, reason: string): Promise<void> {
    const live = this.#live
    this.#isOver = true
    this.#live = null
    this.#cancelDeadline()
    for (const stop of this.#stops.splice(0)) stop()
    if (!live) return
    await live.sound.finish()
    if (declared) live.writer.end(reason)
    else live.writer.lost(reason)
  }
}
