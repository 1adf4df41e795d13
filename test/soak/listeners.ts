import { systemClock } from '../../platform/clock.ts'
import type { Station } from '../end-to-end/support/station.ts'
import { type Heard, Listener } from './listener.ts'

/**
 * Somebody listens all the while. A listener remembers all that it heard, so one takes over from another now and then, in time to hear the
 * same segments once more; what the one before heard is judged and let go.
 */
export class Listeners {
  readonly reports: Heard[] = []
  private readonly station: Station
  private readonly isExcused: () => boolean
  private current: Listener | null = null
  private beganMs = 0
  private readonly before = { stallMs: 0, gapMs: 0, repeatMs: 0 }

  constructor(station: Station, isExcused: () => boolean) {
    this.station = station
    this.isExcused = isExcused
  }

  /** Begins, or hands over. Resolves when the new listener hears, and the old one's report is made. */
  async change(): Promise<void> {
    const old = this.current
    const next = new Listener(this.station, this.isExcused)
    await next.hears
    this.current = next
    this.beganMs = systemClock.monotonicMs()
    if (old) await this.conclude(old)
  }

  get listenedMs(): number {
    return systemClock.monotonicMs() - this.beganMs
  }

  async end(): Promise<void> {
    const last = this.current
    this.current = null
    if (last) await this.conclude(last)
  }

  soFar(): { stallMs: number; gapMs: number; repeatMs: number } {
    const { current, before } = this
    return {
      stallMs: before.stallMs + (current?.tally.stallMs(systemClock.monotonicMs()) ?? 0),
      gapMs: before.gapMs + (current?.tally.gapMs ?? 0),
      repeatMs: before.repeatMs + (current?.tally.repeatMs ?? 0),
    }
  }

  takeLeastBufferMs(): number | null {
    return this.current?.tally.takeLeastBufferMs(systemClock.monotonicMs()) ?? null
  }

  private async conclude(listener: Listener): Promise<void> {
    listener.end()
    this.before.stallMs += listener.tally.stallMs(systemClock.monotonicMs())
    this.before.gapMs += listener.tally.gapMs
    this.before.repeatMs += listener.tally.repeatMs
    this.reports.push(await listener.heard)
  }
}
