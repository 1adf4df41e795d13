import { FRAME_SAMPLES, SAMPLE_RATE, sampleOfFrame } from '../../media/timeline.ts'
import { limits } from '../limits.ts'
import type { Placement } from '../programme/placement.ts'
import type { Programme } from '../programme/programme.ts'
import type { Source } from '../sources/source.ts'
import { addWithEnvelope, gainOfDb } from './envelope.ts'
import { LOOKAHEAD_SAMPLES, TruePeakLimiter } from './limiter.ts'
import { Standby } from './standby.ts'
import type { LateVoice, VoiceLayer } from './voice-layer.ts'

export type MixerOptions = {
  programme: Programme
  /** The first block that will be asked for. */
  firstFrame: number
  truePeakDbtp: number
  /** Opens what a placement plays, from so many samples after its start. Throws when it can't. */
  openSource: (placement: Placement, offsetSamples: number) => Source
  /** Live voices over the programme. */
  voices?: VoiceLayer
}

/** 18 dB over full scale: more is not music. */
const LEVEL_MAX = 8
const OPEN_AHEAD_SAMPLES = (limits.openAheadMs * SAMPLE_RATE) / 1000

/** Renders the placements: block n is the samples of frame n. It reads ahead by the limiter's 5 ms and never waits itself. */
export class Mixer {
  private readonly options: MixerOptions
  private readonly limiter: TruePeakLimiter
  private readonly sources = new Map<string, { source: Source; lengthSamples: number }>()
  private readonly scratch = new Float32Array(FRAME_SAMPLES * 2)
  /** Blocks given out, used again when the encoder's ring has let go of them. */
  private readonly blocks: Float32Array[] = Array.from(
    { length: limits.encoderRingBlocks + 1 },
    () => new Float32Array(FRAME_SAMPLES * 2),
  )
  /** How many sides gave audio in each sample of a block. */
  private readonly heard = new Uint8Array(FRAME_SAMPLES)
  private readonly standby: Standby
  private frame: number
  private primed = false

  constructor(options: MixerOptions) {
    this.options = options
    this.frame = options.firstFrame
    this.limiter = new TruePeakLimiter(options.truePeakDbtp, SAMPLE_RATE)
    this.standby = new Standby(options.programme, (placement) => options.openSource(placement, 0))
  }

  /** The number of the block that comes next. */
  get nextFrame(): number {
    return this.frame
  }

  /** The first sample of the timeline that is not mixed yet. */
  get mixedUntilSample(): number {
    return sampleOfFrame(this.frame) + LOOKAHEAD_SAMPLES - (this.primed ? 0 : FRAME_SAMPLES)
  }

  /** Opens what is due, gives up what failed, and says which item or voice keeps the next block waiting, if any. */
  prepare(): { waitingFor: Placement | LateVoice | null } {
    const { programme, voices } = this.options
    const from = this.mixedUntilSample
    voices?.beforeBlock(from)
    programme.extendTo(from + OPEN_AHEAD_SAMPLES)
    this.closeEnded(from)
    for (const placement of [...programme.placements].filter(hasAudioOfItsOwn)) {
      if (placement.endSample > from && placement.startSample < from + OPEN_AHEAD_SAMPLES)
        this.openOrGiveUp(placement, from)
    }
    programme.extendTo(from + OPEN_AHEAD_SAMPLES)
    this.standby.keep(from)
    // The first render takes two blocks at once: one fills the limiter. A decoder's first piece may hold hardly more than one.
    const until = from + FRAME_SAMPLES * (this.primed ? 1 : 2)
    const due = programme.placements.filter(
      (placement) => placement.endSample > from && placement.startSample < until && hasAudioOfItsOwn(placement),
    )
    const late = due.find((placement) => !this.hasAudioFor(placement, from, until))
    return { waitingFor: late ?? voices?.lateVoice(from, until) ?? null }
  }

  /** The item, or the voice, keeps the station waiting: it ends here, and the ladder goes on. */
  giveUp(late: Placement | LateVoice, reason: string): void {
    const from = this.mixedUntilSample
    if ('patienceMs' in late) this.options.voices?.giveUp(late.id, from, reason)
    else this.giveUpItem(late, from, reason)
  }

  private giveUpItem(placement: Placement, from: number, reason: string): void {
    const available = this.sourceOf(placement)?.availableSamples() ?? 0
    const usable =
      Math.max(from, placement.startSample) + Math.min(available, placement.endSample - placement.startSample)
    this.options.programme.giveUp(placement.id, usable, from, reason)
  }

