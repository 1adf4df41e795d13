import { SAMPLE_RATE } from '../../media/timeline.ts'
import { clearSlope, type Floor, medianOf } from './slope-estimate.ts'

/** Floors are taken of half a second each; slopes are read from six of them, six of four, and six of sixteen: 3, 12 and 48 s. */
const WINDOW_SAMPLES = SAMPLE_RATE / 2
const SLOPE_FLOORS = 6
const SCALES = [
  { windows: 1, differenceMin: 0.008, firstDifferenceMin: 0.02 },
  { windows: 4, differenceMin: 0.002, firstDifferenceMin: 0.004 },
  { windows: 16, differenceMin: 0.0005, firstDifferenceMin: 0.0005 },
]
const WINDOWS_KEPT = 2 * SLOPE_FLOORS * 16
/** The slow loop: once in so many windows, by the median of the newest floors of the depth. Critically damped at 100 s. */
const STEP_WINDOWS = 10
const STEP_FLOORS = 3
const NATURAL_FREQUENCY = 0.01
const PROPORTIONAL = (2 * NATURAL_FREQUENCY) / SAMPLE_RATE
const INTEGRAL = NATURAL_FREQUENCY ** 2 / SAMPLE_RATE
/** What the slow loop may add to the sender's drift: a third of a cent, which nobody hears. */
const CORRECTION_MAX = 0.0002
/** And when the depth is off by more than jitter makes it, up to less than two cents, for minutes. */
const FAR_SAMPLES = 0.25 * SAMPLE_RATE
const FARTHEST_SAMPLES = 0.5 * SAMPLE_RATE
const FAR_CORRECTION_MAX = 0.001
/** The integral learns only from small errors: large ones are stalls and bursts, not clocks. */
const LEARNING_SAMPLES_MAX = 0.1 * SAMPLE_RATE
const RATIO_SHIFT_MAX = 0.06
const SLEW_PER_SECOND = 0.00002
/** A sender that is far off can not wait: then a change is made within some two seconds. */
const LARGE_CHANGE = 0.002
const SLEW_SECONDS = 2
/** Beyond this the pitch is touched: a sixtieth of a semitone, and a sound card that is out of order. */
const ALARM_DRIFT = 0.001
const ALARM_DEPTH_SHARE = 0.5
const ALARM_WINDOWS = 40

/**
 * Holds the depth of a live buffer by the ratio at which it is read, against a sender whose clock is not the timeline's. It looks at the
 * depth's lower envelope alone, so that pieces, jitter and bursts do not move the pitch; a sender that is far off is recognised by the
 * slope at which its audio arrives. Pure: time comes as samples of the timeline.
 */
export class DriftServo {
  private readonly targetSamples: number
  private learned: number
  private current: number
  private wanted: number
  private windowEnd = 0
  private lowestSurplus = Number.POSITIVE_INFINITY
  private lowestDepth = Number.POSITIVE_INFINITY
  private floors: Floor[] = []
  private depths: number[] = []
  private stepDepth = Number.POSITIVE_INFINITY
  private windows = 0
  private offWindows = 0
  private frozen = false
  /** By how much the depth's lower envelope lies above the target; 0 until it is known. */
  excessSamples = 0

  constructor(targetSamples: number, saved: { ratio: number; drift: number } | null) {
    this.targetSamples = targetSamples
    this.learned = saved?.drift ?? 0
    this.current = saved?.ratio ?? 1
    this.wanted = this.current
  }

  /** Samples of the feed a sample of the timeline. */
  get ratio(): number {
    return this.current
  }

  /** The sender's clock against the timeline's, as a fraction. */
  get drift(): number {
    return this.learned
  }

  /** Why the buffer can't be held without being heard, in a sentence; null while it is. */
  get complaint(): string | null {
    if (Math.abs(this.learned) > ALARM_DRIFT) {
      const percent = (Math.abs(this.learned) * 100).toFixed(1)
      return this.learned < 0
        ? `The sender's clock is ${percent} % slow: its pitch is lowered by as much.`
        : `The sender's clock is ${percent} % fast: its pitch is raised by as much.`
    }
    if (this.offWindows >= ALARM_WINDOWS) return 'The sender does not send evenly: its buffer can not be held.'
    return null
  }

