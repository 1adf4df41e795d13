import { createMetrics } from '../../platform/metrics.ts'
import type { AirStore } from './air/air-store.ts'
import type { Disk } from './air/disk.ts'
import type { Puller } from './pull/puller.ts'
import type { RecordingStore } from './recordings/recording-store.ts'

/** `GET /metrics`: read when it is asked for. */
export function createArchiveMetrics(parts: {
  puller: Puller
  air: AirStore
  store: RecordingStore
  disk: Disk
  isOk(): boolean
}) {
  const metrics = createMetrics('archive')
  const { gauge, counter } = metrics
  const { puller, air, store, disk } = parts
  gauge('airtight_archive_ready', 'Whether the air is being kept', () => (parts.isOk() ? 1 : 0))
  counter(
    'airtight_archive_segments_stored_total',
    'Segments kept since the start of the program',
    () => puller.segmentsStored,
  )
  counter(
    'airtight_archive_segments_refused_total',
    'Segments that did not match their hash',
    () => puller.segmentsRefused,
  )
  gauge('airtight_archive_segments_missing', 'Segments within reach that are not held', () => puller.missing())
  gauge('airtight_archive_air_bytes', 'Rolling hours on disk', () => air.bytes())
  gauge('airtight_archive_disk_free_bytes', 'Free disk', () => disk.freeBytes)
  gauge('airtight_archive_recordings', 'Recordings', () => store.all().length)
  gauge(
    'airtight_archive_recordings_running',
    'Recordings that go on',
    () => store.all().filter(({ state }) => state === 'recording').length,
  )
  return metrics
}
