import { createSocket, type Socket } from 'node:dgram'
import type { Clock } from '../../../platform/clock.ts'
import type { Logger } from '../../../platform/log.ts'
import type { Processes } from '../../../platform/processes.ts'
import { backoffMs } from '../../shared/backoff.ts'
import type { Feeds } from '../feeds/feeds.ts'
import type { FeedWriter } from '../feeds/sender.ts'
import { SRT_LIMITS } from '../limits.ts'
import { type Fetch, type FetchEnd, startFetch } from '../relay/fetch.ts'
import { isSrtKnock } from './knock.ts'

export type SrtPortOptions = {
  keyId: string
  host: string
  port: number
  passphrase: string
  feeds: Feeds
  processes: Processes
  clock: Clock
  random(): number
  log: Logger
}

/**
 * One key's own SRT port. Until somebody knocks it is a bare UDP socket, which costs nothing; then an ffmpeg takes its place, and the caller,
 * who knocks four times a second, finds it there. One connection at a time; afterwards it waits for the next knock, for ever.
 */
export class SrtPort {
  readonly #options: SrtPortOptions
  #door: Socket | null = null
  #fetch: Fetch | null = null
  #writer: FeedWriter | null = null
  #cancelRetry: () => void = () => {}
  #failures = 0
  #isOver = false

  constructor(options: SrtPortOptions) {
    this.#options = options
    this.#listen()
  }

  /** Whether this is the port that the key should have. */
  is(port: number, passphrase: string): boolean {
    return this.#options.port === port && this.#options.passphrase === passphrase
  }

  close(): void {
    this.#isOver = true
    this.#cancelRetry()
    this.#fetch?.kill()
    this.#writer?.lost('The way in by SRT was closed.')
    this.#door?.close()
    this.#door = null
  }

  #listen(): void {
    const { host, port, log, keyId } = this.#options
    if (this.#isOver) return
    const door = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' })
    this.#door = door
    door.on('error', (error) => {
      if (this.#failures === 0) log.warn({ keyId, port }, `the SRT port can't be listened on: ${error.message}`)
      this.#shut(() => this.#again())
    })
    door.on('message', (datagram, { address }) => {
      if (!isSrtKnock(datagram) || this.#door !== door) return
      this.#shut(() => this.#receive(address))
    })
    door.bind(port, host)
  }

  #shut(then: () => void): void {
    const door = this.#door
    this.#door = null
    door?.close(then)
  }

  #receive(remoteAddress: string): void {
    const { host, port, passphrase, processes, clock } = this.#options
    if (this.#isOver) return
    let format = ''
    const address = host.includes(':') ? `[${host}]` : host
    const fetch = startFetch({
      url: `srt://${address}:${port}?mode=listener&listen_timeout=${SRT_LIMITS.callerMs * 1000}`,
      secretOptions: { passphrase },
      firstSoundMs: SRT_LIMITS.callerMs + SRT_LIMITS.firstSoundMs,
      silentMs: SRT_LIMITS.silentMs,
      soundlessMs: SRT_LIMITS.silentMs,
      processes,
      clock,
      pcm: (samples) => {
        this.#writer ??= this.#open(remoteAddress, format)
        this.#writer?.heard()
        this.#writer?.pcm(samples)
      },
      format: (text) => {
        format = text
        this.#writer?.format(text)
      },
      title: () => undefined,
      ended: (end) => this.#ended(end),
    })
    this.#fetch = fetch
  }

  #open(remoteAddress: string, format: string): FeedWriter | null {
    const { feeds, keyId } = this.#options
    const opened = feeds.open({
      keyId,
      source: 'srt',
      remoteAddress,
      format,
      drop: () => this.#hangUp(),
    })
    if ('writer' in opened) return opened.writer
    this.#hangUp()
    return null
  }

  /** SRT has no word for why: the caller sees its connection broken. */
  #hangUp(): void {
    this.#fetch?.kill()
    this.#fetch = null
    this.#writer = null
    this.#failures += 1
    this.#again()
  }

  /** A caller who ends says so in its protocol, at once; one who is killed or cut off is silent, until SRT itself gives up after 5 s. */
  #ended({ how, reason, soundAgoMs }: FetchEnd): void {
    const writer = this.#writer
    this.#fetch = null
    this.#writer = null
    const saidGoodbye = how === 'byItself' && soundAgoMs !== null && soundAgoMs < SRT_LIMITS.goodbyeMs
    this.#failures = writer ? 0 : this.#failures + 1
    const { log, keyId } = this.#options
    if (!writer) {
      // One who knocks again and again fills no log.
      if (this.#failures === 1) log.info({ keyId }, `an SRT caller was not heard: ${reason}`)
    } else if (saidGoodbye) writer.end('The encoder said goodbye.')
    else writer.lost(`The encoder is gone: ${reason}.`)
    this.#again()
  }

  #again(): void {
    if (this.#isOver) return
    const { clock, random } = this.#options
    const pauseMs = backoffMs(this.#failures, SRT_LIMITS.retryFirstMs, SRT_LIMITS.retryLongestMs, random)
    this.#cancelRetry()
    this.#cancelRetry = clock.after(pauseMs, () => this.#listen())
  }
}
