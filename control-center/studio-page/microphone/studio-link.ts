import { addressFor, backOffMs } from './back-off.ts'
import { Backlog } from './backlog.ts'
import type { FromSender, Link, LinkState } from './messages.ts'

type Said =
  | { type: 'welcome' }
  | { type: 'refused'; reason: string }
  /** `sequence`: of the newest piece that it has, -1 before the first; `missing`: holes in the numbers. */
  | { type: 'level'; levelDbfs: number; peakDbfs: number; sequence: number; missing: number }
  | { type: 'order'; ok: boolean; reason: string }
  | ({ type: 'session' } & Omit<Extract<FromSender, { type: 'session' }>, 'type'>)

const PIECE_MS = 20
/** Sound of a break that goes out after it: less than a buffer more than what playout has in hand. */
const BACKLOG_PIECES = 50
/** More than this waits in the browser: what comes now is dropped, until the network has caught up. */
const QUEUED_MS_MAX = 4_000
const CONNECTING_MS_MAX = 4_000
/** The ingest speaks four times a second. */
const SILENT_MS_MAX = 2_500
const TOLD_EVERY_MS = 250
/** So often a first connection is refused without a word about it: some two seconds. */
const NEW_KEY_FAILURES = 3
/** Pieces whose sending time is remembered, to measure the way there and back. */
const REMEMBERED_PIECES = 512

/**
 * Our end of the studio's WebSocket: sends sound, comes back by itself, and remembers what the ingest says. Sequence numbers run on
 * through every reconnection, and so does the session.
 */
