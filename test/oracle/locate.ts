import { fft, inverseFft } from './fft.ts'

export type Location = {
  /** The sample of the reference at which the piece begins. */
  offset: number
  /** Normalised correlation there: 1 is the same sound at any level. */
  match: number
}

export type Locator = {
  /** Where a piece of sound is in the reference, anywhere in it. Null for a silent piece. */
  find(piece: Float32Array): Location | null
  /** How well it fits at one offset, give or take `slack` samples. */
  at(piece: Float32Array, offset: number, slack: number): Location
}

/** The search is done at a sixth of the rate (8 kHz of 48), then made exact at full rate. */
const DECIMATION = 6

/** Finds pieces of a recording in a reference of up to some minutes by normalised cross-correlation through the Fourier transform. */
export function createLocator(reference: Float32Array, pieceSamplesMax: number): Locator {
  const coarse = decimate(reference)
  const size = 2 ** Math.ceil(Math.log2(coarse.length + pieceSamplesMax / DECIMATION + 1))
  const spectrumReal = padded(coarse, size)
  const spectrumImaginary = new Float64Array(size)
  fft(spectrumReal, spectrumImaginary)
  const energies = runningEnergy(coarse)

  const at = (piece: Float32Array, offset: number, slack: number): Location => {
    let best: Location = { offset, match: -1 }
    for (let candidate = offset - slack; candidate <= offset + slack; candidate++) {
      const match = correlation(piece, reference, candidate)
      if (match > best.match) best = { offset: candidate, match }
    }
    return best
  }

  return {
    at,
    find(piece) {
      const coarsePiece = decimate(piece)
      const pieceEnergy = coarsePiece.reduce((sum, sample) => sum + sample * sample, 0)
      if (pieceEnergy < 1e-9 * coarsePiece.length) return null
      const real = padded(coarsePiece, size)
      const imaginary = new Float64Array(size)
      fft(real, imaginary)
      for (let i = 0; i < size; i++) {
        const re = spectrumReal[i]! * real[i]! + spectrumImaginary[i]! * imaginary[i]!
        const im = spectrumImaginary[i]! * real[i]! - spectrumReal[i]! * imaginary[i]!
        real[i] = re
        imaginary[i] = im
      }
      inverseFft(real, imaginary)
      const peaks: Location[] = []
      for (let lag = 0; lag + coarsePiece.length <= coarse.length; lag++) {
        const energy = energies[lag + coarsePiece.length]! - energies[lag]!
        if (energy <= 0) continue
        const match = real[lag]! / Math.sqrt(energy * pieceEnergy)
        const weakest = peaks.at(-1)
        if (peaks.length >= CANDIDATES && match <= weakest!.match) continue
        const near = peaks.findIndex(({ offset }) => Math.abs(offset - lag) < 4)
        if (near >= 0 && peaks[near]!.match >= match) continue
        if (near >= 0) peaks.splice(near, 1)
        peaks.push({ offset: lag, match })
        peaks.sort((a, b) => b.match - a.match)
        if (peaks.length > CANDIDATES) peaks.pop()
      }
      const exact = peaks.map(({ offset }) => at(piece, offset * DECIMATION, 2 * DECIMATION))
      return exact.sort((a, b) => b.match - a.match)[0] ?? { offset: 0, match: 0 }
    },
  }
}

/** Peaks that are looked at closely: on periodic sound many are nearly equal. */
const CANDIDATES = 5

function decimate(samples: Float32Array): Float64Array {
  return Float64Array.from({ length: Math.floor(samples.length / DECIMATION) }, (_, i) => {
    let sum = 0
    for (let k = 0; k < DECIMATION; k++) sum += samples[i * DECIMATION + k]!
    return sum / DECIMATION
  })
}

function padded(samples: Float64Array, size: number): Float64Array {
  const whole = new Float64Array(size)
  whole.set(samples)
  return whole
}

function runningEnergy(samples: Float64Array): Float64Array {
  const sums = new Float64Array(samples.length + 1)
  for (let i = 0; i < samples.length; i++) sums[i + 1] = sums[i]! + samples[i]! * samples[i]!
  return sums
}

function correlation(piece: Float32Array, reference: Float32Array, offset: number): number {
  if (offset < 0 || offset + piece.length > reference.length) return -1
  let both = 0
  let a = 0
  let b = 0
  for (let i = 0; i < piece.length; i++) {
    const x = piece[i]!
    const y = reference[offset + i]!
    both += x * y
    a += x * x
    b += y * y
  }
  return a === 0 || b === 0 ? (a === b ? 1 : 0) : both / Math.sqrt(a * b)
}
