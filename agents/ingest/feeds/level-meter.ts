/** 10 ms of pairs, and how many of them make the window of 100 ms. */
const BLOCK_PAIRS = 480
const BLOCKS = 10
/** Speech pauses, gated ones too, are part of it: only what is quiet for longer ends a stretch of sound (1 s). */
const PAUSE_SAMPLES = 48_000
const DBFS_MIN = -120

/**
 * RMS and peak of the newest 100 ms, and for how long there has been sound or silence. Time is counted in samples. Silence is known after
 * 1 s of quiet, and counted from where the quiet began; sound begins with the first 100 ms that are not quiet.
 */
export class LevelMeter {
  /** Samples below the level of silence, and not below it: one of the two is 0. */
  silentSamples = 0
  soundSamples = 0
  readonly #sums = new Float64Array(BLOCKS)
  readonly #peaks = new Float64Array(BLOCKS)
  #block = 0
  #pairs = 0
  #sum = 0
  #peak = 0
  #quietSamples = 0

  /** Of both sides together; at least -120. */
  get levelDbfs(): number {
    let sum = 0
    for (const part of this.#sums) sum += part
    return decibels(Math.sqrt(sum / (BLOCKS * BLOCK_PAIRS * 2)))
  }

  get peakDbfs(): number {
    return decibels(Math.max(...this.#peaks))
  }

  /** Interleaved stereo, made safe before. */
  take(floats: Float32Array, silenceDbfs: number): void {
    for (let index = 0; index < floats.length; index += 2) {
      const left = floats[index]!
      const right = floats[index + 1]!
      this.#sum += left * left + right * right
      this.#peak = Math.max(this.#peak, Math.abs(left), Math.abs(right))
      if (++this.#pairs === BLOCK_PAIRS) this.#endBlock(silenceDbfs)
    }
  }

  #endBlock(silenceDbfs: number): void {
    this.#sums[this.#block] = this.#sum
    this.#peaks[this.#block] = this.#peak
    this.#block = (this.#block + 1) % BLOCKS
    this.#pairs = 0
    this.#sum = 0
    this.#peak = 0
    this.#quietSamples = this.levelDbfs < silenceDbfs ? this.#quietSamples + BLOCK_PAIRS : 0
    if (this.#quietSamples === 0 || (this.soundSamples > 0 && this.#quietSamples < PAUSE_SAMPLES)) {
      this.soundSamples += BLOCK_PAIRS
      this.silentSamples = 0
    } else {
      this.silentSamples = this.#quietSamples
      this.soundSamples = 0
    }
  }
}

function decibels(amplitude: number): number {
  return amplitude <= 0 ? DBFS_MIN : Math.max(DBFS_MIN, Math.round(200 * Math.log10(amplitude)) / 10)
}
