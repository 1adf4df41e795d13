import type { StudioTicket } from '../../../schemas/api-live.ts'
import { ApiProblem, ask } from '../account/api.ts'
import type { SocketWord } from '../truth/truth.ts'
import { type Capture, type MicrophoneChoice, openCapture } from './capture.ts'
import type { Level } from './level.ts'
import type { FromSender, Link, ToSender } from './messages.ts'

export type SendingEvents = {
  /** Anything but the level has changed. */
  changed(): void
  measured(level: Level): void
  orderRefused(reason: string): void
}

const TICKET_LOOK_MS = 20_000
/** A ticket is renewed when less of its life than this is left: the control center may be away for a while then. */
const TICKET_LEFT_MS = 30 * 60_000

/** From the microphone to the ingest: everything of this page that makes a sound. */
export class Sending {
  readonly #events: SendingEvents
  #worker: Worker | null = null
  #capture: Capture | null = null
  #renewing: ReturnType<typeof setInterval> | undefined
  #expiresMs = 0
  keyId: string | null = null
  link: Link | null = null
  word: SocketWord | null = null
  /** What keeps the microphone from being heard, for the person. */
  problem: string | null = null
  isOpening = false

  constructor(events: SendingEvents) {
    this.#events = events
  }

  get microphone(): Capture | null {
    return this.#capture
  }

  get isConnected(): boolean {
    return this.#worker !== null
  }

  /** Opens the microphone and connects; or, when connected, goes over to another microphone without losing the session. */
  async open(choice: MicrophoneChoice): Promise<void> {
    if (this.isOpening) return
    this.isOpening = true
    this.problem = null
    this.#events.changed()
    try {
      const { port1, port2 } = new MessageChannel()
      let opened: Capture | null = null
      const capture = await openCapture(choice, port1, {
        measured: (level) => this.#events.measured(level),
        lost: (reason) => this.#microphoneLost(opened, reason),
      })
      opened = capture
      this.#capture?.close()
      this.#capture = capture
      if (this.#worker === null) await this.#connect()
      this.#post({ type: 'audio', port: port2, sampleRate: capture.sampleRate, channels: capture.channels }, [port2])
    } catch (error) {
      this.problem = (error as Error).message
      if (this.#worker === null) this.#closeCapture()
    }
    this.isOpening = false
    this.#events.changed()
  }

  /** Says goodbye: an end, not a loss. */
  close(): void {
    clearInterval(this.#renewing)
    this.#post({ type: 'stop' })
    this.#worker = null
    this.link = null
    this.word = null
    this.#closeCapture()
    this.#events.changed()
  }

  order(action: string, body: object): void {
    this.#post({ type: 'order', action, body })
  }

  async #connect(): Promise<void> {
    const { ticket, urls } = await this.#fetchTicket()
    if (urls.length === 0) throw new Error('No ingest node takes microphones at present.')
    const worker = new Worker(new URL('./sender-worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<FromSender>) => this.#hear(data)
    worker.onerror = () => {
      this.problem = 'The sender has failed. Load the page again.'
      this.#events.changed()
    }
    this.#worker = worker
    this.#post({ type: 'start', ticket, urls })
    this.#renewing = setInterval(() => void this.#renewTicket(false), TICKET_LOOK_MS)
  }

  async #fetchTicket(): Promise<StudioTicket> {
    const ticket = await ask<StudioTicket>('POST', '/api/studio/ticket', {})
    this.keyId = ticket.keyId
    this.#expiresMs = ticket.expiresMs
    return ticket
  }

  async #renewTicket(isUrgent: boolean): Promise<void> {
    const stationNowMs = this.word === null ? Date.now() : this.word.nowMs
    if (!isUrgent && this.#expiresMs - stationNowMs > TICKET_LEFT_MS) return
    try {
      const { ticket, urls } = await this.#fetchTicket()
      this.#post({ type: 'ticket', ticket, urls })
    } catch (error) {
      // Unanswered: the old one may do, and it is tried again.
      if (error instanceof ApiProblem && !error.isUnanswered) this.problem = error.message
    }
  }

  #hear(message: FromSender): void {
    switch (message.type) {
      case 'link':
        this.link = message.link
        if (message.link.state === 'open') this.problem = this.#capture === null ? this.problem : null
        break
      case 'session':
        this.word = { session: message.session, nowMs: message.nowMs, heardAtMs: performance.now() }
        break
      case 'refused':
        this.problem = message.reason
        void this.#renewTicket(true)
        break
      case 'order-refused':
        this.#events.orderRefused(message.reason)
    }
    this.#events.changed()
  }

  #microphoneLost(capture: Capture | null, reason: string): void {
    if (capture === null || capture !== this.#capture) return
    this.#closeCapture()
    this.problem = `${reason} Plug it in again, or choose another one: the connection stays open.`
    this.#events.changed()
  }

  #closeCapture(): void {
    this.#capture?.close()
    this.#capture = null
  }

  #post(message: ToSender, transfer: Transferable[] = []): void {
    this.#worker?.postMessage(message, transfer)
  }
}
