const STEP_MS = 1_000

/**
 * Watches for jumps of the wall clock. nginx stores validity as wall time: after a step back a playlist would be valid for
 * an hour. Give both clocks' readings in milliseconds; true when the wall has moved by more than a second since the last call
 * against monotonic time. Slewing (500 ppm) is far below that.
 */
export function createWallStepDetector(): (wallMs: number, monotonicMs: number) => boolean {
  let last: number | null = null
  return (wallMs, monotonicMs) => {
    const offset = wallMs - monotonicMs
    const hasStepped = last !== null && Math.abs(offset - last) > STEP_MS
    last = offset
    return hasStepped
  }
}
