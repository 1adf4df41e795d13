/**
 * The newest pieces of sound that could not be sent: after a short break they go out first, so that nothing of it is missing. Older
 * ones are dropped and counted: what is late is not live.
 */
export class Backlog {
  readonly #max: number
  #pieces: ArrayBuffer[] = []
  dropped = 0

  constructor(piecesMax: number) {
    this.#max = piecesMax
  }

  add(piece: ArrayBuffer): void {
    this.#pieces.push(piece)
    if (this.#pieces.length <= this.#max) return
    this.#pieces.shift()
    this.dropped += 1
  }

  /** All of it, oldest first; then it is empty. */
  take(): ArrayBuffer[] {
    const pieces = this.#pieces
    this.#pieces = []
    return pieces
  }
}
