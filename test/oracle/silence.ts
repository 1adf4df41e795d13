import { lengthOf, type Pcm, type Span } from './pcm.ts'

export type SilenceOptions = {
  /** Root mean square of a block below which it is silent. Default -60. */
  belowDbfs?: number
  /** Shorter ones are not told. Default 50. */
  leastMs?: number
}

/** Where no channel carries sound: spans of silent 5 ms blocks, so ends are exact to 5 ms. */
export function findSilences(pcm: Pcm, { belowDbfs = -60, leastMs = 50 }: SilenceOptions = {}): Span[] {
  const block = Math.round(pcm.sampleRate / 200)
  const powerLimit = 10 ** (belowDbfs / 10)
  const length = lengthOf(pcm)
  const spans: Span[] = []
  let silentFrom: number | null = null
  const close = (toSample: number): void => {
    if (silentFrom !== null && toSample - silentFrom >= (leastMs / 1000) * pcm.sampleRate)
      spans.push({ fromSample: silentFrom, toSample })
    silentFrom = null
  }
  for (let from = 0; from < length; from += block) {
    const to = Math.min(length, from + block)
    if (pcm.channels.every((samples) => meanPower(samples, from, to) < powerLimit)) silentFrom ??= from
    else close(from)
  }
  close(length)
  return spans
}

function meanPower(samples: Float32Array, from: number, to: number): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += samples[i]! * samples[i]!
  return sum / (to - from)
}
