import { createMetrics, type Metrics } from '../platform/metrics.ts'
import type { PlayoutStatus } from '../schemas/playout.ts'
import { figuresOf, type Handoffs } from './live/figures.ts'

/** Read when asked for, from the same status that the API shows. */
export function createPlayoutMetrics(
  status: () => PlayoutStatus,
  latenessMs: () => readonly number[],
  handoffs: () => Handoffs,
): Metrics {
  const metrics = createMetrics('playout')
  const { gauge, counter } = metrics
  gauge('airtight_playout_late_ms', 'How far the mixer is behind the clock', () => status().lateMs)
  gauge('airtight_playout_wall_offset_ms', 'Wall clock less anchored clock', () => status().clock.wallOffsetMs)
  gauge('airtight_playout_rundown_until_seconds', 'End of the rundown in force', () => status().rundownUntilMs / 1000)
  gauge('airtight_playout_generation', 'Generation', () => status().generation)
  gauge('airtight_playout_alarms', 'Alarms now', () => status().alarms.length)
  for (const [name, quantile] of [
    ['p50', 0.5],
    ['p99', 0.99],
    ['max', 1],
  ] as const)
    gauge(`airtight_playout_pacing_${name}_ms`, `Lateness of the newest 1,024 blocks, ${name}`, () =>
      quantileOf(latenessMs(), quantile),
    )
  metrics.gauges('airtight_playout_newest_frame', 'Newest frame of a rendition', ['rendition'], () =>
    labelled('rendition', status().newestFrame),
  )
  counter(
    'airtight_playout_encoder_restarts_total',
    'Encoders replaced since the start',
    () => status().counters.encoderRestarts,
  )
  counter('airtight_playout_frames_lost_total', 'Frames given up at the start', () => status().counters.framesLost)
  metrics.counters(
    'airtight_playout_steps_down_total',
    'Steps down the ladder, by the rung stepped onto',
    ['rung'],
    () => labelled('rung', status().counters.stepsDown),
  )
  metrics.counters(
    'airtight_playout_target_frames_dropped_total',
    'Frames that a target did not take',
    ['target', 'rendition'],
    () =>
      status().targets.map(({ id, rendition, framesDropped }) => ({
        labels: { target: id, rendition },
        value: framesDropped,
      })),
  )
  addHandoffs(metrics, handoffs)
  return metrics
}

/** Quantiles are over the newest changes on air, counters since the station's beginning. */
function addHandoffs(metrics: Metrics, handoffs: () => Handoffs): void {
  for (const [name, help, figure] of [
    ['gap', 'Neither side gave audio', 'gapMs'],
    ['overlap', 'Both sides gave audio', 'overlapMs'],
    ['click_to_air', 'From the order to the first frame in which the session stands alone', 'clickToAirMs'],
  ] as const)
    metrics.gauges(`airtight_playout_handoff_${name}_ms`, `${help}: newest changes of who is heard`, ['quantile'], () =>
      labelled('quantile', figuresOf(handoffs())[figure]),
    )
  metrics.counters('airtight_playout_handoffs_total', 'Changes of who is heard, by kind', ['kind'], () =>
    labelled('kind', handoffs().counts),
  )
}

const labelled = (label: string, values: Record<string, number>) =>
  Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value }))

function quantileOf(values: readonly number[], quantile: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? 0
}
