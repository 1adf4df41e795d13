/** Interleaved f32le stereo. */
export const BYTES_PER_PAIR = 8
/** 12 dB above full scale: nothing real is louder, and nothing in the mix may be. */
const SAMPLE_MAX = 4

/**
 * The newest so many sample pairs of an endless row, by their offsets. Memory is taken once; what is written is made safe: numbers
 * that are none become silence, and none is absurdly large.
 */
export class PcmRing {
  readonly #bytes: Buffer
  readonly #floats: Float32Array
  readonly #pairs: number
  #newest = 0

  constructor(pairs: number) {
    this.#pairs = pairs
    // Zeroed by the system page by page, when it is first touched.
    const memory = new ArrayBuffer(pairs * BYTES_PER_PAIR)
    this.#bytes = Buffer.from(memory)
    this.#floats = new Float32Array(memory)
  }

  /** First offset still held. */
  get oldestSample(): number {
    return Math.max(0, this.#newest - this.#pairs)
  }

  /** First offset not yet written. */
  get newestSample(): number {
    return this.#newest
  }

  /** Whole pairs. `seen` is shown each stretch as it lies in the ring. Throws a RangeError for half pairs. */
  write(samples: Buffer, seen: (floats: Float32Array) => void): void {
    if (samples.length % BYTES_PER_PAIR !== 0) throw new RangeError(`${samples.length} bytes are no whole pairs`)
    for (let at = 0; at < samples.length; ) {
      const start = (this.#newest % this.#pairs) * BYTES_PER_PAIR
      const length = samples.copy(this.#bytes, start, at)
      const floats = this.#floats.subarray(start / 4, (start + length) / 4)
      makeSafe(floats)
      this.#newest += length / BYTES_PER_PAIR
      at += length
      seen(floats)
    }
  }

  /** A copy of what is held from an offset on, at most so many bytes. The offset must be held. */
  read(from: number, bytesMax: number): Buffer {
    if (from < this.oldestSample || from > this.#newest) throw new RangeError(`offset ${from} is not held`)
    const pairs = Math.min(this.#newest - from, Math.floor(bytesMax / BYTES_PER_PAIR))
    const start = (from % this.#pairs) * BYTES_PER_PAIR
    const copy = Buffer.allocUnsafe(pairs * BYTES_PER_PAIR)
    const copied = this.#bytes.copy(copy, 0, start, Math.min(start + copy.length, this.#bytes.length))
    if (copied < copy.length) this.#bytes.copy(copy, copied, 0, copy.length - copied)
    return copy
  }
}

function makeSafe(floats: Float32Array): void {
  for (let index = 0; index < floats.length; index++) {
    const value = floats[index]!
    if (value >= -SAMPLE_MAX && value <= SAMPLE_MAX) continue
    floats[index] = Number.isFinite(value) ? Math.sign(value) * SAMPLE_MAX : 0
  }
}
