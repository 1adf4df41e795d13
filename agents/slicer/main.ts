import { randomInt } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../../platform/clock.ts'
import { createLogger } from '../../platform/log.ts'
import { collectGarbageEvery } from '../shared/memory.ts'
import { softwareVersion } from '../shared/software-version.ts'
import { startSlicer } from './slicer.ts'

const STOP_MS_MAX = 2_500
const GARBAGE_MS = 30_000

const { values } = parseArgs({
  options: {
    control: { type: 'string', default: 'http://127.0.0.1:8080' },
    data: { type: 'string' },
    id: { type: 'string' },
    token: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
    address: { type: 'string', default: '127.0.0.1' },
    'http-port': { type: 'string' },
    'rtmp-port': { type: 'string' },
  },
})

const log = createLogger('slicer')
const slicer = await startSlicer({
  controlUrl: values.control,
  joinToken: values.token ?? process.env.AIRTIGHT_JOIN_TOKEN ?? null,
  // A node started by hand with nothing but a token: each is a node of its own, unless it is told where it lived before.
  folder: values.data ?? join(tmpdir(), 'airtight-slicer', values.id ?? String(process.pid)),
  id: values.id ?? null,
  host: values.host,
  address: values.address,
  httpPort: portOf(values['http-port']),
  rtmpPort: portOf(values['rtmp-port']),
  softwareVersion: softwareVersion(),
  clock: systemClock,
  random: () => randomInt(2 ** 32) / 2 ** 32,
  log,
}).catch((error: Error) => {
  log.fatal(`the slicer can't start: ${error.message}`)
  process.exit(1)
})
log.info(
  { id: slicer.id, httpPort: slicer.httpPort, rtmpPort: slicer.rtmpPort },
  `slicer ${slicer.id} answers on http://${values.address}:${slicer.httpPort} and takes the push on rtmp://${values.address}:${slicer.rtmpPort}/live`,
)
collectGarbageEvery(GARBAGE_MS, systemClock)

let isEnding = false
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    if (isEnding) return
    isEnding = true
    log.info({ signal }, 'ending')
    systemClock.after(STOP_MS_MAX, () => process.exit(0))
    void slicer.stop(true).then(() => process.exit(0))
  })

function portOf(text: string | undefined): number | null {
  if (text === undefined) return null
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new Error(`a port is a whole number from 0 to 65535, not ${text}`)
}
