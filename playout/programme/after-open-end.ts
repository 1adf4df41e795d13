import { SAMPLE_RATE } from '../../media/timeline.ts'
import type { Placement } from './placement.ts'

/** How often it is thought over. */
const THOUGHT_SAMPLES = SAMPLE_RATE
/** It is looked so far ahead that a decoder is ready long before it is needed, in steps in which no item comes and goes unseen. */
const AHEAD_SAMPLES = 8 * SAMPLE_RATE
const STEP_SAMPLES = 2 * SAMPLE_RATE

/** What would come next, if what has the air with an open end gave it back now or within the next seconds: to be kept decoded. */
export class AfterOpenEnd {
  private readonly followerAt: (sample: number) => Placement | null
  private followers: readonly Placement[] = []
  private thoughtSample = Number.NEGATIVE_INFINITY

  constructor(followerAt: (sample: number) => Placement | null) {
    this.followerAt = followerAt
  }

  /** Each item once, the one that would come now first. */
  at(mixedUntilSample: number): readonly Placement[] {
    if (mixedUntilSample - this.thoughtSample < THOUGHT_SAMPLES) return this.followers
    this.thoughtSample = mixedUntilSample
    const followers = new Map<string, Placement>()
    for (let ahead = 0; ahead <= AHEAD_SAMPLES; ahead += STEP_SAMPLES) {
      const follower = this.followerAt(mixedUntilSample + ahead)
      const key = `${follower?.cueInSample} ${follower?.path}`
      if (follower?.path && !followers.has(key)) followers.set(key, follower)
    }
    this.followers = [...followers.values()]
    return this.followers
  }

  /** What was thought last. */
  get last(): readonly Placement[] {
    return this.followers
  }

  thinkAgain(): void {
    this.thoughtSample = Number.NEGATIVE_INFINITY
  }
}
