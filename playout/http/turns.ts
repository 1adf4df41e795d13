import type { Clock } from '../../platform/clock.ts'

export type TurnLimits = { waitingMax: number; turnMs: number }

/**
 * Work that many ask for at once, done a few milliseconds at a time, so that the air gets its turn in between: a hundred nodes that come
 * back together would else hold it up for seconds.
 */
export class Turns {
  private readonly clock: Clock
  private readonly limits: TurnLimits
  private waiting: (() => void)[] = []
  private isAwaited = false

  constructor(clock: Clock, limits: TurnLimits) {
    this.clock = clock
    this.limits = limits
  }

  /** Rejects with what the work throws; with an error of status 503 when too many wait already. */
  run<T>(work: () => T): Promise<T> {
    if (this.waiting.length >= this.limits.waitingMax)
      return Promise.reject(Object.assign(new Error('Too many ask at once: ask again later.'), { statusCode: 503 }))
    return new Promise((resolve, reject) => {
      this.waiting.push(() => {
        try {
          resolve(work())
        } catch (error) {
          reject(error as Error)
        }
      })
      this.awaitTurn()
    })
  }

  private awaitTurn(): void {
    if (this.isAwaited) return
    this.isAwaited = true
    this.clock.after(1, () => this.turn())
  }

  private turn(): void {
    this.isAwaited = false
    const endsMs = this.clock.monotonicMs() + this.limits.turnMs
    let done = 0
    do this.waiting[done++]?.()
    while (done < this.waiting.length && this.clock.monotonicMs() < endsMs)
    this.waiting = this.waiting.slice(done)
    if (this.waiting.length > 0) this.awaitTurn()
  }
}
