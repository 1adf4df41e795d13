import { describe, expect, it } from 'vitest'
import { KWeighting, lufsOfPower } from '../../../playout/live/k-weighting.ts'
import { Leveller } from '../../../playout/live/leveller.ts'

const BLOCK = 1_024
const SECOND_BLOCKS = 48_000 / BLOCK

/** Twenty periods of a tone on both sides: at an amplitude of one it stands at 0 LUFS. */
const TONE = Float32Array.from({ length: BLOCK * 2 }, (_, index) => Math.sin((40 * Math.PI * (index >> 1)) / BLOCK))
const toneAt = (amplitudeDb: number): Float32Array => TONE.map((level) => level * 10 ** (amplitudeDb / 20))

/** Plays tones of some loudness for some seconds each; the gain at the end of each block. */
function play(leveller: Leveller, parts: { db: number; seconds: number }[]): number[] {
  const gains: number[] = []
  for (const { db, seconds } of parts)
    for (let block = 0; block < seconds * SECOND_BLOCKS; block++) {
      leveller.process(toneAt(db), BLOCK)
      gains.push(leveller.state.gainDb)
    }
  return gains
}

describe('loudness', () => {
  it('of a stereo tone of about 1 kHz at full scale is 0 LUFS, less what the ear filter takes of it', () => {
    const weighting = new KWeighting()
    let power = 0
    for (let block = 0; block < 50; block++) power = weighting.power(toneAt(0), BLOCK)
    expect(lufsOfPower(power)).toBeCloseTo(-0.1, 1)
  })
})

describe('the leveller', () => {
  it('brings a quiet voice up to the station, and a loud one down, in seconds and not in a jump', () => {
    const quiet = play(new Leveller(-16, null), [{ db: -22, seconds: 30 }])
    expect(quiet[Math.round(SECOND_BLOCKS)]).toBe(0)
    expect(quiet.at(-1)).toBeCloseTo(6, 0)
    const loud = play(new Leveller(-16, null), [{ db: -8, seconds: 30 }])
    expect(loud.at(-1)).toBeCloseTo(-8, 0)
    for (const gains of [quiet, loud])
      expect(Math.max(...gains.map((gain, index) => Math.abs(gain - (gains[index - 1] ?? 0))))).toBeLessThan(0.04)
  })

  it('has its bounds', () => {
    expect(play(new Leveller(-16, null), [{ db: -45, seconds: 60 }]).at(-1)).toBeCloseTo(9, 5)
    expect(play(new Leveller(-30, null), [{ db: -3, seconds: 60 }]).at(-1)).toBeCloseTo(-12, 5)
  })

  it('stands still in a pause, and does not pump between words', () => {
    const leveller = new Leveller(-16, null)
    play(leveller, [{ db: -22, seconds: 40 }])
    const words = Array.from({ length: 20 }, () => [
      { db: -22, seconds: 1 },
      { db: -70, seconds: 0.5 },
    ]).flat()
    const gains = [...play(leveller, words), ...play(leveller, [{ db: -60, seconds: 30 }])]
    expect(Math.max(...gains) - Math.min(...gains)).toBeLessThan(1.5)
  })

  it('goes on after a restart as if nothing had been', () => {
    const first = new Leveller(-16, null)
    play(first, [{ db: -22, seconds: 40 }])
    const second = new Leveller(-16, first.state)
    const before = toneAt(-22)
    const after = toneAt(-22)
    first.process(before, BLOCK)
    second.process(after, BLOCK)
    expect(after.at(-1)).toBeCloseTo(before.at(-1)!, 3)
  })

  it('is not put out by what is no number', () => {
    const leveller = new Leveller(-16, null)
    play(leveller, [{ db: -22, seconds: 10 }])
    leveller.process(new Float32Array(BLOCK * 2).fill(Number.NaN), BLOCK)
    expect(play(leveller, [{ db: -22, seconds: 20 }]).at(-1)).toBeCloseTo(6, 0)
  })
})
