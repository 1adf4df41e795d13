import { describe, expect, it } from 'vitest'
import { Standstill } from '../../../agents/ingest/decode/standstill.ts'
import { systemClock } from '../../../platform/clock.ts'
import { activityOf } from '../../../platform/process-activity.ts'
import { systemProcesses } from '../../../platform/processes.ts'

type Moment = { atMs: number; fed?: boolean; isIdle?: boolean; turns?: number }

/** The first moment at which a decoder, fed and looked at so, is said to stand; null when it never is. */
function standsAt(moments: readonly Moment[]): number | null {
  const standstill = new Standstill()
  for (const { atMs, fed, isIdle = true, turns = 7 } of moments) {
    if (fed) standstill.fed(atMs)
    if (standstill.look(atMs, { isIdle, turns })) return atMs
  }
  return null
}
/** Looked at each 25 ms, and fed before each look. */
const looks = (count: number, more: (index: number) => Partial<Moment> = () => ({})): Moment[] =>
  Array.from({ length: count }, (_, index) => ({ atMs: index * 25, fed: true, ...more(index) }))

describe('a decoder that is fed and gives nothing', () => {
  it('stands still when it does not even wake up: that is known within an eighth of a second', () => {
    expect(standsAt(looks(20))).toBe(125)
  })

  it('is at work as long as it wakes up for what it is given: a page of a second may not be whole', () => {
    expect(standsAt(looks(30, (index) => ({ turns: index })))).toBeNull()
  })

  it('waits for more, when it was given nothing since it last was awake', () => {
    expect(standsAt(looks(30, () => ({ fed: false })))).toBeNull()
  })

  it('is only starved when it wants a processor or a disk, for however long', () => {
    expect(standsAt(looks(30, () => ({ isIdle: false })))).toBeNull()
  })

  it('is not blamed for a machine that stood still for 450 ms', () => {
    const stall = [
      { atMs: 0, fed: true },
      { atMs: 20, fed: true },
      { atMs: 470, fed: true },
      { atMs: 520, fed: true, turns: 9 },
      { atMs: 570, fed: true, turns: 11 },
    ]
    expect(standsAt(stall)).toBeNull()
  })

  it('is not known to stand where nobody can look', () => {
    const standstill = new Standstill()
    for (let atMs = 0; atMs < 3_000; atMs += 25) {
      standstill.fed(atMs)
      expect(standstill.look(atMs, null)).toBe(false)
    }
  })
})

describe('what a process does', () => {
  it('is asleep until it is written to; when it is stopped, writing does not wake it', async () => {
    const child = systemProcesses.start('cat', [], { stdio: ['pipe', 'pipe', 'ignore'] })
    const pid = child.pid!
    const echo = (): Promise<unknown> => new Promise((resolve) => child.stdout!.once('data', resolve))
    const idle = async () => {
      for (;;) {
        const activity = activityOf(pid)
        if (activity?.isIdle) return activity
        await new Promise((resolve) => systemClock.after(2, () => resolve(null)))
      }
    }
    child.stdin!.write('a')
    await echo()
    const before = await idle()
    child.stdin!.write('b')
    await echo()
    expect((await idle()).turns).toBeGreaterThan(before.turns)
    child.kill('SIGSTOP')
    const stopped = await idle()
    child.stdin!.write('c')
    expect(activityOf(pid)).toEqual(stopped)
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('close', resolve))
    expect(activityOf(pid)).toBeNull()
  })
})
