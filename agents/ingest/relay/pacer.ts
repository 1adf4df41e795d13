import { SAMPLE_RATE } from '../../../media/timeline.ts'
import { BYTES_PER_PAIR } from '../feeds/pcm-ring.ts'
import { RELAY_LIMITS } from '../limits.ts'

const BYTES_PER_MS = (SAMPLE_RATE / 1000) * BYTES_PER_PAIR
/** What is least in hand within this time shows how much there is to spare, whatever the pieces' length. */
const SEEN_MS = 30_000
/** For a second too much, 100 millionths faster. */
const PPM_PER_MS = 0.1

type Held = { samples: Buffer } | { title: string }

/**
 * Makes an even flow of sound that comes in pieces (a segment at a time, or what a server has saved up), with its titles in their places.
 * The pace is real time, but for what it takes to keep the same amount in hand for days: the remote clock is not ours. Pure: time is handed in.
 */
export class Pacer {
  readonly #held: Held[] = []
  #heldBytes = 0
  #isFlowing = false
  #waitsSinceMs: number | null = null
  #atMs = 0
  #owedBytes = 0
  #least = { ms: Number.POSITIVE_INFINITY, sinceMs: 0 }
  #ppm = 0

  get heldMs(): number {
    return this.#heldBytes / BYTES_PER_MS
  }

  /** By how much faster than real time sound is handed on now. */
  get ppm(): number {
    return this.#ppm
  }

  push(samples: Buffer): void {
    this.#held.push({ samples })
    this.#heldBytes += samples.length
  }

  title(title: string): void {
    this.#held.push({ title })
  }

  clear(): void {
    this.#held.length = 0
    this.#heldBytes = 0
    this.#isFlowing = false
    this.#waitsSinceMs = null
  }

  /** What is due now, in its order. Called often. */
  take(nowMs: number): Held[] {
    if (!this.#isFlowing && !this.#mayBegin(nowMs)) return []
    this.#owedBytes += (nowMs - this.#atMs) * BYTES_PER_MS * (1 + this.#ppm / 1e6)
    this.#atMs = nowMs
    const due: Held[] = []
    while (this.#held.length > 0) {
      const first = this.#held[0]!
      if ('title' in first) {
        due.push(first)
        this.#held.shift()
        continue
      }
      const bytes = Math.min(first.samples.length, this.#owedBytes - (this.#owedBytes % BYTES_PER_PAIR))
      if (bytes <= 0) {
        this.#watch(nowMs)
        return due
      }
      due.push({ samples: first.samples.subarray(0, bytes) })
      this.#owedBytes -= bytes
      this.#heldBytes -= bytes
      if (bytes === first.samples.length) this.#held.shift()
      else first.samples = first.samples.subarray(bytes)
    }
    // Run dry: nothing is owed for the time without sound.
    this.#isFlowing = false
    this.#waitsSinceMs = null
    return due
  }

  #mayBegin(nowMs: number): boolean {
    if (this.#heldBytes === 0) return false
    this.#waitsSinceMs ??= nowMs
    if (this.heldMs < RELAY_LIMITS.startMs && nowMs - this.#waitsSinceMs < 1.5 * RELAY_LIMITS.startMs) return false
    this.#isFlowing = true
    this.#atMs = nowMs
    this.#owedBytes = 0
    this.#ppm = 0
    this.#least = { ms: this.heldMs, sinceMs: nowMs }
    return true
  }

  #watch(nowMs: number): void {
    this.#least.ms = Math.min(this.#least.ms, this.heldMs)
    if (nowMs - this.#least.sinceMs < SEEN_MS) return
    const ppm = (this.#least.ms - RELAY_LIMITS.leftMs) * PPM_PER_MS
    this.#ppm = Math.max(-RELAY_LIMITS.pacePpmMax, Math.min(RELAY_LIMITS.pacePpmMax, ppm))
    this.#least = { ms: this.heldMs, sinceMs: nowMs }
  }
}
