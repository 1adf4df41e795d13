import { describe, expect, it } from 'vitest'
import { renderTones, type ToneItem } from './synthetic-tones.ts'
import { hearTurns } from './turns.ts'

const ms = (value: number): number => Math.round(value * 48)
const parties = [
  { name: 'programme', frequencies: [440, 960] },
  { name: 'ada', frequencies: [1480] },
]
const item = (frequency: number, from: number, to: number, fadeIn: number, fadeOut: number): ToneItem => ({
  frequency,
  startSample: ms(from),
  endSample: ms(to),
  fadeInSamples: ms(fadeIn),
  fadeOutSamples: ms(fadeOut),
})

describe('who is heard when', () => {
  it('hears one crossfade into live and one out of it, and songs that follow each other as one party', () => {
    const pcm = renderTones(
      [
        item(440, 0, 2500, 0, 500),
        item(1480, 2000, 5000, 500, 500),
        item(440, 4500, 6000, 500, 300),
        item(960, 5700, 8000, 300, 0),
      ],
      ms(8000),
    )
    const { turns, changes, nobody } = hearTurns(pcm, parties)
    expect(turns.map(({ party }) => party)).toEqual(['programme', 'ada', 'programme'])
    expect(nobody).toEqual([])
    expect(changes).toHaveLength(2)
    for (const change of changes) {
      expect(change.gapMs).toBe(0)
      expect(change.dipDb).toBeGreaterThan(-1)
      expect(Math.abs(change.overlapMs - 500)).toBeLessThan(40)
    }
    expect(Math.abs(changes[0]!.inSample - ms(2000))).toBeLessThan(ms(25))
    expect(Math.abs(changes[1]!.outSample - ms(5000))).toBeLessThan(ms(25))
  })

  it.each([8, 20, 200])('hears a hole of %i ms between the two', (holeMs) => {
    const pcm = renderTones([item(440, 0, 2000, 0, 0), item(1480, 2000 + holeMs, 5000, 0, 0)], ms(5000))
    const { changes, nobody } = hearTurns(pcm, parties)
    expect(nobody).toHaveLength(1)
    expect(Math.abs(changes[0]!.gapMs - holeMs)).toBeLessThan(7)
  })

  it('hears a hole of 4 ms as a dip', () => {
    const pcm = renderTones([item(440, 0, 2000, 0, 0), item(1480, 2004, 5000, 0, 0)], ms(5000))
    expect(hearTurns(pcm, parties).changes[0]!.dipDb).toBeLessThan(-5)
  })

  it('hears someone who comes back for a moment as turns of their own', () => {
    const pcm = renderTones(
      [item(440, 0, 2000, 0, 100), item(1480, 1900, 2300, 100, 100), item(440, 2200, 4000, 100, 0)],
      ms(4000),
    )
    expect(hearTurns(pcm, parties).turns.map(({ party }) => party)).toEqual(['programme', 'ada', 'programme'])
  })
})
