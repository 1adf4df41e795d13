import type { NumberedFrame } from '../../../media/frame-bundle.ts'

/** The frames `next`, `next + 1`, … that an answer holds without a hole, and where it goes on after one. */
export function continuation(
  next: number,
  frames: readonly NumberedFrame[],
): { frames: NumberedFrame[]; resumesAt: number | null } {
  const taken: NumberedFrame[] = []
  for (const numbered of frames) {
    const wanted = next + taken.length
    if (numbered.frame < wanted) continue
    if (numbered.frame > wanted) return { frames: taken, resumesAt: numbered.frame }
    taken.push(numbered)
  }
  return { frames: taken, resumesAt: null }
}

/** Whom to ask next: the first one that has not failed lately; when all have, the one whose failure is the longest ago. */
export function chooseSource(
  urls: readonly string[],
  failedAtMs: ReadonlyMap<string, number>,
  nowMs: number,
  shunnedForMs: number,
): string | null {
  const sound = urls.find((url) => nowMs - (failedAtMs.get(url) ?? -Infinity) >= shunnedForMs)
  if (sound !== undefined) return sound
  return [...urls].sort((one, other) => failedAtMs.get(one)! - failedAtMs.get(other)!)[0] ?? null
}
