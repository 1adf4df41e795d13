import { type Parts, readinessOf } from './status.ts'

type Sample = { labels?: Record<string, string>; value: number }

/**
 * `GET /metrics` in the Prometheus text format, written by hand: a client library would cost a slicer more memory than its frames.
 */
export function metricsOf(parts: Parts, requests: ReadonlyMap<string, number>): string {
  const { store, listings, publications, filler } = parts
  const each = (value: (rendition: string) => number | null): Sample[] =>
    store.all().flatMap(({ rendition: { id } }) => {
      const number = value(id)
      return number === null ? [] : [{ labels: { rendition: id }, value: number }]
    })
  const { user, system } = process.cpuUsage()
  return [
    metric('airtight_slicer_ready', 'gauge', 'Whether listeners can be sent here', [
      { value: readinessOf(parts).ok ? 1 : 0 },
    ]),
    metric('airtight_slicer_generation', 'gauge', 'Generation of playout, the highest seen', [
      { value: store.generation },
    ]),
    metric(
      'airtight_slicer_newest_frame',
      'gauge',
      'Newest frame held',
      each((id) => store.rendition(id)?.newestFrame ?? null),
    ),
    metric(
      'airtight_slicer_newest_segment',
      'gauge',
      'Newest segment that may be listed',
      each((id) => listings.edgeOf(id)),
    ),
    metric(
      'airtight_slicer_newest_segment_age_seconds',
      'gauge',
      'Since the newest segment was listed',
      each((id) => listings.edgeAgeMs(id) / 1000),
    ),
    metric(
      'airtight_slicer_push_connected',
      'gauge',
      'Whether the rendition is being pushed here',
      each((id) => (publications.isOpen(id) ? 1 : 0)),
    ),
    metric(
      'airtight_slicer_frames_disputed_total',
      'counter',
      'Frames that came again with other bytes',
      each((id) => store.rendition(id)?.framesDisputed ?? null),
    ),
    metric('airtight_slicer_frames_pushed_total', 'counter', 'Frames that the push brought', [
      { value: publications.framesPushed() },
    ]),
    metric('airtight_slicer_frames_fetched_total', 'counter', 'Frames fetched from playout and peers', [
      { value: filler.framesFetched() },
    ]),
    metric('airtight_slicer_frames_missing', 'gauge', 'Frames that exist and are not here', [
      { value: filler.framesMissing() },
    ]),
    metric(
      'airtight_slicer_http_requests_total',
      'counter',
      'Answers by kind and status',
      [...requests].map(([key, value]) => {
        const [kind = '', status = ''] = key.split(' ')
        return { labels: { kind, status }, value }
      }),
    ),
    metric('process_resident_memory_bytes', 'gauge', 'Resident memory', [{ value: process.memoryUsage.rss() }]),
    metric('process_cpu_seconds_total', 'counter', 'CPU time used, user and system', [
      { value: (user + system) / 1e6 },
    ]),
    metric('process_uptime_seconds', 'gauge', 'Since the program started', [{ value: process.uptime() }]),
  ].join('')
}

/** Names and label values are our own, and need no escaping. Each says whose it is, as the other programs' do. */
function metric(name: string, type: 'gauge' | 'counter', help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels = {}, value }) => {
    const inner = Object.entries({ ...labels, program: 'slicer' }).map(([label, text]) => `${label}="${text}"`)
    return `${name}{${inner.join(',')}} ${value}`
  })
  return `${[`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n')}\n`
}
