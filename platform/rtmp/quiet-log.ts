import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'

const QUIET_MS = 60_000

/** Warns at most once a minute for each kind of trouble, so that an attack fills no disk; says how many were left out. */
export class QuietLog {
  readonly #log: Logger
  readonly #clock: Clock
  readonly #kinds = new Map<string, { saidMs: number; leftOut: number }>()

  constructor(log: Logger, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  /** Kinds are a fixed few words of our own, never a peer's. */
  warn(kind: string, facts: Record<string, unknown>, sentence: string): void {
    const nowMs = this.#clock.monotonicMs()
    const known = this.#kinds.get(kind)
    if (known && nowMs - known.saidMs < QUIET_MS) {
      known.leftOut += 1
      return
    }
    this.#kinds.set(kind, { saidMs: nowMs, leftOut: 0 })
    this.#log.warn({ ...facts, kind, ...(known?.leftOut ? { alikeSince: known.leftOut } : {}) }, sentence)
  }
}
