import { createMetrics, Gauge } from '../../platform/metrics.ts'
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
  const registry = createMetrics('archive')
  const { puller, air, store, disk } = parts
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name: `airtight_archive_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(value())
      },
    })
  }
  gauge('ready', 'Whether the air is being kept', () => (parts.isOk() ? 1 : 0))
  gauge('segments_stored', 'Segments kept since the start of the program', () => puller.segmentsStored)
  gauge('segments_refused', 'Segments that did not match their hash', () => puller.segmentsRefused)
  gauge('segments_missing', 'Segments within reach that are not held', () => puller.missing())
  gauge('air_bytes', 'Rolling hours on disk', () => air.bytes())
  gauge('disk_free_bytes', 'Free disk', () => disk.freeBytes)
  gauge('recordings', 'Recordings', () => store.all().length)
  gauge(
    'recordings_running',
    'Recordings that go on',
    () => store.all().filter(({ state }) => state === 'recording').length,
  )
  return registry
}
