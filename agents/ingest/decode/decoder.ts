import type { ChildProcess } from 'node:child_process'
import type { Clock } from '../../../platform/clock.ts'
import { activityOf } from '../../../platform/process-activity.ts'
import { type Processes, programs } from '../../../platform/processes.ts'
import { BYTES_PER_PAIR } from '../feeds/pcm-ring.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { Standstill } from './standstill.ts'

/**
 * `demuxer`: what is written to the decoder, by ffmpeg's name of the format; null lets it find out. `fetch`: ffmpeg fetches by itself,
 * by these input arguments (`-i` and its address last).
 */
export type DecoderInput = { demuxer: string | null } | { fetch: readonly string[] }

/** `drained`: everything that came in has come out. */
export type DecoderEnd = { outcome: 'drained' | 'failed'; reason: string }

export type Decoder = {
  /** Never waits. False: not taken, as the decoder reads too slowly, or is gone. */
  write(bytes: Buffer): boolean
  /** Bytes that it has not read yet. */
  waitingBytes(): number
  /** No more comes: what was written is decoded, then `ended` is called. */
  finish(): void
  /** Ends it at once; nothing is called afterwards. */
  kill(): void
}

export type DecoderOptions = {
  input: DecoderInput
  processes: Processes
  clock: Clock
  /** Interleaved f32le, 48 kHz stereo, whole pairs, as soon as decoded. */
  pcm(samples: Buffer): void
  /** Once, after the last samples, unless it was killed. */
  ended(end: DecoderEnd): void
}

const WATCH_EVERY_MS = 25

/** An ffmpeg that makes 48 kHz stereo floats of anything: hostile bytes are parsed there, not here. */
export function startDecoder(options: DecoderOptions): Decoder {
  return new FfmpegDecoder(options)
}

class FfmpegDecoder implements Decoder {
  readonly #options: DecoderOptions
  readonly #child: ChildProcess
  readonly #stopWatching: () => void
  #cancelDrain: () => void = () => {}
  #isOver = false
  #isFinishing = false
  #complaint = ''
  /** The beginning of a pair that the pipe has cut in two. */
  #rest: Buffer = Buffer.alloc(0)
  #hasSounded = false
  /** Since when it has been fed without giving anything; null while it owes nothing. */
  #owesSinceMs: number | null = null
  #watchedMs: number
  readonly #standstill = new Standstill()

