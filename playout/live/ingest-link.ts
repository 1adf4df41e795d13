import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Clock } from '../../platform/clock.ts'
import type { QuietLog } from '../../platform/rtmp/quiet-log.ts'
import { compiledCheck } from '../../schemas/check.ts'
import { FeedsLine, type IngestPeer } from '../../schemas/live.ts'
import { limits } from '../limits.ts'
import type { SeenFeed } from './seen.ts'

const checkLine = compiledCheck(FeedsLine)

export type IngestLinkOptions = {
  peer: IngestPeer
  clock: Clock
  log: QuietLog
  /** A line has come, or the node is not heard any more. */
  onWord: () => void
}

/** What an ingest node says of its feeds: one connection, made again and again, and the last word with its age. */
export class IngestLink {
  readonly peer: IngestPeer
  private readonly options: IngestLinkOptions
  private last: { line: FeedsLine; atMs: number } | null = null
  private reason = 'It is being connected to.'
  private attempt = 0
  private exchange: ClientRequest | null = null
  private heardMs = 0
  /** Lines within the present second. */
  private second = { sinceMs: 0, lines: 0 }
  private cancelRetry: () => void = () => {}
  private readonly stopWatching: () => void

  constructor(options: IngestLinkOptions) {
    this.options = options
    this.peer = options.peer
    this.stopWatching = options.clock.every(limits.ingestWatchMs, () => this.watch())
    this.connect()
  }

  /** Its feeds, each with the age of the word; none when the node is not heard. */
  feeds(): SeenFeed[] {
    if (!this.last) return []
    const ageMs = this.options.clock.monotonicMs() - this.last.atMs
    return this.last.line.feeds.map((feed) => ({ ingest: this.peer.id, ageMs, feed }))
  }

  get isHeard(): boolean {
    return this.last !== null
  }

  status(): { id: string; connected: boolean; reason: string } {
    return { id: this.peer.id, connected: this.isHeard, reason: this.isHeard ? 'Heard.' : this.reason }
  }

  close(): void {
    this.stopWatching()
    this.cancelRetry()
    const { exchange } = this
    this.exchange = null
    exchange?.destroy()
  }

  private connect(): void {
    const { clock } = this.options
    this.heardMs = clock.monotonicMs()
    const exchange = request(new URL('/feeds/events', this.peer.url), {
      agent: false,
      headers: { authorization: `Bearer ${this.peer.readKey}`, accept: 'application/x-ndjson' },
    })
    this.exchange = exchange
    const fail = (reason: string): void => this.lose(exchange, reason)
    exchange.on('error', (error) => fail(error.message))
    exchange.on('response', (response) => {
      if (response.statusCode !== 200) return fail(`It answers ${response.statusCode}.`)
      this.read(exchange, response, fail)
    })
    exchange.end()
  }

  private read(exchange: ClientRequest, response: IncomingMessage, fail: (reason: string) => void): void {
    let rest = ''
    response.setEncoding('utf8')
    response.on('data', (text: string) => {
      if (this.exchange !== exchange) return
      const lines = (rest + text).split('\n')
      rest = lines.pop()!
      if (Math.max(rest.length, ...lines.map(({ length }) => length)) > limits.ingestLineBytesMax)
        return fail('It sends a line without an end.')
      // Each replaces the one before, but a goodbye between two of them must not be missed.
      for (const line of lines) {
        if (this.isTooMuch()) return fail('It sends more lines than can be news.')
        if (line !== '' && !this.take(line)) return fail('It sends what is no line of feeds.')
      }
    })
    response.on('error', (error) => fail(error.message))
    response.on('close', () => fail('It ended the connection.'))
  }

  /** Each line costs the process that makes the air. */
  private isTooMuch(): boolean {
    const nowMs = this.options.clock.monotonicMs()
    if (nowMs - this.second.sinceMs >= 1_000) this.second = { sinceMs: nowMs, lines: 0 }
    this.second.lines += 1
    return this.second.lines > limits.ingestLinesPerSecondMax
  }

  private take(text: string): boolean {
    const line = lineOf(text)
    if (!line) return false
    this.attempt = 0
    this.heardMs = this.options.clock.monotonicMs()
    this.last = { line, atMs: this.heardMs }
    this.options.onWord()
    return true
  }

  /** A node that is stopped keeps its connections open. */
  private watch(): void {
    if (!this.exchange) return
    const silentMs = this.options.clock.monotonicMs() - this.heardMs
    const silentMsMax = this.last && this.last.line.feeds.length === 0 ? limits.ingestIdleMs : limits.ingestSilentMs
    if (silentMs > silentMsMax) this.lose(this.exchange, `It has said nothing for ${(silentMs / 1000).toFixed(1)} s.`)
  }

  private lose(exchange: ClientRequest, reason: string): void {
    if (this.exchange !== exchange) return
    const { clock, log, onWord } = this.options
    this.exchange = null
    exchange.destroy()
    const wasHeard = this.last !== null
    this.last = null
    this.reason = reason
    if (this.attempt > 0) log.warn('ingest', { ingest: this.peer.id }, `an ingest node is not heard: ${reason}`)
    const { ingestRetryMs } = limits
    this.cancelRetry = clock.after(ingestRetryMs[Math.min(this.attempt, ingestRetryMs.length - 1)]!, () =>
      this.connect(),
    )
    this.attempt += 1
    if (wasHeard) onWord()
  }
}

function lineOf(text: string): FeedsLine | null {
  try {
    const checked = checkLine(JSON.parse(text))
    return checked.ok ? checked.value : null
  } catch {
    return null
  }
}
