import type { ChildProcess } from 'node:child_process'
import { decodeTitleText } from '../../../media/title-text.ts'
import type { Clock } from '../../../platform/clock.ts'
import { type Processes, programs } from '../../../platform/processes.ts'
import { BYTES_PER_PAIR } from '../feeds/pcm-ring.ts'
import { fetchOptionsFor, fetchScript, formatInLine, icyTitleInLine, withoutSecrets } from './fetch-script.ts'

/** `byItself`: the other side has closed. `silent`: nothing came for too long. */
export type FetchEnd = { how: 'byItself' | 'silent'; reason: string; soundAgoMs: number | null }

export type Fetch = {
  /** Nothing is read until `resume`: the other side feels it. */
  pause(): void
  resume(): void
  /** Ends it at once; nothing is called afterwards. */
  kill(): void
}

export type FetchOptions = {
  url: string
  /** Options of the address that are no part of it, such as a passphrase: they are never told. */
  secretOptions?: Readonly<Record<string, string>>
  /** Without a sound from the start, and without more of it (or any other sign of life) afterwards. */
  firstSoundMs: number
  silentMs: number
  /** Without more sound, whatever else happens: a playlist may be asked for again and again though nothing comes into it. */
  soundlessMs: number
  processes: Processes
  clock: Clock
  /** Interleaved f32le, 48 kHz stereo, whole pairs. */
  pcm(samples: Buffer): void
  format(text: string): void
  title(text: string): void
  /** Once, after the last samples, unless it was killed. */
  ended(end: FetchEnd): void
}

const LINE_CHARACTERS_MAX = 2_000

/** An ffmpeg that fetches (or waits for) a stream by itself, and makes 48 kHz stereo floats of it. */
export function startFetch(options: FetchOptions): Fetch {
  return new FfmpegFetch(options)
}

class FfmpegFetch implements Fetch {
  readonly #options: FetchOptions
  readonly #child: ChildProcess
  readonly #secrets: string[]
  readonly #stopWatching: () => void
  readonly #startedMs: number
  #heardMs: number | null = null
  /** When ffmpeg last wrote a line. */
  #spokeMs = 0
  #isPaused = false
  #isOver = false
  #hasFormat = false
  #line = ''
  #lastLine = ''
  #rest: Buffer = Buffer.alloc(0)

  constructor(options: FetchOptions) {
    const { url, processes, clock } = options
    const { protocols, options: open } = fetchOptionsFor(url)
    this.#options = options
    this.#secrets = Object.values(options.secretOptions ?? {})
    this.#startedMs = clock.monotonicMs()
    const child = processes.start(programs.ffmpeg, fetchArguments(protocols), { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child = child
    child.stdin?.on('error', () => {})
    child.stdin?.end(fetchScript(url, { ...open, ...options.secretOptions }))
    child.stdout?.on('data', (bytes: Buffer) => this.#take(bytes))
    child.stderr?.on('data', (bytes: Buffer) => this.#read(bytes.toString('latin1')))
    child.on('error', (error) => this.#settle('byItself', error.message))
    child.on('close', () => this.#settle('byItself', withoutSecrets(this.#lastLine, this.#secrets).slice(0, 200)))
    this.#stopWatching = clock.every(Math.min(options.silentMs, 1_000) / 4, () => this.#watch())
  }

  pause(): void {
    this.#isPaused = true
    this.#child.stdout?.pause()
  }

  resume(): void {
    if (this.#isPaused) this.#heardMs = this.#options.clock.monotonicMs()
    this.#isPaused = false
    this.#child.stdout?.resume()
  }

  kill(): void {
    this.#isOver = true
    this.#stopWatching()
    this.#child.stdout?.destroy()
    this.#child.kill('SIGKILL')
  }

  #take(bytes: Buffer): void {
    if (this.#isOver) return
    this.#heardMs = this.#options.clock.monotonicMs()
    const joined = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes
    const whole = joined.length - (joined.length % BYTES_PER_PAIR)
    this.#rest = Buffer.from(joined.subarray(whole))
    if (whole > 0) this.#options.pcm(joined.subarray(0, whole))
  }

  #read(text: string): void {
    this.#spokeMs = this.#options.clock.monotonicMs()
    const lines = (this.#line + text).split(/[\r\n]/)
    this.#line = lines.pop()!.slice(-LINE_CHARACTERS_MAX)
    for (const line of this.#isOver ? [] : lines) this.#understand(line)
  }

  #understand(line: string): void {
    if (/error|fail|refused|denied|invalid|timed out|unauthorized|not found|forbidden/i.test(line))
      this.#lastLine = line
    const title = icyTitleInLine(line)
    if (title !== null) this.#options.title(decodeTitleText(Buffer.from(title, 'latin1')))
    const format = this.#hasFormat ? null : formatInLine(line)
    if (format === null) return
    this.#hasFormat = true
    this.#options.format(format)
  }

  #watch(): void {
    if (this.#isPaused) return
    const { clock, firstSoundMs, silentMs, soundlessMs } = this.#options
    const nowMs = clock.monotonicMs()
    const hasSounded = this.#heardMs !== null
    const waitedMs = nowMs - (this.#heardMs ?? this.#startedMs)
    const isQuiet = nowMs - Math.max(this.#spokeMs, this.#heardMs ?? 0) >= silentMs
    if (hasSounded ? !isQuiet && waitedMs < soundlessMs : waitedMs < firstSoundMs) return
    this.#settle('silent', `no sound came for ${Math.round(waitedMs / 1000)} s`)
  }

  #settle(how: FetchEnd['how'], reason: string): void {
    if (this.#isOver) return
    this.kill()
    const soundAgoMs = this.#heardMs === null ? null : this.#options.clock.monotonicMs() - this.#heardMs
    this.#options.ended({ how, reason: reason || 'the other side has closed the connection', soundAgoMs })
  }
}

/** First audio stream, every frame out as soon as it is decoded. Titles are told by log lines of the level `verbose`. */
function fetchArguments(protocols: string): string[] {
  return [
    ...['-hide_banner', '-nostats', '-v', 'verbose', '-threads', '1'],
    ...['-protocol_whitelist', protocols, '-f', 'concat', '-safe', '0', '-i', 'pipe:0'],
    ...['-map', '0:a:0', '-vn', '-sn', '-dn', '-af', 'aresample=48000', '-ac', '2'],
    ...['-f', 'f32le', '-flush_packets', '1', 'pipe:1'],
  ]
}
