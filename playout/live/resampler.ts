/**
 * Windowed-sinc interpolation for ratios near one, as drifting clocks need it: the band is not narrowed, a position on a sample gives that
 * sample exactly, and what lies between is read from a table of filters, interpolated between its rows.
 */
export const TAPS_BEFORE = 15
export const TAPS_AFTER = 16
const TAPS = TAPS_BEFORE + TAPS_AFTER + 1
const PHASES = 512
/** Of the Kaiser window: 95 dB and more of what the filter is to stop. */
const KAISER_BETA = 9.5
const table = filters()

/**
 * Fills `samples` stereo pairs, reading at `position`, `position + ratio`, … of the input (pairs). The input must hold TAPS_BEFORE pairs
 * before the first position and TAPS_AFTER after the last one.
 */
export function resample(
  input: Float32Array,
  position: number,
  ratio: number,
  output: Float32Array,
  samples: number,
): void {
  if (ratio === 1 && Number.isInteger(position)) {
    output.set(input.subarray(position * 2, (position + samples) * 2))
    return
  }
  for (let index = 0; index < samples; index++) {
    const at = position + index * ratio
    const whole = Math.floor(at)
    const phase = (at - whole) * PHASES
    const row = Math.floor(phase)
    const between = phase - row
    let filter = row * TAPS
    let pair = (whole - TAPS_BEFORE) * 2
    let left = 0
    let right = 0
    for (const end = filter + TAPS; filter < end; filter++) {
      const low = table[filter]!
      const weight = low + (table[filter + TAPS]! - low) * between
      left += weight * input[pair]!
      right += weight * input[pair + 1]!
      pair += 2
    }
    output[index * 2] = left
    output[index * 2 + 1] = right
  }
}

/** One row a phase, and one more, which is the first one shifted by a tap. Each row sums to one. */
function filters(): Float64Array {
  const rows = new Float64Array((PHASES + 1) * TAPS)
  for (let phase = 0; phase <= PHASES; phase++) {
    const row = rows.subarray(phase * TAPS, (phase + 1) * TAPS)
    for (let tap = 0; tap < TAPS; tap++) {
      const distance = tap - TAPS_BEFORE - phase / PHASES
      const across = distance / (TAPS / 2)
      const window = Math.abs(across) >= 1 ? 0 : bessel(KAISER_BETA * Math.sqrt(1 - across * across))
      row[tap] = sinc(distance) * window
    }
    const sum = row.reduce((total, weight) => total + weight, 0)
    for (let tap = 0; tap < TAPS; tap++) row[tap]! /= sum
  }
  return rows
}

function sinc(distance: number): number {
  if (Number.isInteger(distance)) return distance === 0 ? 1 : 0
  return Math.sin(Math.PI * distance) / (Math.PI * distance)
}

/** Modified Bessel function of the first kind, order zero, by its series. */
function bessel(x: number): number {
  let term = 1
  let sum = 1
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}
