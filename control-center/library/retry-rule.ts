import type { FoundFile } from './scan.ts'

const FIRST_WAIT_MS = 60_000
const WAIT_MS_MAX = 3_600_000

/** When to try a file again that failed for a reason outside itself: after a minute, then after twice as long, up to an hour. */
export class RetryRule {
  private readonly failures = new Map<
    string,
    { fingerprint: string; reason: string; notBeforeMs: number; waitMs: number }
  >()

  failed({ file, fingerprint }: FoundFile, reason: string, nowMs: number): void {
    const before = this.failures.get(file)
    const waitMs = before?.fingerprint === fingerprint ? Math.min(WAIT_MS_MAX, before.waitMs * 2) : FIRST_WAIT_MS
    this.failures.set(file, { fingerprint, reason, waitMs, notBeforeMs: nowMs + waitMs })
  }

  forget(file: string): void {
    this.failures.delete(file)
  }

  /** Why the file failed, while it is too early for another try; else null. */
  reasonToWait({ file, fingerprint }: FoundFile, nowMs: number): string | null {
    const failure = this.failures.get(file)
    return failure?.fingerprint === fingerprint && nowMs < failure.notBeforeMs ? failure.reason : null
  }
}