export class StudioLink {
  readonly #tell: (message: FromSender) => void
  readonly #backlog = new Backlog(BACKLOG_PIECES)
  readonly #sentAtMs = new Float64Array(REMEMBERED_PIECES)
  readonly #ticking: ReturnType<typeof setInterval>
  #ticket: string
  #urls: string[]
  #format = { sampleRate: 48_000, channels: 1 as 1 | 2 }
  #sessionId: string | null = null
  #socket: WebSocket | null = null
  #retry: ReturnType<typeof setTimeout> | undefined
  #failures = 0
  #openings = 0
  #sequence = 0
  #slowDropped = 0
  #heardAtMs = 0
  #arrived = -1
  #link: Omit<Link, 'queuedMs' | 'droppedPieces' | 'sentPieces'> = {
    state: 'connecting',
    reason: 'Connecting to the ingest.',
    reconnections: 0,
    roundTripMs: null,
    heard: null,
  }

  constructor(ticket: string, urls: string[], tell: (message: FromSender) => void) {
    this.#ticket = ticket
    this.#urls = urls
    this.#tell = tell
    this.#ticking = setInterval(() => this.#tick(), TOLD_EVERY_MS)
  }

  /** The ticket and the addresses for the next connections. */
  renew(ticket: string, urls: string[]): void {
    this.#ticket = ticket
    if (urls.length > 0) this.#urls = urls
  }

  /** What the pieces will be from now on. Another format needs another connection. */
  setFormat(sampleRate: number, channels: 1 | 2): void {
    const isSame = sampleRate === this.#format.sampleRate && channels === this.#format.channels
    this.#format = { sampleRate, channels }
    if (this.#socket === null && this.#link.state !== 'closed') this.#connect()
    else if (!isSame) this.#lose('The format of the sound has changed.')
  }

  /** Takes 20 ms of PCM, with four free bytes before it. */
  send(piece: ArrayBuffer): void {
    if (this.#link.state === 'closed') return
    // A piece that is thrown away keeps its number: so the ingest knows that something is missing.
    new DataView(piece).setUint32(0, this.#sequence++ >>> 0)
    if (this.#link.state !== 'open') {
      // Before the first connection there is no break that sound could be missing from.
      if (this.#openings > 0) this.#backlog.add(piece)
      return
    }
    if (this.#queuedMs > QUEUED_MS_MAX) this.#slowDropped += 1
    else this.#put(piece)
  }

  order(action: string, body: object): void {
    if (this.#link.state === 'open') this.#socket!.send(JSON.stringify({ type: 'order', action, body }))
  }

  /** Says goodbye: what was sent before is still heard. */
  close(): void {
    if (this.#link.state === 'open') this.#socket!.send('{"type":"bye"}')
    this.#stand('closed', 'Disconnected.')
    clearTimeout(this.#retry)
    clearInterval(this.#ticking)
    this.#socket?.close(1000)
  }

  #put(piece: ArrayBuffer): void {
    this.#sentAtMs[new DataView(piece).getUint32(0) % REMEMBERED_PIECES] = performance.now()
    this.#socket!.send(piece)
  }

  get #queuedMs(): number {
    const bytesPerMs = (this.#format.sampleRate * this.#format.channels * 2) / 1_000
    return (this.#socket?.bufferedAmount ?? 0) / bytesPerMs
  }

  #connect(): void {
    let socket: WebSocket
    try {
      socket = new WebSocket(addressFor(this.#failures, this.#urls))
    } catch (error) {
      this.#again(`The browser refuses the connection: ${(error as Error).message}`, false)
      return
    }
    this.#socket = socket
    this.#heardAtMs = performance.now()
    this.#stand('connecting', this.#openings === 0 ? 'Connecting to the ingest.' : 'Connecting again.')
    socket.onopen = () =>
      socket.send(JSON.stringify({ type: 'hello', ticket: this.#ticket, ...this.#format, session: this.#sessionId }))
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket && typeof data === 'string') this.#hear(JSON.parse(data) as Said)
    }
    socket.onclose = () => {
      if (socket === this.#socket) this.#lose('The connection to the ingest was lost.')
    }
  }

  #hear(said: Said): void {
    this.#heardAtMs = performance.now()
    switch (said.type) {
      case 'welcome':
        this.#failures = 0
        this.#openings += 1
        this.#link.reconnections = this.#openings - 1
        this.#stand('open', '')
        for (const piece of this.#backlog.take()) this.#put(piece)
        break
      case 'level':
        this.#link.heard = { levelDbfs: said.levelDbfs, peakDbfs: said.peakDbfs }
        this.#measureWay(said.sequence)
        break
      case 'session':
        if (said.session !== null) this.#sessionId = said.session.id
        this.#tell({ type: 'session', session: said.session, nowMs: said.nowMs })
        break
      case 'order':
        if (!said.ok) this.#tell({ type: 'order-refused', reason: said.reason })
        break
      case 'refused':
        // A key that was just made takes a moment to get to the ingest: that is none of the person's business.
        if (this.#openings > 0 || this.#failures >= NEW_KEY_FAILURES)
          this.#tell({ type: 'refused', reason: said.reason })
        this.#lose(said.reason, true)
    }
  }

  #measureWay(arrived: number): void {
    const isNew = arrived > this.#arrived && this.#sequence - arrived <= REMEMBERED_PIECES
    if (isNew) this.#link.roundTripMs = performance.now() - this.#sentAtMs[arrived % REMEMBERED_PIECES]!
    this.#arrived = arrived
  }

  #lose(reason: string, wasRefused = false): void {
    const socket = this.#socket
    this.#socket = null
    socket?.close()
    if (this.#link.state !== 'closed') this.#again(reason, wasRefused)
  }

  #again(reason: string, wasRefused: boolean): void {
    this.#failures += 1
    this.#link.heard = null
    this.#link.roundTripMs = null
    this.#stand('waiting', reason)
    this.#retry = setTimeout(() => this.#connect(), backOffMs(this.#failures, wasRefused))
  }

  #stand(state: LinkState, reason: string): void {
    this.#link.state = state
    this.#link.reason = reason
    this.#tellLink()
  }

  #tick(): void {
    const silentMs = performance.now() - this.#heardAtMs
    if (this.#link.state === 'open' && silentMs > SILENT_MS_MAX) this.#lose('The ingest has fallen silent.')
    else if (this.#link.state === 'connecting' && this.#socket !== null && silentMs > CONNECTING_MS_MAX)
      this.#lose('The ingest does not answer.')
    this.#tellLink()
  }

  #tellLink(): void {
    this.#tell({
      type: 'link',
      link: {
        ...this.#link,
        queuedMs: Math.floor(this.#queuedMs / PIECE_MS) * PIECE_MS,
        droppedPieces: this.#backlog.dropped + this.#slowDropped,
        sentPieces: this.#sequence,
      },
    })
  }
}
