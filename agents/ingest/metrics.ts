import type { Feed } from '../../schemas/live.ts'

export type IngestFigures = {
  ready: boolean
  feeds: readonly Feed[]
  rtmpConnections: number
  sendersRefused: number
  decodersFailed: number
  readers: { events: number; previews: number }
}

type Sample = { labels?: Record<string, string>; value: number }

/** `GET /metrics` in the Prometheus text format. */
export function metricsOf({ ready, feeds, readers, ...figures }: IngestFigures): string {
  const { user, system } = process.cpuUsage()
  const each = (value: (feed: Feed) => number): Sample[] =>
    feeds.map((feed) => ({ labels: { key: feed.keyId, source: feed.source }, value: value(feed) }))
  const one = (value: number): Sample[] => [{ value }]
  return [
    metric('airtight_ingest_ready', 'gauge', 'Whether senders can come in', one(ready ? 1 : 0)),
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
    metric('airtight_ingest_rtmp_connections', 'gauge', 'RTMP connections open', one(figures.rtmpConnections)),
    metric(
      'airtight_ingest_senders_refused_total',
      'counter',
      'Senders refused, their keys being good',
      one(figures.sendersRefused),
    ),
    metric(
      'airtight_ingest_decoders_failed_total',
      'counter',
      'Decoders that died or hung',
      one(figures.decodersFailed),
    ),
    metric('airtight_ingest_event_readers', 'gauge', 'Who is told of the feeds', one(readers.events)),
    metric('airtight_ingest_previews', 'gauge', 'Previews being listened to', one(readers.previews)),
    metric('process_resident_memory_bytes', 'gauge', 'Resident memory', one(process.memoryUsage.rss())),
    metric('process_cpu_seconds_total', 'counter', 'CPU time used, user and system', one((user + system) / 1e6)),
    metric('process_uptime_seconds', 'gauge', 'Since the program started', one(process.uptime())),
  ].join('')
}

/** Names and label values are our own, and need no escaping. */
function metric(name: string, type: 'gauge' | 'counter', help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels = {}, value }) => {
    const inner = Object.entries({ ...labels, program: 'ingest' }).map(([label, text]) => `${label}="${text}"`)
    return `${name}{${inner.join(',')}} ${value}`
  })
  return `${[`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n')}\n`
}
