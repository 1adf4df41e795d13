import { FRAME_SAMPLES, SAMPLE_RATE } from '../../media/timeline.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import { limits } from '../limits.ts'
import { DriftServo } from './drift-servo.ts'
import { Leveller } from './leveller.ts'
import type { LiveAudio, LiveFeed } from './live-air.ts'
import { LiveSource, type LiveSourceState } from './live-source.ts'
import { pauseAhead } from './pauses.ts'
import { resample, TAPS_AFTER, TAPS_BEFORE } from './resampler.ts'
import type { SavedVoice } from './saved-voices.ts'

export type LiveReaderOptions = {
  feed: LiveFeed
  levelLufs: number | null
  /** The sample of the timeline that sounds now, to a fraction: the pace of the station's own clock. */
  nowSample: () => number
  clock: Clock
  log: Logger
  onChange: () => void
}

/** More than this above the buffer is not worked off but passed over, in a pause. */
const EXCESS_SAMPLES_MAX = 2 * SAMPLE_RATE
/** A pause is looked for in so much audio, keeps so much of itself, and is shortened by no less than this. Within a pause nothing clicks. */
const LOOKED_AT_SAMPLES = SAMPLE_RATE
const PAUSE_KEPT_SAMPLES = SAMPLE_RATE / 5
const SHORTENED_SAMPLES_MIN = SAMPLE_RATE / 10
const RATIO_MAX = 1.1
const WINDOW_PAIRS = Math.ceil(FRAME_SAMPLES * RATIO_MAX) + TAPS_BEFORE + TAPS_AFTER + 2

/** A feed's audio on the timeline: streamed, its sender's drift resampled away, brought to the station's loudness. */
export class LiveReader {
  readonly feed: LiveFeed
  private readonly options: LiveReaderOptions
  private readonly source: LiveSource
  private readonly servo: DriftServo
  private readonly leveller: Leveller | null
  private readonly window = new Float32Array(WINDOW_PAIRS * 2)
  /** The offset that sounds next; null until the feed has begun. */
  private offset: number | null
  /** The sample of the timeline that comes next; null while it is not on air. */
  private atSample: number | null = null
  private isFrozen = false
  /** It has given audio since it was opened. */
  hasSounded = false

  constructor(options: LiveReaderOptions, saved: (SavedVoice & { startSample: number }) | null) {
    this.options = options
    const { feed, clock, log, levelLufs } = options
    this.feed = feed
    this.offset = saved && Math.max(0, saved.offset + (saved.startSample - saved.atSample) * saved.ratio)
    if (saved) this.atSample = saved.startSample
    this.servo = new DriftServo(feed.bufferSamples, saved)
    this.leveller =
      levelLufs === null
        ? null
        : new Leveller(levelLufs, saved && { gainDb: saved.levelGainDb, power: saved.levelPower })
    this.source = new LiveSource({
      ...feed,
      from: this.offset === null ? feed.from : Math.max(0, Math.floor(this.offset) - TAPS_BEFORE),
      pairsMax: feed.bufferSamples + (limits.liveSpareMs * SAMPLE_RATE) / 1000,
      clock,
      log,
      onArrival: () => this.observe(),
      onChange: options.onChange,
    })
  }

  get state(): LiveSourceState {
    return this.source.state
  }

  get streaming(): boolean {
    return this.source.streaming
  }

  /** From this sample of the timeline on it is read. */
  begin(atSample: number): void {
    this.atSample ??= atSample
  }

  /** Where it ends has been promised: the ratio stays as it is. */
  freeze(): void {
    this.isFrozen = true
    this.servo.freeze()
  }

  /** Pairs of the timeline that can be read now. What has ended, or will at a promised sample, can be read to its last one. */
  availableSamples(): number {
    const next = this.nextOffset()
    if (next === null) return 0
    const tail = this.isFrozen || this.state.state === 'ended' ? 0 : TAPS_AFTER
    const last = this.source.ring.newest - 1 - tail
    return last < next ? 0 : Math.floor((last - next) / this.servo.ratio) + 1
  }

