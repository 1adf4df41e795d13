import { describe, expect, it } from 'vitest'
import { addressFor, backOffMs } from '../../../control-center/studio-page/microphone/back-off.ts'
import { Backlog } from '../../../control-center/studio-page/microphone/backlog.ts'
import { adviceFor, alongMeter, dbfs } from '../../../control-center/studio-page/microphone/level.ts'
import { clockTime, duration, nextTime, remaining } from '../../../control-center/studio-page/view/words.ts'

const at = (text: string): number => Date.parse(text)

describe("the studio's times", () => {
  it("finds the next time that the station's clock shows, over midnight and changes of the clocks", () => {
    const berlin = 'Europe/Berlin'
    expect(nextTime('20:00', at('2026-11-20T18:30:00.500Z'), berlin)).toBe(at('2026-11-20T19:00:00Z'))
    expect(nextTime('19:00:30', at('2026-11-20T18:30:00Z'), berlin)).toBe(at('2026-11-21T18:00:30Z'))
    // In the night of 2026-03-29 the clock jumps from 2 to 3: 06:00 is an hour sooner. On 2026-10-25 it is an hour later.
    expect(nextTime('06:00', at('2026-03-28T23:00:00Z'), berlin)).toBe(at('2026-03-29T04:00:00Z'))
    expect(nextTime('06:00', at('2026-10-24T22:00:00Z'), berlin)).toBe(at('2026-10-25T05:00:00Z'))
    expect(nextTime('', at('2026-11-20T18:30:00Z'), berlin)).toBeNull()
  })

  it('shows durations and what remains as people read them', () => {
    expect(clockTime(at('2026-11-20T19:00:04.999Z'), 'Europe/Berlin')).toBe('20:00:04')
    expect([duration(59_999), duration(3_599_000), duration(3_787_000)]).toEqual(['0:59', '59:59', '1:03:07'])
    // It shows 0:00 only when the time has come.
    expect([remaining(1), remaining(0), remaining(-500)]).toEqual(['0:01', '0:00', '0:00'])
  })
})

describe("the microphone's way", () => {
  it('comes back after 100 ms, then ever more slowly, and tries another ingest after two failures', () => {
    expect([1, 2, 3, 4, 5, 6, 9].map((failures) => backOffMs(failures, false))).toEqual([
      100, 200, 400, 800, 1_600, 2_000, 2_000,
    ])
    expect(backOffMs(1, true)).toBe(700)
    expect([0, 1, 2, 3, 4].map((failures) => addressFor(failures, ['a', 'b']))).toEqual(['a', 'a', 'b', 'b', 'a'])
  })

  it('keeps the newest sound of a break, in order, and counts what it had to drop', () => {
    const pieces = Array.from({ length: 5 }, (_, size) => new ArrayBuffer(size))
    const backlog = new Backlog(3)
    for (const piece of pieces) backlog.add(piece)
    expect(backlog.dropped).toBe(2)
    expect(backlog.take()).toEqual(pieces.slice(2))
    expect(backlog.take()).toEqual([])
  })

  it('says in words how loud one is', () => {
    expect(alongMeter(-60)).toBe(0)
    expect(alongMeter(dbfs(1))).toBe(1)
    expect([-120, -60, -30, -12, -1, 0].map((level) => adviceFor(level).tone)).toEqual([
      'bad',
      'warn',
      'warn',
      'good',
      'warn',
      'bad',
    ])
  })
})
