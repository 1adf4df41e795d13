import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AccessLog } from '../../../agents/edge/listeners/access-log.ts'
import { COUNTED_MAX, ListenerCount, PRESENT_MS } from '../../../agents/edge/listeners/listener-count.ts'
import { createWallStepDetector } from '../../../agents/edge/wall-step.ts'

describe('the count of listeners', () => {
  it('knows who is there, who has moved to another rendition and who has left', () => {
    const count = new ListenerCount()
    count.seen('1.1.1.1', 'car', '/high', 0)
    count.seen('1.1.1.1', 'kitchen', '/high', 0)
    count.seen('1.1.1.1', 'car', '/low', 4_000)
    count.opened('/stream')
    expect(count.summary(4_000, 'monday')).toEqual({
      now: 3,
      byPath: { '/stream': 1, '/high': 1, '/low': 1 },
      peak: 3,
      peakToday: 3,
    })
    count.closed('/stream')
    expect(count.summary(PRESENT_MS + 1, 'monday')).toMatchObject({ now: 1, byPath: { '/low': 1 } })
    expect(count.summary(PRESENT_MS + 2, 'tuesday')).toMatchObject({ now: 1, peak: 3, peakToday: 1 })
  })

  it('stays within its memory whoever comes', () => {
    const count = new ListenerCount()
    for (let n = 0; n < COUNTED_MAX + 5_000; n += 1) count.seen('1.1.1.1', `robot ${n}`, `/path-${n % 500}`, 0)
    const { now, byPath } = count.summary(1, 'monday')
    expect(now).toBe(COUNTED_MAX)
    expect(Object.keys(byPath).length).toBeLessThanOrEqual(65)
  })
})

describe('the access log', () => {
  it('is followed line by line, through half lines and its own rotation, and stays small', () => {
    const folder = mkdtempSync(join(tmpdir(), 'airtight-log-'))
    try {
      const path = join(folder, 'listeners.log')
      let reopened = 0
      const log = new AccessLog(path, () => {
        reopened += 1
        writeFileSync(path, '')
      })
      expect(log.read()).toEqual([])
      const line = (n: number) => `1.5\t10.0.0.1\t/hls/s/high/index.m3u8\tplayer ${n}\n`
      writeFileSync(path, `${line(1)}${line(2).slice(0, 20)}`)
      expect(log.read().map(({ userAgent }) => userAgent)).toEqual(['player 1'])
      appendFileSync(path, line(2).slice(20))
      appendFileSync(path, '1.5\t10.0.0.1\t/hls/s/master.m3u8\tplayer 3\ngarbage\n')
      expect(log.read()).toEqual([{ address: '10.0.0.1', path: '/hls/s/high/index.m3u8', userAgent: 'player 2' }])

      appendFileSync(path, line(4).repeat(200_000))
      let read = 0
      while (reopened === 0) read += log.read().length
      appendFileSync(`${path}.old`, line(5))
      appendFileSync(path, line(6))
      const rest = log.read().map(({ userAgent }) => userAgent)
      expect(rest.slice(-2)).toEqual(['player 5', 'player 6'])
      expect(read + rest.length).toBe(200_000 + 2)
      expect(existsSync(`${path}.old`)).toBe(false)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('steps of the wall clock', () => {
  it('are told from slewing and from the passing of time', () => {
    const hasStepped = createWallStepDetector()
    expect(hasStepped(1_000_000, 50)).toBe(false)
    expect(hasStepped(1_060_030, 60_050)).toBe(false)
    expect(hasStepped(1_060_030 + 3_601_000, 61_050)).toBe(true)
    expect(hasStepped(1_060_030 + 3_602_000, 62_050)).toBe(false)
    expect(hasStepped(1_063_030, 63_050)).toBe(true)
  })
})
