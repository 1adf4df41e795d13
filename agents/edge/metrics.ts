import { createMetrics as createProgramMetrics, type Metrics } from '../../platform/metrics.ts'
import type { HealthWatch } from './health/health-watch.ts'
import type { ListenerSummary } from './listeners/listener-count.ts'
import type { Nginx } from './nginx/nginx.ts'
import type { Streams } from './streams/streams.ts'

export type Measured = {
  listeners(): ListenerSummary
  nginx: Nginx
  health: HealthWatch
  streams: Streams
  origins(): { serving: number; used: number }
}

/** The edge's numbers as Prometheus reads them; looked up when they are asked for. */
export function createMetrics(measured: Measured): Metrics {
  const metrics = createProgramMetrics('edge')
  const { gauge, counter } = metrics
  metrics.gauges('airtight_edge_listeners', 'Listeners now, by path', ['path'], () =>
    Object.entries(measured.listeners().byPath).map(([path, value]) => ({ labels: { path }, value })),
  )
  gauge('airtight_edge_listeners_peak', 'Most listeners at once since the start', () => measured.listeners().peak)
  gauge('airtight_edge_listeners_peak_today', 'Most listeners at once today, UTC', () => measured.listeners().peakToday)
  gauge(
    'airtight_edge_origins_serving',
    'Slicers that the control center names as serving',
    () => measured.origins().serving,
  )
  gauge('airtight_edge_origins_used', 'Slicers that listeners are sent to', () => measured.origins().used)
  gauge('airtight_edge_nginx_running', '1 while nginx runs', () => (measured.nginx.pid === null ? 0 : 1))
  counter('airtight_edge_nginx_restarts_total', 'Starts of nginx after a crash', () => measured.nginx.counters.restarts)
  counter('airtight_edge_nginx_reloads_total', 'Changes of configuration', () => measured.nginx.counters.reloads)
  counter(
    'airtight_edge_nginx_refused_configurations_total',
    'Configurations that nginx did not accept',
    () => measured.nginx.counters.refusedConfigurations,
  )
  counter('airtight_edge_probes_total', 'Probes of slicers', () => measured.health.counters.probes)
  counter('airtight_edge_failed_probes_total', 'Probes that failed', () => measured.health.counters.failedProbes)
  counter('airtight_edge_taken_out_total', 'Slicers taken out', () => measured.health.counters.takenOut)
  counter('airtight_edge_put_back_total', 'Slicers put back', () => measured.health.counters.putBack)
  counter('airtight_edge_streams_opened_total', 'Endless streams begun', () => measured.streams.counters.opened)
  counter(
    'airtight_edge_streams_too_slow_total',
    'Endless listeners cut off',
    () => measured.streams.counters.cutOffTooSlow,
  )
  const sumOfFeeds = (name: 'changesOfSource' | 'framesSkipped'): number =>
    [...measured.streams.feeds.values()].reduce((sum, feed) => sum + feed.counters[name], 0)
  counter('airtight_edge_feed_source_changes_total', 'Changes of the source of frames', () =>
    sumOfFeeds('changesOfSource'),
  )
  counter('airtight_edge_feed_frames_skipped_total', 'Frames that nobody had', () => sumOfFeeds('framesSkipped'))
  return metrics
}
