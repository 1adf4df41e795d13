import type { FoundFile } from './scan.ts'

/** Tells files at rest from files that are still being copied. */
export class SettleRule {
  private readonly seen = new Map<string, { fingerprint: string; sinceMs: number }>()

  constructor(private readonly settleMs: number) {}

  /**
   * At rest: changed long enough ago by the wall clock, or seen unchanged for as long (another machine's clock may be ahead,
   * and copying may keep the original's date).
   */
  isSettled(file: FoundFile, moment: { wallMs: number; monotonicMs: number }): boolean {
    if (moment.wallMs - file.modifiedMs >= this.settleMs) return true
    const before = this.seen.get(file.file)
    if (before?.fingerprint === file.fingerprint) return moment.monotonicMs - before.sinceMs >= this.settleMs
    this.seen.set(file.file, { fingerprint: file.fingerprint, sinceMs: moment.monotonicMs })
    return false
  }

  forgetAllBut(files: ReadonlyMap<string, unknown>): void {
    for (const file of this.seen.keys()) if (!files.has(file)) this.seen.delete(file)
  }
}
