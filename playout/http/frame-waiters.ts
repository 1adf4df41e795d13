import type { Clock } from '../../platform/clock.ts'

/** Requests that wait for a frame that is not there yet. Bounded in number and time. */
export class FrameWaiters {
  private readonly waiting = new Set<{ rendition: string; frame: number; resolve: () => void }>()
  private readonly clock: Clock
  private readonly waitersMax: number

  constructor(clock: Clock, waitersMax: number) {
    this.clock = clock
    this.waitersMax = waitersMax
  }

  /** Resolves when the frame is there, when the time is over, or at once when too many wait already. */
  wait(rendition: string, frame: number, waitMs: number): Promise<void> {
    if (this.waiting.size >= this.waitersMax) return Promise.resolve()
    return new Promise((done) => {
      const entry = { rendition, frame, resolve: () => {} }
      const cancel = this.clock.after(waitMs, () => entry.resolve())
      entry.resolve = () => {
        cancel()
        this.waiting.delete(entry)
        done()
      }
      this.waiting.add(entry)
    })
  }

  arrived(rendition: string, frame: number): void {
    for (const entry of this.waiting) if (entry.rendition === rendition && entry.frame <= frame) entry.resolve()
  }
}
