/**
 * Audio that the mixer reads in order, 48 kHz stereo, interleaved 32-bit floats. A source knows nothing of the timeline:
 * its first sample is the first one that was asked for.
 */
export type Source = {
  /** Sample pairs that can be read now. */
  availableSamples(): number
  /** Reads exactly `samples` pairs into the buffer's beginning; the caller has checked that they are there. */
  read(into: Float32Array, samples: number): void
  /**
   * `open` goes on giving audio; `ended` gives what is available and no more; `failed` likewise, and it is to blame.
   */
  state(): SourceState
  close(): void
}

export type SourceState = { state: 'open' } | { state: 'ended' } | { state: 'failed'; reason: string }
