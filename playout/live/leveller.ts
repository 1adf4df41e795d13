import { SAMPLE_RATE } from '../../media/timeline.ts'
import { gainOfDb } from '../mixer/envelope.ts'
import { KWeighting, lufsOfPower } from './k-weighting.ts'

/** Loudness is looked at in pieces of this length. */
const PIECE_SAMPLES = 0.4 * SAMPLE_RATE
/** Quieter pieces are pauses, and say nothing of the voice: absolutely, and below what it has been. */
const GATE_LUFS = -50
const GATE_BELOW_LU = 12
/** Some twelve seconds of sound weigh equally; the first ones are taken as they come. */
const REMEMBERED_PIECES = 30
/** Someone who has become far quieter, and stays so, is followed over minutes. */
const FAR_QUIETER_WEIGHT = 0.1
/** Nothing is touched before so much has been heard, nor for less than this difference. */
const PIECES_MIN = 3
const TOLERANCE_DB = 1
const GAIN_DB_MAX = 9
const GAIN_DB_MIN = -12
const UP_DB_PER_SECOND = 0.5
const DOWN_DB_PER_SECOND = 1.5

export type SavedLevel = { gainDb: number; power: number | null }

/**
 * Brings live audio gently to the station's loudness, as a hand on a fader would: gated, so that a pause is not turned up, and so slow
 * that nothing pumps. Its gain stands still in pauses.
 */
export class Leveller {
  private readonly targetLufs: number
  private readonly weighting = new KWeighting()
  private gain: number
  private power: number | null
  private pieces: number
  private pieceSamples = 0
  private pieceEnergy = 0
  private targetDb: number

  constructor(targetLufs: number, saved: SavedLevel | null) {
    this.targetLufs = targetLufs
    this.gain = saved?.gainDb ?? 0
    this.targetDb = this.gain
    this.power = saved?.power ?? null
    this.pieces = this.power === null ? 0 : REMEMBERED_PIECES
  }

  /** The gain at which it stands, in dB, and what it has learned. */
  get state(): SavedLevel {
    return { gainDb: this.gain, power: this.power }
  }

  /** Listens to `samples` pairs and turns them up or down, without a step. */
  process(pairs: Float32Array, samples: number): void {
    const sounds = this.listen(this.weighting.power(pairs, samples), samples)
    const from = gainOfDb(this.gain)
    if (sounds) this.move(samples / SAMPLE_RATE)
    const to = gainOfDb(this.gain)
    if (from === 1 && to === 1) return
    const step = (to - from) / samples
    for (let index = 0; index < samples; index++) {
      const gain = from + step * (index + 1)
      pairs[index * 2] = pairs[index * 2]! * gain
      pairs[index * 2 + 1] = pairs[index * 2 + 1]! * gain
    }
  }

  /** True when these samples are more than a pause. */
  private listen(power: number, samples: number): boolean {
    this.pieceEnergy += power * samples
    this.pieceSamples += samples
    const sounds = this.isAboveGate(power)
    if (this.pieceSamples < PIECE_SAMPLES) return sounds
    const mean = this.pieceEnergy / this.pieceSamples
    this.pieceEnergy = 0
    this.pieceSamples = 0
    if (lufsOfPower(mean) <= GATE_LUFS) return sounds
    this.pieces = Math.min(this.pieces + 1, REMEMBERED_PIECES)
    const weight = (this.isAboveGate(mean) ? 1 : FAR_QUIETER_WEIGHT) / this.pieces
    this.power = (this.power ?? mean) + (mean - (this.power ?? mean)) * weight
    if (this.pieces < PIECES_MIN) return sounds
    const wanted = Math.max(GAIN_DB_MIN, Math.min(GAIN_DB_MAX, this.targetLufs - lufsOfPower(this.power)))
    if (Math.abs(wanted - this.targetDb) > TOLERANCE_DB) this.targetDb = wanted
    return sounds
  }

  private isAboveGate(power: number): boolean {
    const loudness = lufsOfPower(power)
    return loudness > GATE_LUFS && (this.power === null || loudness > lufsOfPower(this.power) - GATE_BELOW_LU)
  }

  private move(seconds: number): void {
    const difference = this.targetDb - this.gain
    if (difference > 0) this.gain += Math.min(difference, UP_DB_PER_SECOND * seconds)
    else this.gain += Math.max(difference, -DOWN_DB_PER_SECOND * seconds)
  }
}
