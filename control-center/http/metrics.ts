import type { Registry } from 'prom-client'
import { createMetrics, Gauge } from '../../platform/metrics.ts'
import { statusOf } from './status.ts'
import type { World } from './world.ts'

/** The control center's numbers for Prometheus, read from the world when asked for. */
export function createStationMetrics(world: World): Registry {
  const registry = createMetrics('control-center')
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  }
  gauge('airtight_control_playout_reachable', '1 when playout answers', () => (world.link.problem() ? 0 : 1))
  gauge('airtight_control_redis_usable', '1 when Redis answers and does not evict', () =>
    world.redis.problem() ? 0 : 1,
  )
  gauge('airtight_control_redis_unwritten_records', 'Node records that wait for Redis', () =>
    world.registry.unwritten(),
  )
  gauge(
    'airtight_control_rundown_ahead_seconds',
    'How far the rundown reaches',
    () => (statusOf(world).rundown.hoursAhead ?? 0) * 3600,
  )
  gauge('airtight_control_alarms', 'Alarms now', () => statusOf(world).alarms.length)
  gauge(
    'airtight_control_slicers_serving',
    'Slicers that listeners may be sent to',
    () => world.registry.serving().length,
  )
  new Gauge({
    name: 'airtight_control_nodes',
    help: 'Nodes by role and state',
    labelNames: ['role', 'state'],
    registers,
    collect() {
      this.reset()
      for (const { role, state } of world.registry.views()) this.inc({ role, state })
    },
  })
  return registry
}
