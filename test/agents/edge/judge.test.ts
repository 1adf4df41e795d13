import { describe, expect, it } from 'vitest'
import { goodBeforeReturnMs, judge, type Standing } from '../../../agents/edge/health/judge.ts'
import { type Observation, observed, unobserved } from '../../../agents/edge/health/observation.ts'
import { disputes, settle } from '../../../agents/edge/health/wrong-bytes.ts'

/** Slicers as the probes see them, second by second. */
class Story {
  #standings: Standing[] = []
  #nowMs = 1_000_000
  #observations = new Map<string, Observation>()
  wrong = new Map<string, string>()
  readonly said: string[] = []
  held: string | null = null

  /** One round of probes: for each slicer the newest segment, or why it failed. */
  second(round: Record<string, number | string>): this {
    this.#nowMs += 1_000
    for (const [id, shown] of Object.entries(round)) {
      const before = this.#observations.get(id) ?? unobserved(id)
      const probe = { startedAtMs: this.#nowMs - 5, endedAtMs: this.#nowMs, segments: [] }
      const result =
        typeof shown === 'string'
          ? { ...probe, failure: shown, newestSegment: {} }
          : { ...probe, failure: null, newestSegment: { high: shown } }
      this.#observations.set(id, observed(before, result))
      const judgement = judge(this.#standings, [...this.#observations.values()], this.wrong, this.#nowMs)
      this.#standings = judgement.standings
      this.held = judgement.held
      for (const { id, verdict, reason } of judgement.verdicts) this.said.push(`${verdict} ${id}: ${reason}`)
    }
    return this
  }

  get out(): string[] {
    return this.#standings.filter(({ out }) => out !== null).map(({ id }) => id)
  }
}

describe('the judge', () => {
  it('forgives a hiccup and takes out who fails for longer', () => {
    const story = new Story().second({ a: 1, b: 1 }).second({ a: 'refused', b: 1 }).second({ a: 1, b: 1 })
    expect(story.said).toEqual([])
    story.second({ a: 'refused', b: 1 }).second({ a: 'refused', b: 1 }).second({ a: 'refused', b: 2 })
    expect(story.said).toEqual(['take out a: refused (for 2.0 s)'])
  })

  it('sees a frozen slicer only against others that advance', () => {
    const story = new Story()
    for (let n = 0; n < 30; n += 1) story.second({ a: 7, b: 7, c: 7 })
    expect(story.said).toEqual([])
    story.second({ a: 7, b: 8, c: 8 }).second({ a: 7, b: 8, c: 8 }).second({ a: 7, b: 8, c: 8 })
    expect(story.said).toEqual(['take out a: its newest segment of high is 7 while another slicer lists 8, for 2.0 s'])
  })

  it('takes nobody out when all are ill, says so, and lets the first good one help at once', () => {
    const story = new Story().second({ a: 1, b: 1 })
    for (let n = 0; n < 3; n += 1) story.second({ a: 'refused', b: 1 })
    expect(story.out).toEqual(['a'])
    for (let n = 0; n < 5; n += 1) story.second({ a: 'refused', b: 'answers 503' })
    expect(story.out).toEqual(['a'])
    expect(story.held).toContain('b: answers 503')
    story.second({ a: 5, b: 'answers 503' })
    expect(story.out).toEqual(['b'])
    expect(
      story.said
        .slice(1)
        .map((said) => said.slice(0, 10))
        .sort(),
    ).toEqual(['put back a', 'take out b'])
  })

  it('puts a slicer back after a while of good conduct, and after a longer one each time', () => {
    const story = new Story().second({ a: 1, b: 1 })
    const secondsOut: number[] = []
    for (let time = 0; time < 3; time += 1) {
      while (story.out.length === 0) story.second({ a: 'refused', b: 1 })
      let seconds = 0
      while (story.out.length > 0) {
        story.second({ a: 1, b: 1 })
        seconds += 1
      }
      secondsOut.push(seconds)
    }
    expect(secondsOut).toEqual([6, 11, 21])
    expect(goodBeforeReturnMs(50)).toBe(80_000)
  })
})

describe('a dispute about bytes', () => {
  const seen = (sha256: string, framesSha256: string) => ({ rendition: 'high', segment: 9, sha256, framesSha256 })
  const observation = (id: string, sha256: string): Observation => ({
    ...unobserved(id),
    segments: [seen(sha256, `frames of ${sha256}`)],
  })

  it('is found where two slicers differ, and decided by playout', () => {
    const [dispute] = disputes([observation('a', 'x'), observation('b', 'y')])
    const { wrong } = settle(dispute!, 'frames of y')
    expect([...wrong.keys()]).toEqual(['a'])
    expect(disputes([observation('a', 'x'), observation('b', 'x')])).toEqual([])
  })

  it('is decided by most slicers while playout is away, and by nobody when it is even', () => {
    const [three] = disputes([observation('a', 'x'), observation('b', 'y'), observation('c', 'x')])
    expect([...settle(three!, null).wrong]).toEqual([['b', 'its segment high/9 differs from that of most slicers']])
    const [two] = disputes([observation('a', 'x'), observation('b', 'y')])
    expect(settle(two!, null)).toEqual({ wrong: new Map(), unsettled: expect.stringContaining('no one can settle it') })
  })
})
