/**
 * True-peak limiter: looks 5 ms ahead, estimates the peaks between samples by oversampling four times (as ITU-R BS.1770-4,
 * annex 2, asks), and turns down smoothly before a peak arrives, so that nothing ever exceeds the ceiling. Releases slowly.
 * What comes out is what went in, LOOKAHEAD_SAMPLES earlier.
 */
export const LOOKAHEAD_SAMPLES = 240
const RELEASE_SECONDS = 0.25
const PHASES = 4
const TAPS = 12
const COEFFICIENTS = interpolator()
/** A peak between samples stands no more than 6 dB above its neighbours in anything that is likely to be music. */
const INTERSAMPLE_MARGIN = 0.5

export class TruePeakLimiter {
  private readonly ceiling: number
  private readonly releasePerSample: number
  /** Pairs not yet given out, with the history that the interpolator needs before them. */
  private readonly delay = new Float32Array(LOOKAHEAD_SAMPLES * 2)
  private readonly history = new Float32Array(TAPS * 2)
  /** Gains wanted by the last LOOKAHEAD_SAMPLES inputs, as a ring, and a queue of the indexes of their minima. */
  private readonly wanted = new Float32Array(LOOKAHEAD_SAMPLES).fill(1)
  private readonly smoothing = new Float32Array(LOOKAHEAD_SAMPLES).fill(1)
  private smoothingSum = LOOKAHEAD_SAMPLES
  private position = 0
  private held = 1
  /** Pairs for which the interpolator must still look: a loud one is among its taps. */
  private hotPairs = 0
  private idleSamples = LOOKAHEAD_SAMPLES
  /** The deepest reduction since it was last asked for, as a gain. */
  lowestGain = 1

  constructor(ceilingDbtp: number, sampleRate: number) {
    this.ceiling = 10 ** (ceilingDbtp / 20)
    this.releasePerSample = 1 - Math.exp(-1 / (RELEASE_SECONDS * sampleRate))
  }

  /** Takes a block of interleaved stereo and replaces it with the block that is LOOKAHEAD_SAMPLES older. */
  process(block: Float32Array): void {
    const pairs = block.length / 2
    if (this.idleSamples >= LOOKAHEAD_SAMPLES && peakOf(block) < this.ceiling * INTERSAMPLE_MARGIN) {
      this.passThrough(block)
      return
    }
    for (let pair = 0; pair < pairs; pair++) {
      const left = block[pair * 2]!
      const right = block[pair * 2 + 1]!
      const peak = this.truePeak(left, right)
      const gain = this.nextGain(peak > this.ceiling ? this.ceiling / peak : 1)
      const slot = (this.position % LOOKAHEAD_SAMPLES) * 2
      block[pair * 2] = this.delay[slot]! * gain
      block[pair * 2 + 1] = this.delay[slot + 1]! * gain
      this.delay[slot] = left
      this.delay[slot + 1] = right
      this.position += 1
    }
  }

  /** Nothing near the ceiling and nothing being released: only the delay remains. */
  private passThrough(block: Float32Array): void {
    const size = this.delay.length
    const start = (this.position % LOOKAHEAD_SAMPLES) * 2
    const past = Float32Array.from({ length: size }, (_, index) => this.delay[(start + index) % size]!)
    const newest = block.slice(-size)
    this.history.set(newest.subarray(-this.history.length))
    block.copyWithin(size, 0, block.length - size)
    block.set(past)
    this.position = 0
    this.delay.set(newest)
  }

  /** The highest of four interpolated points around the newest pair, over both channels. */
  private truePeak(left: number, right: number): number {
    const history = this.history
    history.copyWithin(0, 2)
    history[history.length - 2] = left
    history[history.length - 1] = right
    let highest = Math.max(Math.abs(left), Math.abs(right))
    if (highest >= this.ceiling * INTERSAMPLE_MARGIN) this.hotPairs = TAPS
    if (this.hotPairs === 0) return highest
    this.hotPairs -= 1
    for (let phase = 0; phase < PHASES; phase++) {
      const taps = COEFFICIENTS[phase]!
      let sumLeft = 0
      let sumRight = 0
      for (let tap = 0; tap < TAPS; tap++) {
        sumLeft += taps[tap]! * history[tap * 2]!
        sumRight += taps[tap]! * history[tap * 2 + 1]!
      }
      highest = Math.max(highest, Math.abs(sumLeft), Math.abs(sumRight))
    }
    return highest
  }

  /** The minimum over the look-ahead, released slowly, then averaged over it: never above what the peak that leaves now allows. */
  private nextGain(wanted: number): number {
    const slot = this.position % LOOKAHEAD_SAMPLES
    this.wanted[slot] = wanted
    if (wanted < 1) this.idleSamples = 0
    let lowest = wanted
    if (this.idleSamples < LOOKAHEAD_SAMPLES) for (const gain of this.wanted) if (gain < lowest) lowest = gain
    this.held = lowest < this.held ? lowest : this.held + (lowest - this.held) * this.releasePerSample
    if (this.held > 0.9999) this.held = 1
    this.smoothingSum += this.held - this.smoothing[slot]!
    this.smoothing[slot] = this.held
    this.idleSamples = this.held < 1 ? 0 : this.idleSamples + 1
    const gain = this.idleSamples >= LOOKAHEAD_SAMPLES ? 1 : this.smoothingSum / LOOKAHEAD_SAMPLES
    if (this.idleSamples >= LOOKAHEAD_SAMPLES) this.smoothingSum = LOOKAHEAD_SAMPLES
    if (gain < this.lowestGain) this.lowestGain = gain
    return gain
  }
}

function peakOf(block: Float32Array): number {
  let peak = 0
  for (let index = 0; index < block.length; index++) {
    const level = Math.abs(block[index]!)
    if (level > peak) peak = level
  }
  return peak
}

/** Windowed-sinc interpolation at 1/8, 3/8, 5/8 and 7/8 between the two middle taps; each phase sums to one. */
function interpolator(): Float64Array[] {
  return Array.from({ length: PHASES }, (_, phase) => {
    const centre = TAPS / 2 - 1 + (phase + 0.5) / PHASES
    const taps = Float64Array.from({ length: TAPS }, (_, tap) => {
      const distance = tap - centre
      const sinc = distance === 0 ? 1 : Math.sin(Math.PI * distance) / (Math.PI * distance)
      return sinc * Math.cos((Math.PI * distance) / TAPS) ** 2
    })
    const sum = taps.reduce((total, tap) => total + tap, 0)
    return taps.map((tap) => tap / sum)
  })
}
