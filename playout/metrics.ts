import type { Registry } from 'prom-client'
import { Counter, createMetrics, Gauge } from '../platform/metrics.ts'
import type { PlayoutStatus } from '../schemas/playout.ts'

/** Read when asked for, from the same status that the API shows. */
export function createPlayoutMetrics(status: () => PlayoutStatus, latenessMs: () => readonly number[]): Registry {
  const registry = createMetrics('playout')
  const registers = [registry]
  const gauge = (name: string, help: string, value: (status: PlayoutStatus) => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value(status()))
      },
    })
  }
  gauge('airtight_playout_late_ms', 'How far the mixer is behind the clock', ({ lateMs }) => lateMs)
  gauge('airtight_playout_wall_offset_ms', 'Wall clock less anchored clock', ({ clock }) => clock.wallOffsetMs)
  gauge(
    'airtight_playout_rundown_until_seconds',
    'End of the rundown in force',
    ({ rundownUntilMs }) => rundownUntilMs / 1000,
  )
  gauge('airtight_playout_encoder_restarts', 'Encoders replaced', ({ counters }) => counters.encoderRestarts)
  gauge('airtight_playout_frames_lost', 'Frames given up at starts', ({ counters }) => counters.framesLost)
  gauge('airtight_playout_generation', 'Generation', ({ generation }) => generation)
  gauge('airtight_playout_alarms', 'Alarms now', ({ alarms }) => alarms.length)
  for (const [name, quantile] of [
    ['p50', 0.5],
    ['p99', 0.99],
    ['max', 1],
  ] as const) {
    gauge(`airtight_playout_pacing_${name}_ms`, `Lateness of the newest 1,024 blocks, ${name}`, () =>
      quantileOf(latenessMs(), quantile),
    )
  }
  new Gauge({
    name: 'airtight_playout_newest_frame',
    help: 'Newest frame of a rendition',
    labelNames: ['rendition'],
    registers,
    collect() {
      for (const [rendition, frame] of Object.entries(status().newestFrame)) this.set({ rendition }, frame)
    },
  })
  new Counter({
    name: 'airtight_playout_steps_down_total',
    help: 'Steps down the ladder, by the rung stepped onto',
    labelNames: ['rung'],
    registers,
    collect() {
      this.reset()
      for (const [rung, steps] of Object.entries(status().counters.stepsDown)) this.inc({ rung }, steps)
    },
  })
  new Gauge({
    name: 'airtight_playout_target_frames_dropped',
    help: 'Frames that a target did not take',
    labelNames: ['target', 'rendition'],
    registers,
    collect() {
      this.reset()
      for (const { id, rendition, framesDropped } of status().targets)
        this.set({ target: id, rendition }, framesDropped)
    },
  })
  return registry
}

function quantileOf(values: readonly number[], quantile: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? 0
}
