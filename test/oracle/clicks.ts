import { dbOf, lengthOf, monoOf, type Pcm } from './pcm.ts'
import { trackTones } from './tone-levels.ts'

export type Click = {
  /** The loudest sample of what the tones cannot explain. */
  atSample: number
  /** Peak of the unexplained part. */
  dbfs: number
}

export type ClickOptions = {
  /** Peak of the unexplained part from which on it is a click. Default -34: codec noise of a tone at -12 dBFS lies below. */
  aboveDbfs?: number
  /** Spans in which clicks are meant to be: hard cuts. */
  except?: { fromSample: number; toSample: number }[]
}

const BLOCK_MS = 10
/** Tones below this are left out of the fit: -60 dBFS. */
const AUDIBLE = 0.001

/**
 * Finds breaks in a tone-coded programme: jumps of a sample, of phase, lost or repeated pieces, even within one tone.
 * Each block of 10 ms is fitted (least squares) with the known frequencies, each with a level and phase of its own that may
 * fade linearly; what the fit leaves over is a click. Blocks overlap by half, so that no break hides between two. Hits closer than a block are told once.
 */
export function findClicks(pcm: Pcm, frequencies: readonly number[], options: ClickOptions = {}): Click[] {
  const limit = 10 ** ((options.aboveDbfs ?? -34) / 20)
  const mono = monoOf(pcm)
  const block = Math.round((BLOCK_MS / 1000) * pcm.sampleRate)
  const hop = block >> 1
  const track = trackTones(pcm, frequencies, BLOCK_MS / 2)
  const clicks: Click[] = []
  for (let from = 0, step = 0; from + block <= lengthOf(pcm); from += hop, step++) {
    const active = frequencies.filter((_, index) =>
      [step - 1, step, step + 1, step + 2].some((near) => (track.amplitudes[index]![near] ?? 0) > AUDIBLE),
    )
    const worst = worstResidual(mono.subarray(from, from + block), active, pcm.sampleRate)
    const atSample = from + worst.offset
    if (worst.amplitude < limit) continue
    if (options.except?.some((span) => atSample >= span.fromSample && atSample < span.toSample)) continue
    const last = clicks.at(-1)
    if (last && atSample - last.atSample < 2 * block) {
      if (dbOf(worst.amplitude) > last.dbfs) Object.assign(last, { atSample, dbfs: dbOf(worst.amplitude) })
    } else clicks.push({ atSample, dbfs: dbOf(worst.amplitude) })
  }
  return clicks
}

function worstResidual(samples: Float32Array, frequencies: readonly number[], sampleRate: number) {
  const columns = frequencies.flatMap((frequency) => basisOf(frequency, sampleRate, samples.length))
  const weights = leastSquares(columns, samples)
  let worst = { offset: 0, amplitude: 0 }
  for (let i = 0; i < samples.length; i++) {
    let left = samples[i]!
    for (let c = 0; c < columns.length; c++) left -= weights[c]! * columns[c]![i]!
    if (Math.abs(left) > worst.amplitude) worst = { offset: i, amplitude: Math.abs(left) }
  }
  return worst
}

const bases = new Map<string, Float64Array[]>()

/** Sine and cosine, each also multiplied by time: a level that changes linearly. The same for every block: phase is free. */
function basisOf(frequency: number, sampleRate: number, length: number): Float64Array[] {
  const key = `${frequency}/${sampleRate}/${length}`
  const known = bases.get(key)
  if (known) return known
  const omega = (2 * Math.PI * frequency) / sampleRate
  const time = (i: number): number => (2 * i) / length - 1
  const made = [
    Float64Array.from({ length }, (_, i) => Math.sin(omega * i)),
    Float64Array.from({ length }, (_, i) => Math.cos(omega * i)),
    Float64Array.from({ length }, (_, i) => time(i) * Math.sin(omega * i)),
    Float64Array.from({ length }, (_, i) => time(i) * Math.cos(omega * i)),
  ]
  bases.set(key, made)
  return made
}

/** Solves the normal equations by Gaussian elimination with a trace of damping, so that near-equal columns do no harm. */
function leastSquares(columns: readonly Float64Array[], samples: Float32Array): number[] {
  const n = columns.length
  const rows = columns.map((column, r) => {
    const row = columns.map((other) => dot(column, other))
    row[r]! += 1e-9 * samples.length
    row.push(dot(column, samples))
    return row
  })
  for (let pivot = 0; pivot < n; pivot++) {
    let best = pivot
    for (let r = pivot + 1; r < n; r++) if (Math.abs(rows[r]![pivot]!) > Math.abs(rows[best]![pivot]!)) best = r
    ;[rows[pivot], rows[best]] = [rows[best]!, rows[pivot]!]
    for (let r = pivot + 1; r < n; r++) {
      const factor = rows[r]![pivot]! / rows[pivot]![pivot]!
      for (let c = pivot; c <= n; c++) rows[r]![c]! -= factor * rows[pivot]![c]!
    }
  }
  const weights = new Array<number>(n).fill(0)
  for (let r = n - 1; r >= 0; r--) {
    let value = rows[r]![n]!
    for (let c = r + 1; c < n; c++) value -= rows[r]![c]! * weights[c]!
    weights[r] = value / rows[r]![r]!
  }
  return weights
}

function dot(a: Float64Array, b: Float64Array | Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
