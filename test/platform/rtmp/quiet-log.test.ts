import { pino } from 'pino'
import { expect, it } from 'vitest'
import type { Clock } from '../../../platform/clock.ts'
import { QuietLog } from '../../../platform/rtmp/quiet-log.ts'

it('an attack of a thousand connections a minute writes one line a minute for each kind', () => {
  const lines: { kind: string; alikeSince?: number }[] = []
  const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) })
  let nowMs = 0
  const clock: Clock = { wallMs: () => 0, monotonicMs: () => nowMs, after: () => () => {}, every: () => () => {} }
  const quiet = new QuietLog(log, clock)
  for (let count = 0; count < 3_000; count++) {
    nowMs = count * 60
    quiet.warn('handshake', { remoteAddress: '192.0.2.1' }, 'not RTMP')
    if (count < 5) quiet.warn('idle', {}, 'nothing received')
  }
  expect(lines.map(({ kind, alikeSince }) => [kind, alikeSince])).toEqual([
    ['handshake', undefined],
    ['idle', undefined],
    ['handshake', 999],
    ['handshake', 999],
  ])
})
