import { metric, metricsText, type Sample } from '../../platform/metrics-text.ts'
import { type Parts, readinessOf } from './status.ts'

/** `GET /metrics`: what is held, from where it came, and who has asked for it. */
export function metricsOf(parts: Parts, requests: ReadonlyMap<string, number>): string {
  const { store, listings, publications, filler } = parts
  const each = (value: (rendition: string) => number | null): Sample[] =>
    store.all().flatMap(({ rendition: { id } }) => {
      const number = value(id)
      return number === null ? [] : [{ labels: { rendition: id }, value: number }]
    })
  return metricsText('slicer', [
    metric('airtight_slicer_ready', 'gauge', 'Whether listeners can be sent here', readinessOf(parts).ok ? 1 : 0),
    metric('airtight_slicer_generation', 'gauge', 'Generation of playout, the highest seen', store.generation),
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
    metric(
      'airtight_slicer_frames_pushed_total',
      'counter',
      'Frames that the push brought',
      publications.framesPushed(),
    ),
    metric(
      'airtight_slicer_frames_fetched_total',
      'counter',
      'Frames fetched from playout and peers',
      filler.framesFetched(),
    ),
    metric('airtight_slicer_frames_missing', 'gauge', 'Frames that exist and are not here', filler.framesMissing()),
    metric(
      'airtight_slicer_http_requests_total',
      'counter',
      'Answers by kind and status',
      [...requests].map(([key, value]) => {
        const [kind = '', status = ''] = key.split(' ')
        return { labels: { kind, status }, value }
      }),
    ),
  ])
}