  /** Reads at most a block; the caller has checked that so much is there. */
  read(into: Float32Array, samples: number): void {
    if (!this.isFrozen && this.servo.excessSamples > EXCESS_SAMPLES_MAX) this.passOverPause()
    const offset = this.nextOffset()!
    this.readAt(offset, into, samples)
    this.offset = offset + samples * this.servo.ratio
    this.atSample = (this.atSample ?? 0) + samples
    this.hasSounded = true
    this.leveller?.process(into, samples)
    this.source.discardBefore(Math.floor(this.offset) - TAPS_BEFORE)
    this.servo.advance(samples)
    this.observe()
  }

  /** The first sample of the timeline at which an offset has sounded; null while it is not on air. */
  sampleOfOffset(offset: number): number | null {
    const next = this.nextOffset()
    if (this.atSample === null || next === null) return null
    return this.atSample + Math.ceil((offset - next) / this.servo.ratio)
  }

  audio(): LiveAudio {
    const newest = this.source.hasBegun ? this.source.ring.newest : 0
    const offset = this.nextOffset() ?? newest
    const { state } = this
    return {
      bufferedSamples: Math.max(0, newest - offset),
      offsetNow: offset,
      newestOffset: newest,
      driftPpm: this.servo.drift * 1e6,
      slopeHeld: this.servo.complaint === null,
      slopeReason: this.servo.complaint,
      streaming: this.source.streaming,
      ended: state.state === 'ended',
      failed: state.state === 'failed' ? state.reason : null,
    }
  }

  save(): Pick<SavedVoice, 'atSample' | 'offset' | 'ratio' | 'drift' | 'levelGainDb' | 'levelPower'> | null {
    const offset = this.nextOffset()
    if (offset === null || this.atSample === null) return null
    const { ratio, drift } = this.servo
    const { gainDb, power } = this.leveller?.state ?? { gainDb: 0, power: null }
    return { atSample: this.atSample, offset, ratio, drift, levelGainDb: gainDb, levelPower: power }
  }

  close(): void {
    this.source.close()
  }

  private nextOffset(): number | null {
    if (this.offset === null && this.source.hasBegun) this.offset = this.source.ring.oldest
    return this.offset
  }

  private readAt(offset: number, into: Float32Array, samples: number): void {
    const whole = Math.floor(offset)
    const pairs = Math.ceil(samples * this.servo.ratio) + TAPS_BEFORE + TAPS_AFTER + 1
    this.source.ring.copyTo(this.window, whole - TAPS_BEFORE, pairs)
    resample(this.window, offset - whole + TAPS_BEFORE, this.servo.ratio, into, samples)
  }

  private observe(): void {
    const next = this.nextOffset()
    if (next === null) return
    const { newest } = this.source.ring
    const nowSample = this.options.nowSample()
    const depth = this.atSample === null ? null : newest - next - (nowSample - this.atSample) * this.servo.ratio
    this.servo.observe(nowSample, newest, depth)
  }

  /** Seconds too much are in hand, after a stall and a burst: when a pause comes, some of it is left out. */
  private passOverPause(): void {
    const next = Math.floor(this.nextOffset()!)
    const { ring } = this.source
    const ahead = Math.min(LOOKED_AT_SAMPLES, ring.newest - next - TAPS_AFTER)
    if (ahead < PAUSE_KEPT_SAMPLES + SHORTENED_SAMPLES_MIN) return
    const audio = new Float32Array(ahead * 2)
    ring.copyTo(audio, next, ahead)
    const pause = pauseAhead(audio)
    const left = Math.min(pause - PAUSE_KEPT_SAMPLES, this.servo.excessSamples - EXCESS_SAMPLES_MAX / 2)
    if (left < SHORTENED_SAMPLES_MIN) return
    this.offset = next + Math.floor(left)
    this.servo.jumped(Math.floor(left))
    this.options.log.info(
      { key: this.feed.keyId, samples: Math.floor(left) },
      'too much live audio is in hand: a pause is shortened',
    )
  }
}