  constructor(options: DecoderOptions) {
    this.#options = options
    const { input, processes, clock } = options
    this.#watchedMs = clock.monotonicMs()
    const isFed = 'demuxer' in input
    const child = processes.start(programs.ffmpeg, decoderArguments(input), {
      stdio: [isFed ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    child.stdout?.on('data', (bytes: Buffer) => this.#take(bytes))
    child.stderr?.on('data', (text: Buffer) => {
      this.#complaint = (this.#complaint + text.toString('utf8')).slice(-400)
    })
    // A decoder that is gone can't be written to: it is told of below.
    child.stdin?.on('error', () => {})
    child.on('error', (error) => this.#settle({ outcome: 'failed', reason: error.message }))
    child.on('close', (code, signal) => this.#closed(code, signal))
    this.#stopWatching = isFed ? clock.every(WATCH_EVERY_MS, () => this.#watch()) : () => {}
  }

  write(bytes: Buffer): boolean {
    const { stdin } = this.#child
    if (this.#isOver || this.#isFinishing || !stdin?.writable) return false
    if (stdin.writableLength + bytes.length > INGEST_LIMITS.decoderBytesWaitingMax) return false
    const nowMs = this.#options.clock.monotonicMs()
    this.#owesSinceMs ??= nowMs
    this.#standstill.fed(nowMs)
    stdin.write(bytes)
    return true
  }

  waitingBytes(): number {
    return this.#child.stdin?.writableLength ?? 0
  }

  finish(): void {
    if (this.#isOver || this.#isFinishing) return
    this.#isFinishing = true
    if (this.#child.stdin) this.#child.stdin.end()
    else this.#child.kill('SIGINT')
    this.#cancelDrain = this.#options.clock.after(INGEST_LIMITS.decoderDrainMs, () =>
      this.#settle({ outcome: 'failed', reason: 'the decoder did not come to its end' }),
    )
  }

  kill(): void {
    this.#isOver = true
    this.#stopWatching()
    this.#cancelDrain()
    this.#child.stdout?.destroy()
    this.#child.kill('SIGKILL')
  }

  #take(bytes: Buffer): void {
    if (this.#isOver) return
    this.#hasSounded = true
    this.#owesSinceMs = null
    this.#standstill.forget()
    const joined = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes
    const whole = joined.length - (joined.length % BYTES_PER_PAIR)
    this.#rest = Buffer.from(joined.subarray(whole))
    if (whole > 0) this.#options.pcm(joined.subarray(0, whole))
  }

  #watch(): void {
    const nowMs = this.#options.clock.monotonicMs()
    const lateMs = Math.max(0, nowMs - this.#watchedMs - WATCH_EVERY_MS)
    this.#watchedMs = nowMs
    if (this.#owesSinceMs === null || this.#isFinishing) return
    // While this process itself stood still sound may have come that is not yet read: that time does not count.
    this.#owesSinceMs += lateMs
    const silentMs = nowMs - this.#owesSinceMs
    const stands = this.#hasSounded && this.#standstill.look(nowMs, activityOf(this.#child.pid!))
    const silentMsMax = this.#hasSounded ? INGEST_LIMITS.decoderSilentMs : INGEST_LIMITS.decoderFirstSoundMs
    if (silentMs < silentMsMax && !stands) return
    const reason = stands
      ? 'the decoder was fed and stood still'
      : `the decoder was fed and gave nothing for ${(silentMs / 1000).toFixed(1)} s`
    this.#settle({ outcome: 'failed', reason: this.#withComplaint(reason) })
  }

  #closed(code: number | null, signal: string | null): void {
    if (code === 0) this.#settle({ outcome: 'drained', reason: 'everything is decoded' })
    else if (this.#isFinishing && 'fetch' in this.#options.input)
      this.#settle({ outcome: 'drained', reason: 'the decoder was ended' })
    else
      this.#settle({
        outcome: 'failed',
        reason: this.#withComplaint(signal ? `the decoder was ended by ${signal}` : 'the decoder gave up'),
      })
  }

  #withComplaint(reason: string): string {
    const lines = this.#complaint.trim().split('\n')
    const last = lines.at(-1) ?? ''
    return last === '' ? reason : `${reason}: ${last.slice(0, 200)}`
  }

  #settle(end: DecoderEnd): void {
    if (this.#isOver) return
    this.kill()
    this.#options.ended(end)
  }
}

/**
 * A mono voice is as loud on either side as it was sent, as from a studio page: the usual way to stereo would take 3 dB off. What has more
 * channels than two is mixed down the usual way first.
 */
const CHANNELS = 'aformat=channel_layouts=stereo|mono,pan=stereo|FL=FL+FC|FR=FR+FC'

/** First audio stream, every frame out as soon as it is decoded. What is written to it may not make it open anything else. */
export function decoderArguments(input: DecoderInput): string[] {
  const source =
    'fetch' in input
      ? input.fetch
      : [
          // Not `-fflags nobuffer`: it throws the first packet away, and with it the first 20 ms of sound.
          ...['-protocol_whitelist', 'pipe', '-analyzeduration', '0'],
          ...(input.demuxer === null ? [] : ['-probesize', '32', '-f', input.demuxer]),
          ...['-i', 'pipe:0'],
        ]
  return [
    ...['-hide_banner', '-nostats', '-v', 'error', '-flags', 'low_delay', '-threads', '1'],
    ...source,
    ...['-map', '0:a:0', '-vn', '-sn', '-dn', '-af', `aresample=48000,${CHANNELS}`, '-ac', '2'],
    ...['-f', 'f32le', '-flush_packets', '1', 'pipe:1'],
  ]
}