  /**
   * The next block, 1,024 interleaved stereo pairs; it holds until `encoderRingBlocks` more have been rendered. To be called only when
   * `prepare` waits for nothing.
   */
  render(): { frame: number; block: Float32Array } {
    if (!this.primed) {
      this.limiter.process(this.mix())
      this.primed = true
      const { waitingFor } = this.prepare()
      if (waitingFor) this.giveUp(waitingFor, 'its audio did not come in time')
    }
    const block = this.mix()
    this.limiter.process(block)
    return { frame: this.frame++, block }
  }

  /** The deepest gain reduction of the limiter since the last call, in dB. */
  takeReductionDb(): number {
    const reductionDb = -20 * Math.log10(this.limiter.lowestGain)
    this.limiter.lowestGain = 1
    return reductionDb
  }

  close(): void {
    for (const { source } of this.sources.values()) source.close()
    this.sources.clear()
    this.standby.close()
    this.options.voices?.closeAll()
  }

  private mix(): Float32Array {
    const from = this.mixedUntilSample
    const mix = this.blocks[this.frame % this.blocks.length]!.fill(0)
    const { programme, voices } = this.options
    const layer = voices?.isIdle() ? undefined : voices
    if (layer) this.heard.fill(0)
    for (const placement of programme.placements) {
      const start = Math.max(from, placement.startSample)
      const samples = Math.min(from + FRAME_SAMPLES, placement.endSample) - start
      const source = this.sourceOf(placement)
      const there = Math.min(samples, source?.availableSamples() ?? 0)
      if (!source || there <= 0) continue
      source.read(this.scratch, there)
      addWithEnvelope(mix, start - from, this.scratch, there, placement, start, gainOfDb(placement.gainDb))
      if (layer) for (let index = start - from; index < start - from + there; index++) this.heard[index]! += 1
    }
    layer?.mixOver(mix, from, this.heard)
    makeSound(mix)
    return mix
  }

  private openOrGiveUp(placement: Placement, from: number): void {
    const reason = this.failureOf(placement, from)
    if (reason === null) return
    this.giveUpItem(placement, from, reason)
    if (placement.startSample >= from) this.closeSource(placement.id)
  }

  private failureOf(placement: Placement, from: number): string | null {
    // What was given up plays on to where its audio ends; what a voice takes the air from must have audio till then.
    if (placement.endReason && !placement.takenOver && this.sourceOf(placement)) return null
    try {
      this.closeIfTooShort(placement)
      const source = this.sourceOf(placement) ?? this.open(placement, from)
      const state = source.state()
      return state.state === 'failed' ? state.reason : null
    } catch (error) {
      return (error as Error).message
    }
  }

  private open(placement: Placement, from: number): Source {
    const offset = Math.max(0, from - placement.startSample)
    const opened = (offset === 0 && this.standby.take(placement)) || {
      source: this.options.openSource(placement, offset),
      lengthSamples: placement.endSample - placement.startSample,
    }
    this.sources.set(placement.id, opened)
    return opened.source
  }

  private sourceOf(placement: Placement): Source | undefined {
    return this.sources.get(placement.id)?.source
  }

  /** An item that was laid out anew may sound for longer than its decoder was told. What playout makes itself has no end. */
  private closeIfTooShort(placement: Placement): void {
    const opened = this.sources.get(placement.id)
    if (!opened || placement.path === null) return
    if (placement.endSample - placement.startSample > opened.lengthSamples) this.closeSource(placement.id)
  }

  private hasAudioFor(placement: Placement, from: number, until: number): boolean {
    const samples = Math.min(until, placement.endSample) - Math.max(from, placement.startSample)
    return (this.sourceOf(placement)?.availableSamples() ?? 0) >= samples
  }

  private closeEnded(from: number): void {
    const needed = new Set(
      this.options.programme.placements.filter((placement) => placement.endSample > from).map(({ id }) => id),
    )
    for (const id of this.sources.keys()) if (!needed.has(id)) this.closeSource(id)
  }

  private closeSource(id: string): void {
    this.sources.get(id)?.source.close()
    this.sources.delete(id)
  }
}

/** A span that is a voice's sounds by the voice. */
const hasAudioOfItsOwn = ({ rung }: Placement): boolean => rung !== 'live'

/** A broken file of floats may hold infinities and what is no number: one such sample ends an encoder, and each one that follows it. */
function makeSound(mix: Float32Array): void {
  for (let index = 0; index < mix.length; index++) {
    const level = mix[index]!
    if (Math.abs(level) <= LEVEL_MAX) continue
    mix[index] = Number.isNaN(level) ? 0 : Math.sign(level) * LEVEL_MAX
  }
}
