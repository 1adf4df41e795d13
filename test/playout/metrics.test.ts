import { expect, it } from 'vitest'
import { noHandoffs, withHandoff } from '../../playout/live/figures.ts'
import { createPlayoutMetrics } from '../../playout/metrics.ts'
import type { PlayoutStatus } from '../../schemas/playout.ts'

const STATUS: PlayoutStatus = {
  ...{ stationId: 's', generation: 7, nowMs: 0, clock: { wallOffsetMs: 12, alarm: null }, rung: 'scheduled' },
  ...{ newestFrame: { high: 900, low: 899 }, firstAvailableFrame: 0, lateMs: 3, onAir: null, next: null },
  ...{ rundownVersion: 1, rundownUntilMs: 60_000, targetsVersion: 1, alarms: ['One.'] },
  targets: [
    {
      ...{ id: 'slicer-1', rendition: 'high', state: 'publishing', reason: '' },
      ...{ queuedBytes: 0, framesSent: 5, framesDropped: 4 },
    },
  ],
  counters: { encoderRestarts: 2, stepsDown: { bed: 1 }, framesLost: 188 },
}

it('tells what the status says, what only grows as a counter', async () => {
  const handoff = {
    ...{ kind: 'lost' as const, sessionId: 's-1', atSample: 0, atMs: 0 },
    ...{ gapMs: 0, overlapMs: 300, clickToAirMs: null },
  }
  const metrics = createPlayoutMetrics(
    () => STATUS,
    () => [1, 9, 2],
    () => withHandoff(noHandoffs(), handoff),
  )
  const text = await metrics.text()
  for (const line of [
    'airtight_playout_encoder_restarts_total{program="playout"} 2',
    'airtight_playout_frames_lost_total{program="playout"} 188',
    'airtight_playout_target_frames_dropped_total{target="slicer-1",rendition="high",program="playout"} 4',
    'airtight_playout_steps_down_total{rung="bed",program="playout"} 1',
    'airtight_playout_handoffs_total{kind="lost",program="playout"} 1',
    'airtight_playout_handoff_overlap_ms{quantile="worst",program="playout"} 300',
    'airtight_playout_newest_frame{rendition="low",program="playout"} 899',
    'airtight_playout_pacing_max_ms{program="playout"} 9',
    'airtight_playout_rundown_until_seconds{program="playout"} 60',
  ])
    expect(text).toContain(`${line}\n`)
  const counters = [...text.matchAll(/^# TYPE (\S+) counter$/gm)].map(([, name]) => name!)
  expect(counters.length).toBeGreaterThan(4)
  for (const name of counters) expect(name).toMatch(/_total$/)
})
