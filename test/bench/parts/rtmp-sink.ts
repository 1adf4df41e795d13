import { connect, createServer } from 'node:net'
import { framesOfRtmpMs, msOfFrame } from '../../../media/timeline.ts'
import { systemClock } from '../../../platform/clock.ts'
import { createLogger } from '../../../platform/log.ts'
import { startRtmpServer } from '../../../platform/rtmp/server.ts'
import { MARKER_NAME } from '../../../schemas/markers.ts'
import type { SinkReport, SinkRequest } from './sink-messages.ts'
import { quantileOf } from './table.ts'

/** A process of its own: our RTMP server as hundreds of targets at once, which notes how late each frame arrives; and a door that shuts behind each. */
const CONNECTIONS_MAX = 2_000
const SAMPLES_MAX = 1_000_000
/** Long enough to agree on a publication. After it nothing more is read. */
const DOOR_OPEN_MS = 1_000

let lateMs: number[] = []
/** Add to monotonic time to get the timeline's. */
let offsetMs = 0
const server = await startRtmpServer({
  host: '127.0.0.1',
  port: 0,
  clock: systemClock,
  log: createLogger('sink', 'error'),
  limits: { connectionsMax: CONNECTIONS_MAX, connectionsPerAddressMax: CONNECTIONS_MAX },
  async publish() {
    let baseFrame: number | null = null
    return {
      audio(timestampMs, body) {
        const isHeader = body[1] === 0
        if (isHeader || baseFrame === null || lateMs.length >= SAMPLES_MAX) return
        const dueMs = msOfFrame(baseFrame + framesOfRtmpMs(timestampMs) + 1)
        lateMs.push(systemClock.monotonicMs() + offsetMs - dueMs)
      },
      data(_timestampMs, name, values) {
        if (name !== MARKER_NAME) return
        const marker = JSON.parse(String(values[0])) as { marker: string; frame: number }
        if (marker.marker === 'start') baseFrame = marker.frame
      },
      ended() {},
    }
  },
})

const door = createServer((client) => {
  const onward = connect(server.port, '127.0.0.1')
  client.on('error', () => onward.destroy()).on('close', () => onward.destroy())
  onward.on('error', () => client.destroy()).on('close', () => client.destroy())
  client.pipe(onward)
  onward.pipe(client)
  systemClock.after(DOOR_OPEN_MS, () => client.unpipe().pause())
}).listen(0, '127.0.0.1', () => {
  const { port } = door.address() as { port: number }
  process.send?.({ port: server.port, doorPort: port })
})

process.on('message', (request: SinkRequest) => {
  if (request.ask === 'begin') {
    offsetMs = request.offsetMs
    lateMs = []
    return
  }
  const report: SinkReport = {
    connections: server.connections(),
    frames: lateMs.length,
    p50Ms: quantileOf(lateMs, 0.5),
    p99Ms: quantileOf(lateMs, 0.99),
    maxMs: quantileOf(lateMs, 1),
  }
  process.send?.(report)
})
process.on('disconnect', () => process.exit())
