/** Peaks of a sound in columns of equal length, from 16-bit mono samples that come in pieces. */
export class PeakMeter {
  /** 0 … 1. */
  readonly peaks: number[]
  readonly #samples: number
  #at = 0
  #odd: number | null = null

  /** @param samples how many will come in all */
  constructor(columns: number, samples: number) {
    this.peaks = new Array<number>(columns).fill(0)
    this.#samples = Math.max(1, samples)
  }

  /** Little-endian samples. A piece may end in the middle of one. */
  take(bytes: Buffer): void {
    let from = 0
    if (this.#odd !== null && bytes.length > 0) {
      this.#sample(Buffer.from([this.#odd, bytes[0]!]).readInt16LE(0))
      from = 1
    }
    const whole = from + ((bytes.length - from) & ~1)
    for (let at = from; at < whole; at += 2) this.#sample(bytes.readInt16LE(at))
    this.#odd = whole < bytes.length ? bytes[whole]! : bytes.length > 0 ? null : this.#odd
  }

  #sample(value: number): void {
    const column = Math.min(this.peaks.length - 1, Math.floor((this.#at * this.peaks.length) / this.#samples))
    this.peaks[column] = Math.max(this.peaks[column]!, Math.abs(value) / 32_768)
    this.#at += 1
  }
}

const COLUMN_WIDTH = 2
const HEIGHT = 100

/** A picture of the peaks: readable on light and on dark. */
export function waveformSvg(peaks: readonly number[]): string {
  const lines = peaks.map((peak, index) => {
    const half = Math.max(0.5, (peak * HEIGHT) / 2)
    const x = index * COLUMN_WIDTH + COLUMN_WIDTH / 2
    return `M${x} ${(HEIGHT / 2 - half).toFixed(1)}V${(HEIGHT / 2 + half).toFixed(1)}`
  })
  const width = peaks.length * COLUMN_WIDTH
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Waveform"><path d="${lines.join('')}" stroke="#4a86d8" stroke-width="1.5" fill="none"/></svg>\n`
}
