import type { Registry } from 'prom-client'
import { Counter, createMetrics, Gauge } from '../platform/metrics.ts'
import type { PlayoutStatus } from '../schemas/playout.ts'
import { figuresOf, type Handoffs } from './live/figures.ts'

/** Read when asked for, from the same status that the API shows. */
export function createPlayoutMetrics(
  status: () => PlayoutStatus,
  latenessMs: () => readonly number[],
  handoffs: () => Handoffs,
): Registry {
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
  addHandoffMetrics(registers, handoffs)
  return registry
}

/** Quantiles are over the newest changes on air, counters since the station's beginning. */
function addHandoffMetrics(registers: Registry[], handoffs: () => Handoffs): void {
  for (const [name, help, figure] of [
    ['gap', 'Neither side gave audio', 'gapMs'],
    ['overlap', 'Both sides gave audio', 'overlapMs'],
    ['click_to_air', 'From the order to the first frame in which the session stands alone', 'clickToAirMs'],
  ] as const) {
    new Gauge({
      name: `airtight_playout_handoff_${name}_ms`,
      help: `${help}: newest changes of who is heard`,
      labelNames: ['quantile'],
      registers,
      collect() {
        const { p50, p99, worst } = figuresOf(handoffs())[figure]
        this.set({ quantile: 'p50' }, p50)
        this.set({ quantile: 'p99' }, p99)
        this.set({ quantile: 'worst' }, worst)
      },
    })
  }
  new Counter({
    name: 'airtight_playout_handoffs_total',
    help: 'Changes of who is heard, by kind',
    labelNames: ['kind'],
    registers,
    collect() {
      this.reset()
      for (const [kind, count] of Object.entries(handoffs().counts)) this.inc({ kind }, count)
    },
  })
}

function quantileOf(values: readonly number[], quantile: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? 0
}
