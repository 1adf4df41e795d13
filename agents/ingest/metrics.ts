import { metric, metricsText, type Sample } from '../../platform/metrics-text.ts'
import type { Feed } from '../../schemas/live.ts'

export type IngestFigures = {
  ready: boolean
  feeds: readonly Feed[]
  rtmpConnections: number
  sendersRefused: number
  decodersFailed: number
  readers: { events: number; previews: number }
}

/** `GET /metrics`: who sends, and how that goes. */
export function metricsOf({ ready, feeds, readers, ...figures }: IngestFigures): string {
  const each = (value: (feed: Feed) => number): Sample[] =>
    feeds.map((feed) => ({ labels: { key: feed.keyId, source: feed.source }, value: value(feed) }))
  return metricsText('ingest', [
    metric('airtight_ingest_ready', 'gauge', 'Whether senders can come in', ready ? 1 : 0),
    metric(
      'airtight_ingest_feed_connected',
      'gauge',
      'Whether the sender is there',
      each(({ state }) => (state === 'connected' ? 1 : 0)),
    ),
    metric(
      'airtight_ingest_feed_heard_ago_seconds',
      'gauge',
      'Since the last byte of media',
      each(({ heardAgoMs }) => heardAgoMs / 1000),
    ),
    metric(
      'airtight_ingest_feed_samples_total',
      'counter',
      'Sample pairs decoded in this run',
      each(({ newestSample }) => newestSample),
    ),
    metric(
      'airtight_ingest_feed_connections_total',
      'counter',
      'Connections in this run',
      each(({ connection }) => connection),
    ),
    metric(
      'airtight_ingest_feed_level_dbfs',
      'gauge',
      'Level of the newest 100 ms',
      each(({ levelDbfs }) => levelDbfs),
    ),
    metric('airtight_ingest_rtmp_connections', 'gauge', 'RTMP connections open', figures.rtmpConnections),
    metric(
      'airtight_ingest_senders_refused_total',
      'counter',
      'Senders refused, their keys being good',
      figures.sendersRefused,
    ),
    metric('airtight_ingest_decoders_failed_total', 'counter', 'Decoders that died or hung', figures.decodersFailed),
    metric('airtight_ingest_event_readers', 'gauge', 'Who is told of the feeds', readers.events),
    metric('airtight_ingest_previews', 'gauge', 'Previews being listened to', readers.previews),
  ])
}
