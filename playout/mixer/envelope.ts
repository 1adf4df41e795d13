/** The span of an item on the timeline, with its equal-power fades (cos/sin quarter waves: the powers of two neighbours add up to one). */
export type Span = {
  startSample: number
  /** First sample no longer heard. */
  endSample: number
  fadeInSamples: number
  fadeOutSamples: number
}

/** The gain of an item at a sample of the timeline, 0 to 1. */
export function gainAt(span: Span, sample: number): number {
  if (sample < span.startSample || sample >= span.endSample) return 0
  const since = sample - span.startSample
  const left = span.endSample - sample
  const rising = since < span.fadeInSamples ? Math.sin(((since + 0.5) / span.fadeInSamples) * (Math.PI / 2)) : 1
  const falling = left <= span.fadeOutSamples ? Math.sin(((left - 0.5) / span.fadeOutSamples) * (Math.PI / 2)) : 1
  return rising * falling
}

/** Adds `samples` pairs of an item, which begin at the timeline's sample `atSample`, to the mix. */
export function addWithEnvelope(
  mix: Float32Array,
  mixOffset: number,
  item: Float32Array,
  samples: number,
  span: Span,
  atSample: number,
  gain: number,
): void {
  const flat =
    atSample >= span.startSample + span.fadeInSamples && atSample + samples <= span.endSample - span.fadeOutSamples
  for (let index = 0; index < samples; index++) {
    const level = flat ? gain : gain * gainAt(span, atSample + index)
    const at = (mixOffset + index) * 2
    mix[at] = mix[at]! + item[index * 2]! * level
    mix[at + 1] = mix[at + 1]! + item[index * 2 + 1]! * level
  }
}

export const gainOfDb = (db: number): number => 10 ** (db / 20)
