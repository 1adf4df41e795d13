/** Where sound begins and ends, by how loud it must be to count as sound. */
const THRESHOLDS_DBFS = [-50, -60, -70, -80] as const
const THRESHOLDS = THRESHOLDS_DBFS.map((level) => 10 ** (level / 20))
const BYTES_PER_FRAME = 8
const PIECE_BYTES = 65_536
/** A quiet item's own level decides what is silence in it: this much below its peak. */
const BELOW_PEAK_DB = 30
/** Shorter silences are part of the sound. */
const SILENCE_SAMPLES_MIN = 1440
/** An onset is not there at once: one millisecond before it belongs to it, and twenty after the end. */
const BEFORE_SAMPLES = 48
const AFTER_SAMPLES = 960

/** Reads interleaved stereo floats (little-endian) in pieces of any length, and remembers no sample of them. */
export class SoundMeter {
  /** Sample frames read. */
  length = 0
  peak = 0
  /** Samples that are not numbers, or absurd: a damaged floating-point file. */
  absurd = 0
  private squares = 0
  /** By threshold: first and last frame at least that loud but less than the next louder threshold. */
  private readonly first = THRESHOLDS.map(() => -1)
  private readonly last = THRESHOLDS.map(() => -1)
  /** One piece at a time is copied here: a Float32Array begins at a multiple of four, a piece of a pipe need not. */
  private readonly piece = new Float32Array(PIECE_BYTES / 4)
  private readonly pieceBytes = new Uint8Array(this.piece.buffer)
  private filled = 0

  add(bytes: Buffer): void {
    for (let from = 0; from < bytes.length; ) {
      const taken = bytes.subarray(from, from + PIECE_BYTES - this.filled)
      this.pieceBytes.set(taken, this.filled)
      from += taken.length
      this.filled += taken.length
      const whole = this.filled - (this.filled % BYTES_PER_FRAME)
      for (let n = 0; n < whole / 4; n += 2) this.addFrame(this.piece[n]!, this.piece[n + 1]!)
      // What is left of a frame waits for its other half.
      this.pieceBytes.copyWithin(0, whole, this.filled)
      this.filled -= whole
    }
  }

  private addFrame(left: number, right: number): void {
    const loudest = Math.max(Math.abs(left), Math.abs(right))
    if (loudest < 1000) {
      this.squares += left * left + right * right
      if (loudest > this.peak) this.peak = loudest
      for (let index = 0; index < THRESHOLDS.length; index++) {
        if (loudest < THRESHOLDS[index]!) continue
        if (this.first[index]! < 0) this.first[index] = this.length
        this.last[index] = this.length
        break
      }
    } else this.absurd++
    this.length++
  }

  get peakDbfs(): number {
    return 20 * Math.log10(this.peak)
  }

  /** A stand-in for the loudness of what is too short or too quiet to be gated: mean power, unweighted, in LUFS. */
  get plainLoudnessLufs(): number {
    return this.length ? -0.691 + 10 * Math.log10(this.squares / this.length) : Number.NEGATIVE_INFINITY
  }

  /** What is worth hearing, in sample frames; null when all is silence. Never cuts more than silence from a quiet item. */
  audible(): { cueInSample: number; lengthSamples: number } | null {
    const threshold = THRESHOLDS_DBFS.findIndex((level) => level <= this.peakDbfs - BELOW_PEAK_DB)
    const upTo = threshold < 0 ? THRESHOLDS.length : threshold + 1
    const firsts = this.first.slice(0, upTo).filter((frame) => frame >= 0)
    if (!firsts.length) return null
    const first = Math.min(...firsts) - BEFORE_SAMPLES
    const last = Math.max(...this.last.slice(0, upTo)) + 1 + AFTER_SAMPLES
    const cueInSample = first < SILENCE_SAMPLES_MIN ? 0 : first
    const end = this.length - last < SILENCE_SAMPLES_MIN ? this.length : last
    return { cueInSample, lengthSamples: end - cueInSample }
  }
}
