import type { ProcessActivity } from '../../../platform/process-activity.ts'
import { INGEST_LIMITS } from '../limits.ts'

/** What was given a moment before has woken whoever waits for it. */
const FED_MS = 75
/** A single look may have come late itself. */
const LOOKS_MIN = 4

type Seen = { turns: number; sinceMs: number; looks: number; fedMs: number | null }

/**
 * Tells a decoder that has hung from one that is only slow: a program that is given input and does not so much as wake up for it, for a
 * while in which it wanted no processor and no disk, no longer reads. One that is starved wants a processor; one that has taken its input
 * and owes nothing for it has been awake; on a machine that stood still nobody was looked at. Pure.
 */
export class Standstill {
  private seen: Seen | null = null

  /** It has given something. */
  forget(): void {
    this.seen = null
  }

  /** It was given something. */
  fed(nowMs: number): void {
    if (this.seen) this.seen.fedMs ??= nowMs
  }

  /** True when it stands. To be asked regularly, while it owes something. */
  look(nowMs: number, activity: ProcessActivity | null): boolean {
    if (!activity?.isIdle) {
      this.seen = null
      return false
    }
    const { seen } = this
    if (seen?.turns !== activity.turns) {
      this.seen = { turns: activity.turns, sinceMs: nowMs, looks: 0, fedMs: null }
      return false
    }
    seen.looks += 1
    const isFed = seen.fedMs !== null && nowMs - seen.fedMs >= FED_MS
    return isFed && seen.looks >= LOOKS_MIN && nowMs - seen.sinceMs >= INGEST_LIMITS.decoderStandsMs
  }
}
