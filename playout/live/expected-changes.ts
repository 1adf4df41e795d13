import { msOfSample } from '../../media/timeline.ts'
import type { Handoff } from '../../schemas/live.ts'
import type { Transition } from './live-air.ts'

type Expected = { sessionId: string; kind: Handoff['kind']; atSample: number; orderedMs: number | null }
const EXPECTED_MAX = 32

/** What was commanded, to know a change by when the mixer has measured it. */
export class ExpectedChanges {
  private expected: Expected[] = []

  add(expected: Expected): void {
    this.expected = [...this.expected, expected].slice(-EXPECTED_MAX)
  }

  /** The change as people are told of it; null when nothing of the kind was commanded. */
  handoffOf({ sessionId, atSample, untilSample, gapSamples, overlapSamples }: Transition): Handoff | null {
    const distanceOf = (one: Expected): number => Math.abs(one.atSample - atSample)
    const expected = this.expected
      .filter((one) => one.sessionId === sessionId)
      .reduce<Expected | null>((best, one) => (best && distanceOf(best) < distanceOf(one) ? best : one), null)
    if (!expected) return null
    const { kind, orderedMs } = expected
    return {
      kind,
      sessionId,
      atSample,
      atMs: msOfSample(atSample),
      gapMs: gapSamples / 48,
      overlapMs: overlapSamples / 48,
      clickToAirMs: orderedMs === null ? null : Math.max(0, msOfSample(untilSample) - orderedMs),
    }
  }
}
