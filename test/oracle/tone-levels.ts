import { dbOf, lengthOf, monoOf, type Pcm } from './pcm.ts'

/**
 * Which of a known set of frequencies sounds when. Programmes under test are tone-coded, each item with a frequency of
 * its own; these levels are what the finders of onsets, items and crossfades work on.
 */
export type ToneTrack = {
  sampleRate: number
  frequencies: readonly number[]
  /** Samples between two readings. */
  stepSamples: number
  /** One array a frequency: the amplitude of the sine (1 is full scale) at the middle of each step. */
  amplitudes: Float32Array[]
}

export type ToneReading = { frequency: number; dbfs: number }
export type TonesAt = { atSample: number; loudest: ToneReading | null; sounding: ToneReading[] }

const WINDOW_MS = 20

/**
 * Goertzel's recurrence under a Hann window of 20 ms: tones 100 Hz apart are told from each other. The window is centred
 * on each step, so an edge of a tone is seen at half its amplitude.
 */
export function trackTones(pcm: Pcm, frequencies: readonly number[], stepMs = 10): ToneTrack {
  const mono = monoOf(pcm)
  const stepSamples = Math.max(1, Math.round((stepMs / 1000) * pcm.sampleRate))
  const window = hann(Math.round((WINDOW_MS / 1000) * pcm.sampleRate))
  const steps = Math.floor(lengthOf(pcm) / stepSamples)
  const amplitudes = frequencies.map((frequency) => {
    const levels = new Float32Array(steps)
    for (let step = 0; step < steps; step++) {
      const middle = step * stepSamples + Math.floor(stepSamples / 2)
      levels[step] = toneAmplitude(mono, middle, frequency, pcm.sampleRate, window)
    }
    return levels
  })
  return { sampleRate: pcm.sampleRate, frequencies, stepSamples, amplitudes }
}

/** The readings of each step as levels: those above the floor, and the loudest of them. */
export function tonesAt(pcm: Pcm, frequencies: readonly number[], floorDbfs = -50, stepMs = 10): TonesAt[] {
  const track = trackTones(pcm, frequencies, stepMs)
  const steps = track.amplitudes[0]?.length ?? 0
  return Array.from({ length: steps }, (_, step) => {
    const sounding = frequencies
      .map((frequency, index) => ({ frequency, dbfs: dbOf(track.amplitudes[index]![step]!) }))
      .filter(({ dbfs }) => dbfs >= floorDbfs)
      .sort((a, b) => b.dbfs - a.dbfs)
    return { atSample: step * track.stepSamples, loudest: sounding[0] ?? null, sounding }
  })
}

/** The amplitude of one frequency around a sample. Samples beyond the ends count as silence. */
export function toneAmplitude(
  mono: Float32Array,
  middleSample: number,
  frequency: number,
  sampleRate: number,
  window: Float64Array,
): number {
  const omega = (2 * Math.PI * frequency) / sampleRate
  const coefficient = 2 * Math.cos(omega)
  const from = middleSample - (window.length >> 1)
  let older = 0
  let newer = 0
  for (let i = 0; i < window.length; i++) {
    const next = (mono[from + i] ?? 0) * window[i]! + coefficient * newer - older
    older = newer
    newer = next
  }
  const power = newer * newer + older * older - coefficient * newer * older
  // A Hann window's mean is one half: half of the sine's amplitude times half of the length.
  return (4 * Math.sqrt(Math.max(0, power))) / window.length
}

export function hann(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / length))
}