  /**
   * What is seen at an instant of the timeline: the first offset that is not here yet, and how much of it has not sounded by then (null
   * while it is not on air). Best said just before more arrives, when the depth is lowest.
   */
  observe(atSample: number, newestOffset: number, depthSamples: number | null): void {
    if (this.windowEnd === 0) this.windowEnd = atSample + WINDOW_SAMPLES
    if (atSample >= this.windowEnd) {
      if (Number.isFinite(this.lowestSurplus)) this.closeWindow()
      this.windowEnd = Math.max(this.windowEnd + WINDOW_SAMPLES, atSample)
    }
    this.lowestSurplus = Math.min(this.lowestSurplus, newestOffset - atSample)
    if (depthSamples !== null) this.lowestDepth = Math.min(this.lowestDepth, depthSamples)
  }

  /** Moves the ratio by as much as it may in so many samples. */
  advance(samples: number): void {
    if (this.frozen) return
    const difference = this.wanted - this.current
    const seconds = samples / SAMPLE_RATE
    const isLarge = Math.abs(this.wanted - 1) > LARGE_CHANGE || Math.abs(difference) > LARGE_CHANGE
    const step = Math.max(SLEW_PER_SECOND, isLarge ? Math.abs(difference) / SLEW_SECONDS : 0) * seconds
    this.current = Math.abs(difference) <= step ? this.wanted : this.current + Math.sign(difference) * step
  }

  /** From now on the ratio stays: where the last sample sounds has been promised. */
  freeze(): void {
    this.frozen = true
  }

  /** So many samples were passed over. */
  jumped(samples: number): void {
    this.excessSamples -= samples
    this.depths = this.depths.map((depth) => depth - samples)
    this.stepDepth -= samples
    this.lowestDepth -= samples
  }

  private closeWindow(): void {
    this.windows += 1
    this.floors.push({ atSample: this.windowEnd, surplusSamples: this.lowestSurplus })
    if (this.floors.length > WINDOWS_KEPT) this.floors.shift()
    const off = Math.abs(this.lowestDepth - this.targetSamples) > this.targetSamples * ALARM_DEPTH_SHARE
    this.offWindows = Number.isFinite(this.lowestDepth) && off ? this.offWindows + 1 : 0
    this.stepDepth = Math.min(this.stepDepth, this.lowestDepth)
    this.lowestSurplus = Number.POSITIVE_INFINITY
    this.lowestDepth = Number.POSITIVE_INFINITY
    for (const scale of SCALES) this.learnSlope(scale)
    if (this.windows % STEP_WINDOWS === 0 && Number.isFinite(this.stepDepth)) this.step()
    this.aim()
  }

  private learnSlope({ windows, differenceMin, firstDifferenceMin }: (typeof SCALES)[number]): void {
    if (this.windows % windows !== 0 || this.floors.length < SLOPE_FLOORS * windows) return
    const newest = this.floors.slice(-SLOPE_FLOORS * windows)
    const grouped = Array.from({ length: SLOPE_FLOORS }, (_, index) => {
      const group = newest.slice(index * windows, (index + 1) * windows)
      return group.reduce((lowest, floor) => (floor.surplusSamples < lowest.surplusSamples ? floor : lowest))
    })
    const before = this.floors.slice(0, -SLOPE_FLOORS * windows)
    // With nothing to compare it with, jitter might look like a slope.
    const least = before.length < SLOPE_FLOORS ? firstDifferenceMin : differenceMin
    this.learned = clearSlope(grouped, before, this.learned, least) ?? this.learned
  }

  private step(): void {
    this.depths = [...this.depths, this.stepDepth].slice(-STEP_FLOORS)
    this.stepDepth = Number.POSITIVE_INFINITY
    this.excessSamples = medianOf(this.depths) - this.targetSamples
    if (Math.abs(this.excessSamples) > LEARNING_SAMPLES_MAX) return
    const linearMax = CORRECTION_MAX / PROPORTIONAL
    const seconds = (STEP_WINDOWS * WINDOW_SAMPLES) / SAMPLE_RATE
    this.learned += INTEGRAL * Math.max(-linearMax, Math.min(linearMax, this.excessSamples)) * seconds
  }

  private aim(): void {
    const far = (Math.abs(this.excessSamples) - FAR_SAMPLES) / (FARTHEST_SAMPLES - FAR_SAMPLES)
    const farMax = CORRECTION_MAX + (FAR_CORRECTION_MAX - CORRECTION_MAX) * Math.max(0, Math.min(1, far))
    const correctionMax = Math.max(farMax, Math.abs(this.learned) / 5)
    const correction = Math.max(-correctionMax, Math.min(correctionMax, PROPORTIONAL * this.excessSamples))
    this.wanted = 1 + Math.max(-RATIO_SHIFT_MAX, Math.min(RATIO_SHIFT_MAX, this.learned + correction))
  }
}
