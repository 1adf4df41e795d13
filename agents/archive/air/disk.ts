import { statfsSync } from 'node:fs'
import type { Clock } from '../../../platform/clock.ts'
import type { Logger } from '../../../platform/log.ts'
import { limits } from '../limits.ts'

/** Recording goes on again when there is so much more room than the least: otherwise it would flap at the border. */
const ROOM_AGAIN = 1.05

export type DiskState = { mayWrite: boolean; reason: string }

/** Decides whether anything may be written. `minFreeBytes` 0: until the disk is full. */
export function decideDisk(before: DiskState, freeBytes: number, minFreeBytes: number): DiskState {
  const neededBytes = before.mayWrite ? minFreeBytes : minFreeBytes * ROOM_AGAIN
  if (freeBytes >= neededBytes && freeBytes > 0) return { mayWrite: true, reason: 'there is room on the disk' }
  return {
    mayWrite: false,
    reason: `nothing is recorded: ${sizeText(freeBytes)} of disk are free, at least ${sizeText(minFreeBytes)} must stay so`,
  }
}

/** The disk as the archive may use it: it stops in time, and it stops when a write fails. */
export class Disk {
  readonly #folder: string
  readonly #minFreeBytes: () => number
  readonly #clock: Clock
  readonly #log: Logger
  #state: DiskState = { mayWrite: true, reason: 'there is room on the disk' }
  #failure: { reason: string; untilMs: number } | null = null
  freeBytes = 0

  constructor(folder: string, minFreeBytes: () => number, clock: Clock, log: Logger) {
    this.#folder = folder
    this.#minFreeBytes = minFreeBytes
    this.#clock = clock
    this.#log = log
  }

  /** Looks how much is free. */
  look(): void {
    try {
      const { bavail, bsize } = statfsSync(this.#folder)
      this.freeBytes = bavail * bsize
    } catch (error) {
      this.failed(error as Error)
      return
    }
    const next = decideDisk(this.#state, this.freeBytes, this.#minFreeBytes())
    if (next.mayWrite !== this.#state.mayWrite) this.#log[next.mayWrite ? 'info' : 'error'](next.reason)
    this.#state = next
    if (this.#failure && this.#clock.monotonicMs() > this.#failure.untilMs) this.#failure = null
  }

  /** A write has failed: the disk is left alone for a while. */
  failed(error: Error): void {
    const reason = `nothing is recorded: the disk can't be written to (${error.message})`
    if (!this.#failure) this.#log.error(reason)
    this.#failure = { reason, untilMs: this.#clock.monotonicMs() + limits.diskPauseMs }
  }

  /** Null while all is well; otherwise what is wrong, in a sentence. */
  alarm(): string | null {
    return this.#failure?.reason ?? (this.#state.mayWrite ? null : this.#state.reason)
  }

  /** Whether so many bytes may be written, without anybody going short. */
  hasRoomFor(bytes: number): boolean {
    return this.alarm() === null && this.freeBytes - bytes >= this.#minFreeBytes()
  }
}

const sizeText = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${Math.round(bytes / 1e6)} MB`
