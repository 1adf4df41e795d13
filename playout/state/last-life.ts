import { frameAtMs, frameOfSample, msOfFrame } from '../../media/timeline.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Peer } from '../../schemas/nodes.ts'
import type { NewestFrames } from '../../schemas/playout.ts'
import { limits } from '../limits.ts'
import type { Spool } from '../spool/spool.ts'
import { newestReported } from './reported-frames.ts'
import { type Resume, resumeAt } from './resume.ts'
import type { Checkpoint } from './state-files.ts'

/** Where playout was when it ended, by all that is left of that: the spool, the checkpoint, and what slicers have. */
export class LastLife {
  readonly checkpoint: Checkpoint | null
  /** Slicers whose claims are not believed. */
  readonly doubted: readonly string[]
  private readonly spooled: Record<string, number | null>
  private readonly reported: NewestFrames

  constructor(options: {
    checkpoint: Checkpoint | null
    spooled: Record<string, number | null>
    reported: NewestFrames & { doubted: readonly string[] }
  }) {
    this.checkpoint = options.checkpoint
    this.spooled = options.spooled
    this.reported = options.reported
    this.doubted = options.reported.doubted
  }

  /** The last number that was given out; -1 before the first one ever. */
  get lastNumber(): number {
    const newestOut = Math.max(newestOf(this.spooled), ...Object.values(this.reported.newestFrame))
    return newestOut < 0 ? (this.mixedFrame ?? -1) : newestOut
  }

  get isFirst(): boolean {
    return this.lastNumber < 0
  }

  /** The clock may not be before it: no number is given out twice. */
  get notBeforeMs(): number {
    return this.isFirst ? 0 : msOfFrame(this.lastNumber + 1)
  }

  /** Up always, also with the checkpoint lost and a wall clock that is behind: nodes refuse a lower one. */
  nextGeneration(nowMs: number): number {
    return Math.max((this.checkpoint?.generation ?? 0) + 1, this.reported.generation + 1, Math.floor(nowMs / 1000))
  }

  resume(renditions: readonly string[], nowMs: number, windowSegments: number): Resume {
    return resumeAt({
      spooled: this.spooled,
      reported: this.reported.newestFrame,
      renditions,
      firstAvailableFrame: this.checkpoint?.firstAvailableFrame ?? null,
      mixedFrame: this.mixedFrame,
      nowFrame: frameAtMs(nowMs),
      windowSegments,
    })
  }

  private get mixedFrame(): number | null {
    return this.checkpoint && frameOfSample(this.checkpoint.mixedUntilSample)
  }
}

/** Reads what is on disk, and asks the slicers for a moment. */
export async function lookBack(
  checkpoint: Checkpoint | null,
  spools: ReadonlyMap<string, Spool>,
  peers: readonly Peer[],
  clock: Clock,
): Promise<LastLife> {
  const spooled = Object.fromEntries([...spools].map(([id, { newestFrame }]) => [id, newestFrame]))
  const plausibleFrame = Math.max(newestOf(spooled), frameAtMs(clock.wallMs())) + limits.reportedAheadFramesMax
  return new LastLife({ checkpoint, spooled, reported: await newestReported(peers, clock, plausibleFrame) })
}

const newestOf = (spooled: Record<string, number | null>): number =>
  Math.max(-1, ...Object.values(spooled).map((frame) => frame ?? -1))
