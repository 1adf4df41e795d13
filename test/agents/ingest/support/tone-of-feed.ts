import type { HeldFeed } from '../../../../agents/ingest/feeds/held-feed.ts'

/** 10 ms: whole periods of every tone whose frequency is a multiple of 100 Hz. */
const WINDOW_SAMPLES = 480

export type ToneReport = {
  /** From the first to the last window in which the tone has half its usual strength. */
  seconds: number
  /** Weakest window in between, as a part of the usual one. */
  weakest: number
  /** How far the tone's phase jumps at most from one window to the next, as samples of 48 kHz: missing or repeated ones show. */
  worstStepSamples: number
  /** Of the sound in between, the part that is the tone, by energy. */
  purity: number
  /** Usual amplitude of the left and the right side. */
  amplitudes: [number, number]
}

/** Listens for a tone in what a feed holds. The frequency must be a multiple of 100 Hz. */
export function toneOf(feed: HeldFeed, frequency: number): ToneReport {
  const { oldestSample, newestSample } = feed.ring
  const bytes = feed.ring.read(oldestSample, (newestSample - oldestSample) * 8)
  const floats = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
  const windows = Array.from({ length: Math.floor(floats.length / 2 / WINDOW_SAMPLES) }, (_, index) =>
    measure(floats, index * WINDOW_SAMPLES, frequency),
  )
  const usual = median(windows.map(({ amplitude }) => amplitude).filter((amplitude) => amplitude > 0.01))
  const isLoud = windows.map(({ amplitude }) => amplitude > usual / 2)
  // The first and the last one may be cut.
  const within = windows.slice(isLoud.indexOf(true) + 2, isLoud.lastIndexOf(true) - 1)
  const steps = within.slice(1).map(({ phase }, index) => Math.abs(wrapped(phase - within[index]!.phase)))
  return {
    seconds: (within.length * WINDOW_SAMPLES) / 48_000,
    weakest: Math.min(...within.map(({ amplitude }) => amplitude)) / usual,
    worstStepSamples: (Math.max(...steps) / (2 * Math.PI * frequency)) * 48_000,
    purity: sum(within.map(({ toneEnergy }) => toneEnergy)) / sum(within.map(({ energy }) => energy)),
    amplitudes: [median(within.map(({ amplitude }) => amplitude)), median(within.map(({ right }) => right))],
  }
}

function measure(floats: Float32Array, from: number, frequency: number) {
  const { real, imaginary, energy } = correlate(floats, from, frequency, 0)
  const right = correlate(floats, from, frequency, 1)
  const amplitude = Math.hypot(real, imaginary) * 2
  return {
    amplitude,
    right: Math.hypot(right.real, right.imaginary) * 2,
    phase: Math.atan2(imaginary, real),
    toneEnergy: amplitude ** 2 / 2,
    energy,
  }
}

function correlate(floats: Float32Array, from: number, frequency: number, side: 0 | 1) {
  let real = 0
  let imaginary = 0
  let energy = 0
  for (let at = from; at < from + WINDOW_SAMPLES; at += 1) {
    const value = floats[at * 2 + side]!
    const angle = (2 * Math.PI * frequency * at) / 48_000
    real += value * Math.cos(angle)
    imaginary -= value * Math.sin(angle)
    energy += value * value
  }
  return { real: real / WINDOW_SAMPLES, imaginary: imaginary / WINDOW_SAMPLES, energy: energy / WINDOW_SAMPLES }
}

const wrapped = (angle: number): number => angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI))
const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0)
const median = (values: number[]): number => values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0
