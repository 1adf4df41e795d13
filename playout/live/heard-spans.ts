import { SAMPLE_RATE, SEGMENT_SAMPLES } from '../../media/timeline.ts'

export type HeardSpan = { startSample: number; endSample: number }

/** Spans are remembered until their segments are surely sealed. */
const REMEMBERED_SAMPLES = 120 * SAMPLE_RATE

/** Where a voice sounded, lately: for the markers of segments. */
export class HeardSpans {
  private spans: HeardSpan[]

  constructor(saved: readonly HeardSpan[]) {
    this.spans = [...saved]
  }

  get all(): HeardSpan[] {
    return this.spans
  }

  add({ startSample, endSample }: HeardSpan): void {
    this.spans.push({ startSample, endSample })
  }

  forgetBefore(fromSample: number): void {
    const horizon = fromSample - REMEMBERED_SAMPLES
    if (this.spans.some(({ endSample }) => endSample < horizon))
      this.spans = this.spans.filter(({ endSample }) => endSample >= horizon)
  }

  /** Who has the air in a segment: `live` when any voice sounded in it, or one of those that sound now does. */
  cueOfSegment(segment: number, sounding: readonly HeardSpan[]): 'programme' | 'live' {
    const from = segment * SEGMENT_SAMPLES
    const isIn = ({ startSample, endSample }: HeardSpan): boolean =>
      startSample < from + SEGMENT_SAMPLES && endSample > from
    return this.spans.some(isIn) || sounding.some(isIn) ? 'live' : 'programme'
  }
}
