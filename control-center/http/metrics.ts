import { createMetrics, type Metrics } from '../../platform/metrics.ts'
import { statusOf } from './status.ts'
import type { World } from './world.ts'

/** The control center's numbers for Prometheus, read from the world when asked for. */
export function createStationMetrics(world: World): Metrics {
  const metrics = createMetrics('control-center')
  const { gauge } = metrics
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
  metrics.gauges('airtight_control_nodes', 'Nodes by role and state', ['role', 'state'], () =>
    world.registry.views().map(({ role, state }) => ({ labels: { role, state }, value: 1 })),
  )
  return metrics
}
