import type { ChildProcess } from 'node:child_process'
import { SAMPLE_RATE } from '../../media/timeline.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import { type Processes, programs } from '../../platform/processes.ts'
import { limits } from '../limits.ts'
import { SampleQueue } from './sample-queue.ts'
import type { Source, SourceState } from './source.ts'

export type FileSourceOptions = {
  path: string
  /** First sample wanted, counted in the decoder's own 48 kHz output. */
  fromSample: number
  /** Samples wanted from there. */
  samples: number
  clock: Clock
  processes: Processes
  log: Logger
  /** Called when audio has arrived, or the state has changed. */
  onChange: () => void
}

/** A file may end this much before its measured end (50 ms); the rest is silence. */
const SHORT_BY_SAMPLES_MAX = 2_400
/** What the pipe may still bring when it is told to stop: twice what Node reads at once. */
const PIPE_PAIRS = 16_384
const AHEAD_PAIRS = (limits.decodedAheadMs * SAMPLE_RATE) / 1000

/** A file, decoded by ffmpeg a few seconds ahead of the mixer. A decoder that dies or hangs is replaced once, where it stood. */
export class FileSource implements Source {
  private readonly options: FileSourceOptions
  private readonly queue = new SampleQueue(AHEAD_PAIRS + PIPE_PAIRS)
  private child: ChildProcess | null = null
  private received = 0
  private starts = 0
  private current: SourceState = { state: 'open' }
  private complaint = ''
  private lastBytesMs: number
  private watchedMs: number
  private readonly stopWatching: () => void

  constructor(options: FileSourceOptions) {
    this.options = options
    this.lastBytesMs = options.clock.monotonicMs()
    this.watchedMs = this.lastBytesMs
    this.start()
    this.stopWatching = options.clock.every(limits.watchEveryMs, () => this.watch())
  }

  availableSamples(): number {
    return Math.min(this.queue.pairs, this.options.samples)
  }

  state(): SourceState {
    return this.current
  }

  read(into: Float32Array, samples: number): void {
    this.queue.read(into, samples)
    if (this.queue.pairs < AHEAD_PAIRS && this.child?.stdout?.isPaused()) {
      this.lastBytesMs = this.options.clock.monotonicMs()
      this.child.stdout.resume()
    }
  }

  close(): void {
    this.stopWatching()
    this.settle({ state: 'ended' })
    this.queue.close()
  }

  private start(): void {
    const { path, fromSample, processes, clock } = this.options
    this.starts += 1
    this.lastBytesMs = clock.monotonicMs()
    const child = processes.start(programs.ffmpeg, decoderArguments(path, fromSample + this.received), {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child = child
    child.stderr?.on('data', (text: Buffer) => {
      this.complaint = (this.complaint + text.toString('utf8')).slice(-400)
    })
    child.stdout?.on('data', (bytes: Buffer) => {
      if (child === this.child) this.take(bytes)
    })
    child.on('error', (error) => this.lost(child, error.message))
    child.on('close', (code, signal) => this.closed(child, code, signal))
  }

  private take(bytes: Buffer): void {
    this.lastBytesMs = this.options.clock.monotonicMs()
    this.queue.push(bytes)
    this.received += bytes.length / SampleQueue.BYTES_PER_PAIR
    if (this.queue.pairs >= AHEAD_PAIRS) this.child?.stdout?.pause()
    if (this.received >= this.options.samples) this.settle({ state: 'ended' })
    this.options.onChange()
  }

  private closed(child: ChildProcess, code: number | null, signal: string | null): void {
    if (child !== this.child) return
    const missing = this.options.samples - Math.floor(this.received)
    const seconds = (Math.floor(this.received) / SAMPLE_RATE).toFixed(1)
    if (code === 0 && missing <= SHORT_BY_SAMPLES_MAX) {
      this.queue.dropPartialPair()
      this.take(Buffer.alloc(missing * SampleQueue.BYTES_PER_PAIR))
    } else if (code === 0)
      this.settle({
        state: 'failed',
        reason: `the file ends after ${seconds} s, ${this.wantedSeconds()} s were planned`,
      })
    else
      this.lost(
        child,
        signal
          ? `the decoder was ended by ${signal}`
          : `the decoder gave up: ${this.complaint.trim() || `exit code ${code}`}`,
      )
  }

  /** A decoder that died in the middle gets a second chance; one that never gave a sample does not. */
  private lost(child: ChildProcess, reason: string): void {
    if (child !== this.child) return
    this.child = null
    child.kill('SIGKILL')
    this.received = Math.floor(this.received)
    this.queue.dropPartialPair()
    if (this.received > 0 && this.starts < limits.decoderStartsMax) {
      this.options.log.warn(
        { path: this.options.path, reason, atSample: this.received },
        'decoder lost; another goes on where it stood',
      )
      this.start()
      return
    }
    this.settle({ state: 'failed', reason })
  }

  private watch(): void {
    const now = this.options.clock.monotonicMs()
    // While this process itself stood still bytes may have come that are not yet read: that time does not count.
    this.lastBytesMs += Math.max(0, now - this.watchedMs - limits.watchEveryMs)
    this.watchedMs = now
    const child = this.child
    if (!child || child.stdout?.isPaused()) return
    if (now - this.lastBytesMs > limits.decoderSilentMs)
      this.lost(child, `the decoder gave nothing for ${limits.decoderSilentMs / 1000} s`)
  }

  private settle(state: SourceState): void {
    if (this.current.state !== 'open') return
    this.current = state
    this.stopWatching?.()
    const child = this.child
    this.child = null
    child?.stdout?.destroy()
    child?.kill('SIGKILL')
    this.options.onChange()
  }

  private wantedSeconds(): string {
    return (this.options.samples / SAMPLE_RATE).toFixed(1)
  }
}

/** The same decoding as the library's analysis, so that its sample positions hold: first audio stream, 48 kHz, stereo, floats. */
export function decoderArguments(path: string, fromSample: number): string[] {
  const seekSeconds = Math.max(0, Math.floor(fromSample / SAMPLE_RATE) - 2)
  const seeks = fromSample > limits.decodeFromStartSecondsMax * SAMPLE_RATE
  const trim = seeks ? fromSample - seekSeconds * SAMPLE_RATE : fromSample
  return [
    ...['-nostdin', '-v', 'error', '-threads', '1'],
    ...(seeks ? ['-ss', String(seekSeconds)] : []),
    ...['-i', `file:${path}`, '-map', '0:a:0', '-vn', '-sn', '-dn'],
    ...['-af', trim > 0 ? `aresample=48000,atrim=start_sample=${trim}` : 'aresample=48000'],
    ...['-ac', '2', '-f', 'f32le', 'pipe:1'],
  ]
}
