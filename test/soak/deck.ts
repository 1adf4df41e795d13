/** Playout that dies twice within a minute is meant to give up the item on air: that is another test's. */
export const PLAYOUT_KILLS_APART_MS = 61_000

export type Card = { killsPlayout: boolean }

/**
 * Every fault once, in an order of chance, then all of them again. One that may not be dealt yet stays in hand for later.
 * `below(n)` gives a whole number from 0 up to, not including, n.
 */
export class Deck<T extends Card> {
  private readonly cards: readonly T[]
  private readonly below: (limit: number) => number
  private hand: T[] = []
  private playoutStartedMs: number

  /** Playout's first start counts: one that dies soon after it counts as a crash too. */
  constructor(cards: readonly T[], below: (limit: number) => number, playoutStartedMs: number) {
    this.cards = cards
    this.below = below
    this.playoutStartedMs = playoutStartedMs
  }

  /** Null when none may be dealt at this moment. */
  deal(nowMs: number): T | null {
    const mayKillPlayout = nowMs - this.playoutStartedMs >= PLAYOUT_KILLS_APART_MS
    const allowed = (card: T): boolean => mayKillPlayout || !card.killsPlayout
    if (!this.hand.some(allowed) && this.cards.some(allowed)) this.hand.push(...this.cards)
    const choices = this.hand.filter(allowed)
    if (choices.length === 0) return null
    const card = choices[this.below(choices.length)]!
    this.hand.splice(this.hand.indexOf(card), 1)
    return card
  }

  /** Playout was killed and has come back. */
  playoutStarted(nowMs: number): void {
    this.playoutStartedMs = nowMs
  }
}
