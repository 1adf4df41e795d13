import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { createAdtsSplitter } from '../../media/adts-splitter.ts'
import { aacEncoderArguments } from '../../media/encoder-settings.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import { type Processes, programs } from '../../platform/processes.ts'
import type { RenditionInfo } from '../../schemas/markers.ts'
import { limits } from '../limits.ts'
import { BlockRing } from './block-ring.ts'

export type EncoderOptions = {
  renditions: readonly RenditionInfo[]
  /** The first frame wanted of each rendition; blocks are pushed from `encoderWarmBlocks` before the first of them. */
  firstFrames: Readonly<Record<string, number>>
  clock: Clock
  processes: Processes
  log: Logger
  onUnit: (rendition: string, frame: number, unit: Buffer) => void
  /** Some backlog is gone: the mixer may go on. */
  onProgress: () => void
}

/**
 * The one encoder that never stops: one ffmpeg that makes all renditions from the same blocks. When it dies or hangs a new one
 * is warmed with the eight blocks before the first frame that is missing, and continues the row there: no number is left out,
 * none comes twice. The native AAC encoder delays by one block: access unit j of a process is block fedFrom + j − 1.
 */
export class Encoder {
  restarts = -1
  private readonly options: EncoderOptions
  private readonly ring = new BlockRing(limits.encoderRingBlocks)
  private readonly wanted: Map<string, number>
  private child: ChildProcess | null = null
  private fed = 0
  private lastProgressMs = 0
  private watchedMs: number
  private readonly startsMs: number[] = []
  private cancelRetry: () => void = () => {}
  private retries = false
  private readonly stopWatching: () => void
  private closed = false

  constructor(options: EncoderOptions) {
    this.options = options
    this.wanted = new Map(options.renditions.map(({ id }) => [id, options.firstFrames[id]!]))
    this.watchedMs = options.clock.monotonicMs()
    this.stopWatching = options.clock.every(limits.watchEveryMs, () => this.watch())
  }

  /** Blocks in hand that are not yet frames of every rendition. */
  get backlogBlocks(): number {
    return this.ring.nextNumber === null ? 0 : Math.max(0, this.ring.nextNumber - this.firstWanted())
  }

  push(number: number, block: Float32Array): void {
    this.ring.push(number, block)
    if (!this.child && !this.retries && number >= this.firstWanted()) this.start()
    this.feed()
  }

  close(): void {
    this.closed = true
    this.stopWatching()
    this.cancelRetry()
    const child = this.child
    this.child = null
    child?.kill('SIGKILL')
  }

  private firstWanted(): number {
    return Math.min(...this.wanted.values())
  }

  private start(): void {
    const { clock, processes, renditions } = this.options
    this.restarts += 1
    this.startsMs.push(clock.monotonicMs())
    this.lastProgressMs = clock.monotonicMs()
    this.fed = Math.max(this.ring.oldestNumber, this.firstWanted() - limits.encoderWarmBlocks)
    const outputs = renditions.map((_, index) => (index === 0 ? 1 : index + 2))
    const child = processes.start(programs.ffmpeg, encoderArguments(renditions, outputs), {
      stdio: ['pipe', 'pipe', 'ignore', ...renditions.slice(1).map(() => 'pipe' as const)],
    })
    this.child = child
    renditions.forEach(({ id }, index) => {
      this.collect(child, id, child.stdio[outputs[index]!] as Readable, this.fed)
    })
    child.stdin!.on('drain', () => this.feed())
    child.stdin!.on('error', () => this.lost(child, 'its input closed'))
    child.on('error', (error) => this.lost(child, error.message))
    child.on('exit', (code, signal) => this.lost(child, signal ? `ended by ${signal}` : `exit code ${code}`))
  }

  private collect(child: ChildProcess, rendition: string, output: Readable, fedFrom: number): void {
    let frame = fedFrom - 1
    const splitter = createAdtsSplitter((unit) => {
      const number = frame++
      if (child !== this.child || number !== this.wanted.get(rendition)) return
      this.wanted.set(rendition, number + 1)
      this.options.onUnit(rendition, number, Buffer.from(unit))
    })
    output.on('data', (bytes: Buffer) => {
      if (child !== this.child) return
      this.lastProgressMs = this.options.clock.monotonicMs()
      splitter.push(bytes)
      this.options.onProgress()
    })
    output.on('error', () => this.lost(child, 'its output broke'))
  }

  private feed(): void {
    const input: Writable | null | undefined = this.child?.stdin
    if (!input || this.ring.nextNumber === null) return
    if (this.fed < this.ring.nextNumber && this.backlogBlocks <= 4)
      this.lastProgressMs = this.options.clock.monotonicMs()
    while (this.fed < this.ring.nextNumber && !input.writableNeedDrain) {
      const block = this.ring.at(this.fed++)
      input.write(Buffer.from(block.buffer, block.byteOffset, block.byteLength))
    }
  }

  private watch(): void {
    const now = this.options.clock.monotonicMs()
    // While this process itself stood still the encoder may well have given something: that time does not count.
    this.lastProgressMs += Math.max(0, now - this.watchedMs - limits.watchEveryMs)
    this.watchedMs = now
    const silentMs = now - this.lastProgressMs
    if (this.child && this.backlogBlocks > 4 && silentMs > limits.encoderSilentMs)
      this.lost(this.child, `gave nothing for ${Math.round(silentMs)} ms`)
  }

  /** At once the first times; then four times a second for as long as it takes. */
  private lost(child: ChildProcess, reason: string): void {
    if (child !== this.child || this.closed) return
    this.child = null
    child.kill('SIGKILL')
    const now = this.options.clock.monotonicMs()
    while (this.startsMs.length > 0 && now - this.startsMs[0]! > 5_000) this.startsMs.shift()
    this.options.log.error(
      { reason, firstMissing: this.firstWanted() },
      'encoder lost; another continues the row of frames',
    )
    this.cancelRetry()
    if (this.startsMs.length < 5) this.start()
    else {
      this.retries = true
      this.cancelRetry = this.options.clock.after(250, () => {
        this.retries = false
        this.start()
        this.feed()
      })
    }
    this.feed()
  }
}

/** ffmpeg's own downmix of floats adds 3 dB to what is in the middle, and would push it over the ceiling. */
const HALF_AND_HALF = 'pan=mono|c0=0.5*c0+0.5*c1'

function encoderArguments(renditions: readonly RenditionInfo[], outputs: readonly number[]): string[] {
  const input = [
    '-nostdin',
    '-v',
    'error',
    '-probesize',
    '32',
    '-analyzeduration',
    '0',
    '-f',
    'f32le',
    '-ar',
    '48000',
    '-ac',
    '2',
    '-i',
    'pipe:0',
  ]
  const outputArguments = renditions.flatMap((rendition, index) => [
    ...['-map', '0:a', '-af', rendition.channels === 1 ? HALF_AND_HALF : 'anull', ...aacEncoderArguments(rendition)],
    ...['-flush_packets', '1', '-f', 'adts', `pipe:${outputs[index]}`],
  ])
  return [...input, ...outputArguments]
}
