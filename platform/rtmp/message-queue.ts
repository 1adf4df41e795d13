/** What a waiting message costs beside its body, roughly; so that tiny ones have an end too. */
const MESSAGE_COST_BYTES = 64

type Waiting = { isAudio: boolean; timestampMs: number; body: Uint8Array }

/**
 * Messages that wait for a slow socket: references to bodies that many publishers share, so a stalled one costs little.
 * Full means full: the newest is not taken, those that wait stay in order.
 */
export class MessageQueue {
  readonly #bytesMax: number
  #waiting: Waiting[] = []
  #first = 0
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get length(): number {
    return this.#waiting.length - this.#first
  }

  /** Bodies, and what the messages cost themselves. */
  get bytes(): number {
    return this.#bytes
  }

  /** False when there is no room beside what the socket itself still holds. */
  push(isAudio: boolean, timestampMs: number, body: Uint8Array, bytesElsewhere: number): boolean {
    const bytes = body.length + MESSAGE_COST_BYTES
    if (this.#bytes + bytes + bytesElsewhere > this.#bytesMax) return false
    this.#waiting.push({ isAudio, timestampMs, body })
    this.#bytes += bytes
    return true
  }

  /** Takes the oldest, given to a function so that nothing is allocated for the hand-over. The queue must not be empty. */
  shift<T>(use: (isAudio: boolean, timestampMs: number, body: Uint8Array) => T): T {
    const message = this.#waiting[this.#first]
    if (!message) throw new Error('the queue is empty')
    this.#first += 1
    this.#bytes -= message.body.length + MESSAGE_COST_BYTES
    if (this.#first > 64 && this.#first * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first)
      this.#first = 0
    }
    return use(message.isAudio, message.timestampMs, message.body)
  }

  clear(): void {
    this.#waiting = []
    this.#first = 0
    this.#bytes = 0
  }
}
