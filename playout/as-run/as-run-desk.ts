import { FRAME_SAMPLES } from '../../media/timeline.ts'
import type { AsRunEntry } from '../../schemas/rundown.ts'
import { asRunEntryOf, type Placement } from '../programme/placement.ts'
import { AsRunLog } from './as-run-log.ts'

/** The log of what really played, written from placements as they end, and read together with what sounds now. */
export class AsRunDesk {
  private readonly log: AsRunLog
  private readonly generation: number

  constructor(directory: string, timeZone: string, generation: number) {
    this.log = new AsRunLog(directory, timeZone)
    this.generation = generation
  }

  /** Notes what has ended. The answer is why it could not be written, or null. */
  note(placements: readonly Placement[], mixedUntilSample: number): string | null {
    for (const placement of placements) {
      if (placement.logged || placement.endSample > mixedUntilSample) continue
      placement.logged = true
      this.log.append(asRunEntryOf(placement, placement.endSample, this.generation))
    }
    return this.log.flush()
  }

  /** After a gap nothing goes on: what sounded at its beginning ended there. The answer is what to go on with. */
  afterGap(placements: readonly Placement[], startSample: number, framesLost: number): readonly Placement[] {
    const covered = Math.max(0, ...placements.map(({ endSample }) => endSample))
    if (framesLost === 0 && covered > startSample) return placements
    const lostFromSample = startSample - framesLost * FRAME_SAMPLES
    for (const placement of placements) {
      if (placement.logged || placement.startSample >= lostFromSample) continue
      const cut = { ...placement, endReason: 'Playout was dead.' }
      this.log.append(asRunEntryOf(cut, Math.min(placement.endSample, lostFromSample), this.generation))
    }
    return []
  }

  /** Entries that are over, then what has begun, as far as it has sounded: in a crossfade two. The one on air is last. */
  entries(
    query: { day: string } | { sinceSample: number },
    placements: readonly Placement[],
    heardSample: number,
  ): AsRunEntry[] {
    const ended = 'day' in query ? this.log.ofDay(query.day) : this.log.since(query.sinceSample)
    const begun = placements.filter(
      ({ logged, startSample }) =>
        !logged && startSample <= heardSample && ('sinceSample' in query || this.log.dayOf(startSample) === query.day),
    )
    return [...ended, ...begun.map((one) => asRunEntryOf(one, Math.min(one.endSample, heardSample), this.generation))]
  }
}
