import type { Clock } from '../../platform/clock.ts'
import { type HttpStream, openHttpStream } from '../../platform/http-stream.ts'
import type { Logger } from '../../platform/log.ts'
import type { IngestPeer } from '../../schemas/live.ts'
import { limits } from '../limits.ts'
import { PcmRing } from './pcm-ring.ts'

export type LiveSourceOptions = {
  peer: IngestPeer
  keyId: string
  run: string
  from: number | 'newest'
  /** Room for audio that has not sounded. */
  pairsMax: number
  clock: Clock
  log: Logger
  /** Called just before audio is added: the buffer is at its lowest. */
  onArrival: () => void
  /** Called when audio has arrived, or the state has changed. */
  onChange: () => void
}

export type LiveSourceState = { state: 'open' } | { state: 'ended' } | { state: 'failed'; reason: string }

/** What the pipe may still bring when it is told to stop: twice what Node reads at once. */
const PIPE_PAIRS = 16_384

/**
 * A feed's audio as an ingest node has it, from an offset on. A connection that breaks is made again at the next sample; room that is full
 * stops the flow, and the rest waits in the node's ring. `ended`: the node has given all that will ever come of this run.
 */
export class LiveSource {
  readonly ring: PcmRing
  private readonly options: LiveSourceOptions
  private stream: HttpStream | null = null
  private current: LiveSourceState = { state: 'open' }
  private connected = false
  private paused = false
  /** Null until the node has said where `newest` is. */
  private from: number | null
  private wasComplete = false
  private attempts = 0
  private reachedMs: number
  private cancelRetry: () => void = () => {}

  constructor(options: LiveSourceOptions) {
    this.options = options
    this.ring = new PcmRing(options.pairsMax + 2 * PIPE_PAIRS)
    this.from = options.from === 'newest' ? null : options.from
    if (this.from !== null) this.ring.reset(this.from)
    this.reachedMs = options.clock.monotonicMs()
    this.connect()
  }

  get state(): LiveSourceState {
    return this.current
  }

  /** Connected to the ingest node: audio may arrive. */
  get streaming(): boolean {
    return this.connected
  }

  /** False until the node has said which offset is its newest. */
  get hasBegun(): boolean {
    return this.from !== null
  }

  /** What lies before an offset has sounded. */
  discardBefore(offset: number): void {
    this.ring.discardBefore(offset)
    if (!this.paused || this.ring.roomPairs < 2 * PIPE_PAIRS) return
    this.paused = false
    this.stream?.resume()
  }

  close(): void {
    this.settle({ state: 'ended' })
  }

  private connect(): void {
    const { peer, keyId, run, clock } = this.options
    this.stream = openHttpStream(clock, {
      url: `${peer.url}/feeds/${keyId}/${run}/pcm?from=${this.from === null ? 'newest' : this.ring.newest}`,
      headers: { authorization: `Bearer ${peer.readKey}` },
      headTimeoutMs: limits.liveHeadMs,
      idleTimeoutMs: limits.liveIdleMs,
      onHead: (status, headers) => this.begin(status, Number(headers['x-airtight-from'] ?? Number.NaN)),
      onBytes: (bytes) => this.take(bytes),
      onEnd: ({ complete, reason }) => this.lost(complete, reason),
    })
  }

  private begin(status: number, from: number): void {
    const isOther = !Number.isSafeInteger(from) || from < 0 || (this.from !== null && from !== this.ring.newest)
    if (status === 404 || status === 410) this.settle(this.wasComplete ? { state: 'ended' } : gone(status))
    else if (status !== 200) this.again(`the ingest node answered ${status}`)
    else if (isOther) this.settle({ state: 'failed', reason: 'the ingest node gave other audio than was asked for' })
    else this.goOn(from)
  }

  private goOn(from: number): void {
    if (this.from === null) {
      this.from = from
      this.ring.reset(from)
    }
    this.connected = true
    this.wasComplete = false
    this.options.onChange()
  }

  private take(bytes: Buffer): void {
    if (!this.connected || this.current.state !== 'open') return
    const { clock, onArrival, onChange } = this.options
    this.attempts = 0
    this.reachedMs = clock.monotonicMs()
    onArrival()
    this.ring.push(bytes)
    if (this.ring.roomPairs < PIPE_PAIRS && !this.paused) {
      this.paused = true
      this.stream?.pause()
    }
    onChange()
  }

  private lost(complete: boolean, reason: string): void {
    if (this.current.state !== 'open') return
    if (this.connected) this.wasComplete = complete
    this.again(reason)
  }

  private again(reason: string): void {
    const { clock, log, peer, keyId, onChange } = this.options
    this.stream?.close()
    this.stream = null
    this.connected = false
    this.paused = false
    this.ring.dropPartialPair()
    const now = clock.monotonicMs()
    if (now - this.reachedMs > limits.liveUnreachableMs) {
      this.settle({ state: 'failed', reason: `the ingest node ${peer.id} gives nothing: ${reason}` })
      return
    }
    const delayMs = limits.liveRetryMs[Math.min(this.attempts, limits.liveRetryMs.length - 1)]!
    this.attempts += 1
    log.debug({ ingest: peer.id, key: keyId, reason, delayMs }, 'live audio is asked for again')
    this.cancelRetry()
    this.cancelRetry = clock.after(delayMs, () => this.connect())
    onChange()
  }

  private settle(state: LiveSourceState): void {
    if (this.current.state !== 'open') return
    this.current = state
    this.cancelRetry()
    this.stream?.close()
    this.stream = null
    this.connected = false
    this.options.onChange()
  }
}

const gone = (status: number): LiveSourceState => ({
  state: 'failed',
  reason: `the ingest node no longer has this audio (${status})`,
})
