import Type, { type Static } from 'typebox'

/** Half-open: over it something goes out, by a quarter of a cosine wave. */
export const FadeOut = Type.Object({ fromSample: Type.Integer(), untilSample: Type.Integer() })
export type FadeOut = Static<typeof FadeOut>

/** The span of an item on the timeline, with its equal-power fades (cos/sin quarter waves: the powers of two neighbours add up to one). */
export const Span = Type.Object({
  startSample: Type.Integer(),
  /** First sample no longer heard. */
  endSample: Type.Integer(),
  fadeInSamples: Type.Integer({ minimum: 0 }),
  fadeOutSamples: Type.Integer({ minimum: 0 }),
  /** Where its fade out ends by itself, when something has taken the air from it before. */
  fadeOutEndSample: Type.Optional(Type.Integer()),
  /** What has taken the air from it: it goes out under each, whatever its own fades do meanwhile. */
  takenOver: Type.Optional(Type.Array(FadeOut)),
})
export type Span = Static<typeof Span>

/** The gain of an item at a sample of the timeline, 0 to 1. */
export function gainAt(span: Span, sample: number): number {
  if (sample < span.startSample || sample >= span.endSample) return 0
  const since = sample - span.startSample
  const left = (span.fadeOutEndSample ?? span.endSample) - sample
  const rising = since < span.fadeInSamples ? Math.sin(((since + 0.5) / span.fadeInSamples) * (Math.PI / 2)) : 1
  const falling = left <= span.fadeOutSamples ? Math.sin(((left - 0.5) / span.fadeOutSamples) * (Math.PI / 2)) : 1
  return rising * falling * takenOverAt(span, sample)
}

function takenOverAt({ takenOver }: Span, sample: number): number {
  if (!takenOver) return 1
  let gain = 1
  for (const { fromSample, untilSample } of takenOver) {
    if (sample >= untilSample) return 0
    if (sample >= fromSample)
      gain *= Math.cos(((sample - fromSample + 0.5) / (untilSample - fromSample)) * (Math.PI / 2))
  }
  return gain
}

/** Something takes the air from it over these samples: equal in power to what comes in, also in the middle of a fade of its own. */
export function takeOver(span: Span, fromSample: number, untilSample: number): void {
  span.fadeOutEndSample ??= span.endSample
  span.endSample = Math.min(span.endSample, untilSample)
  span.takenOver = [...(span.takenOver ?? []), { fromSample, untilSample }]
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
    atSample >= span.startSample + span.fadeInSamples &&
    atSample + samples <= (span.fadeOutEndSample ?? span.endSample) - span.fadeOutSamples &&
    !span.takenOver?.some(({ fromSample }) => fromSample < atSample + samples)
  for (let index = 0; index < samples; index++) {
    const level = flat ? gain : gain * gainAt(span, atSample + index)
    const at = (mixOffset + index) * 2
    mix[at] = mix[at]! + item[index * 2]! * level
    mix[at + 1] = mix[at + 1]! + item[index * 2 + 1]! * level
  }
}

export const gainOfDb = (db: number): number => 10 ** (db / 20)
