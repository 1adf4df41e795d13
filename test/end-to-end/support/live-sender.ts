import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { programs } from '../../../platform/processes.ts'

const PIECE_MS = 20
const RATE = 48_000

export type LiveSenderOptions = {
  /** What ffmpeg writes to: `rtmp://…`, `icecast://…`. */
  url: string
  frequency: number
  /** ffmpeg's arguments for codec and format. */
  output?: readonly string[]
  /** Of its clock: 0.97 sends 970 ms of sound in a second. */
  speed?: number
}

const AAC_IN_FLV = ['-c:a', 'aac', '-b:a', '128k', '-flush_packets', '1', '-f', 'flv']

/** An encoder of an anchor's: ffmpeg, fed in real time with a tone that can be changed at any moment, as a microphone would. */
export class LiveSender {
  frequency: number
  amplitude = 0.2
  readonly child: ChildProcess
  private readonly ticking: NodeJS.Timeout
  private readonly speed: number
  private readonly beganMs = performance.now()
  private sentSamples = 0
  private phase = 0
  private errors = ''

  constructor(options: LiveSenderOptions) {
    this.frequency = options.frequency
    this.speed = options.speed ?? 1
    const input = [
      '-f',
      'f32le',
      '-ar',
      `${RATE}`,
      '-ac',
      '1',
      '-probesize',
      '32',
      '-analyzeduration',
      '0',
      '-i',
      'pipe:0',
    ]
    this.child = spawn(programs.ffmpeg, ['-v', 'error', ...input, ...(options.output ?? AAC_IN_FLV), options.url], {
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    this.child.stdin!.on('error', () => {})
    this.child.stderr!.on('data', (text: Buffer) => {
      this.errors = (this.errors + text.toString('utf8')).slice(-2_000)
    })
    this.ticking = setInterval(() => this.feed(), PIECE_MS / 2)
  }

  /** What ffmpeg complained of. */
  get complaints(): string {
    return this.errors
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  /** The microphone is closed; the encoder sends what it has and says goodbye. Resolves when it has ended. */
  async goodbye(): Promise<void> {
    clearInterval(this.ticking)
    this.child.stdin!.end()
    if (!this.hasEnded) await once(this.child, 'exit')
  }

  /** Mute from now on: silence is sent. */
  mute(): void {
    this.amplitude = 0
  }

  signal(name: NodeJS.Signals): void {
    if (name === 'SIGKILL') clearInterval(this.ticking)
    this.child.kill(name)
  }

  async dispose(): Promise<void> {
    clearInterval(this.ticking)
    if (this.hasEnded) return
    this.child.kill('SIGKILL')
    await once(this.child, 'exit')
  }

  private feed(): void {
    const due = Math.floor(((performance.now() - this.beganMs) / 1000) * RATE * this.speed)
    const piece = Math.floor((PIECE_MS / 1000) * RATE)
    while (this.sentSamples + piece <= due) {
      const samples = new Float32Array(piece)
      for (let index = 0; index < piece; index++) {
        samples[index] = this.amplitude * Math.sin(this.phase)
        this.phase += (2 * Math.PI * this.frequency) / RATE
      }
      this.sentSamples += piece
      if (this.child.stdin!.writable && this.child.stdin!.writableLength < 1_000_000)
        this.child.stdin!.write(Buffer.from(samples.buffer))
    }
  }
}
