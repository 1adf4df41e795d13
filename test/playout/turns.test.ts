import { describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '../../platform/clock.ts'
import { Turns } from '../../playout/http/turns.ts'

/** Time passes only in work, and when a callback is due. */
function madeClock() {
  let nowMs = 0
  const due: (() => void)[] = []
  const clock: Clock = {
    ...systemClock,
    monotonicMs: () => nowMs,
    after(_delayMs, callback) {
      due.push(callback)
      return () => {}
    },
  }
  return { clock, due, work: (ms: number) => () => (nowMs += ms) }
}

describe('turns', () => {
  it('are a few milliseconds long, whatever waits; all is done in order', async () => {
    const { clock, due, work } = madeClock()
    const turns = new Turns(clock, { waitingMax: 100, turnMs: 4 })
    const outcomes = Promise.all(Array.from({ length: 10 }, () => turns.run(work(2))))
    const doneByTurn: number[] = []
    for (let turn = due.shift(); turn; turn = due.shift()) {
      turn()
      doneByTurn.push(clock.monotonicMs())
    }
    expect(doneByTurn).toEqual([4, 8, 12, 16, 20])
    expect(await outcomes).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18, 20])
  })

  it('pass on what goes wrong, and refuse what is too much', async () => {
    const { clock, due } = madeClock()
    const turns = new Turns(clock, { waitingMax: 1, turnMs: 4 })
    const failing = turns.run(() => {
      throw new Error('broken')
    })
    await expect(turns.run(() => 1)).rejects.toMatchObject({ statusCode: 503 })
    due.shift()?.()
    await expect(failing).rejects.toThrow('broken')
  })
})
