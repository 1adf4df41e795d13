import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../media/rtmp/seeded-random.ts'
import { Deck, PLAYOUT_KILLS_APART_MS } from './deck.ts'

const cards = [
  { name: 'playout dies', killsPlayout: true },
  ...['a', 'b', 'c', 'd'].map((name) => ({ name, killsPlayout: false })),
]
const EVERY_MS = 20_000

function deal(seed: number, turns: number): { name: string; atMs: number }[] {
  const random = new SeededRandom(seed)
  const deck = new Deck(cards, (limit) => random.below(limit), 0)
  return Array.from({ length: turns }, (_, turn) => {
    const atMs = turn * EVERY_MS
    const { name, killsPlayout } = deck.deal(atMs)!
    if (killsPlayout) deck.playoutStarted(atMs + 2_000)
    return { name, atMs }
  })
}

describe('the order of faults', () => {
  it.each([1, 2, 3, 40, 500])('seed %d: none is left out, and playout is not killed twice within a minute', (seed) => {
    const dealt = deal(seed, 100)
    for (const { name } of cards) expect(dealt.filter((one) => one.name === name).length).toBeGreaterThanOrEqual(15)
    const kills = dealt.filter(({ name }) => name === 'playout dies').map(({ atMs }) => atMs)
    expect(kills[0]).toBeGreaterThanOrEqual(PLAYOUT_KILLS_APART_MS)
    for (const [index, atMs] of kills.slice(1).entries())
      expect(atMs - kills[index]!).toBeGreaterThanOrEqual(PLAYOUT_KILLS_APART_MS + 2_000)
  })

  it('deals nothing when only what must wait is left', () => {
    const deck = new Deck(cards.slice(0, 1), () => 0, 0)
    expect(deck.deal(PLAYOUT_KILLS_APART_MS - 1)).toBeNull()
    expect(deck.deal(PLAYOUT_KILLS_APART_MS)?.name).toBe('playout dies')
    deck.playoutStarted(PLAYOUT_KILLS_APART_MS)
    expect(deck.deal(PLAYOUT_KILLS_APART_MS + 20_000)).toBeNull()
  })

  it('is the same for the same seed, and another for another', () => {
    expect(deal(7, 30)).toEqual(deal(7, 30))
    expect(deal(7, 30)).not.toEqual(deal(9, 30))
  })
})
