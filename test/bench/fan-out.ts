import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { systemClock } from '../../platform/clock.ts'
import { programs } from '../../platform/processes.ts'
import type { PushTarget } from '../../schemas/playout.ts'
import { ffmpeg, MUSIC } from '../media/real-frames.ts'
import type { Bench } from './bench.ts'
import { cpuSeconds, memoryOf, pssMegabytes } from './parts/process-usage.ts'
import type { SinkPorts, SinkReport, SinkRequest } from './parts/sink-messages.ts'
import { type BenchPlayout, startPlayout } from './parts/station-playout.ts'
import { printTable } from './parts/table.ts'
import { pause, until } from './parts/waiting.ts'
import type { World } from './parts/world.ts'

const STAGES = [0, 1, 50, 500]
const SETTLE_MS = 3_000
const MEASURE_MS = 12_000
const FFMPEGS = 5
const STUCK = 'stuck'

type Stage = { cpuPercent: number; pss: number; engineLateMs: number; report: SinkReport }

export const fanOut: Bench = {
  name: 'fan-out',
  about: 'RTMP targets of one playout: what each costs, and what one that reads nothing costs the others',
  async run(world) {
    const playout = await startPlayout(world, [{ id: 'high', bitrateKbps: 128 }])
    const sink = world.start(process.execPath, [join(import.meta.dirname, 'parts/rtmp-sink.js')], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const [{ port, doorPort }] = (await once(sink, 'message')) as [SinkPorts]
    const targets = (count: number): PushTarget[] =>
      Array.from({ length: count }, (_, index) => targetOf(`t${index}`, port))

    const rows = []
    let floor: Stage | null = null
    for (const count of STAGES) {
      await playout.push(targets(count))
      const stage = await measure(playout, sink, count)
      floor ??= stage
      rows.push(rowOf(`${count} targets`, stage, floor, count))
    }
    const stuckSinceMs = systemClock.monotonicMs()
    await playout.push([...targets(50), targetOf(STUCK, doorPort)])
    const beside = await measure(playout, sink, 50)
    rows.push(rowOf('50, while one more reads nothing', beside, floor!, 50))
    const foundOut = await until('the one that reads nothing is found out', 30_000, async () => {
      const reason = (await playout.status()).targets.find(({ id }) => id === STUCK)?.reason
      return reason?.startsWith('the server') ? reason : null
    })
    const foundOutSeconds = (systemClock.monotonicMs() - stuckSinceMs) / 1000
    const { targets: statuses } = await playout.status()
    const dropped = statuses.filter(({ id }) => id !== STUCK).reduce((sum, { framesDropped }) => sum + framesDropped, 0)
    await playout.push([])
    rows.push(await ffmpegRow(world, port))
    printTable(rows)
    console.log(`   the one that reads nothing is found out within ${foundOutSeconds.toFixed(0)} s: ${foundOut}`)
    console.log(`   frames that the others were left out of: ${dropped}`)
  },
}

function targetOf(id: string, port: number): PushTarget {
  return { id, url: `rtmp://127.0.0.1:${port}/live`, pushKey: 'bench', renditions: ['high'], generation: 1 }
}

/** Resolves when so many targets (beside the stuck one) are being pushed to. */
async function publishing(playout: BenchPlayout, count: number): Promise<void> {
  await until(`${count} targets publish`, 30_000, async () => {
    const { targets } = await playout.status()
    return targets.filter(({ id, state }) => id !== STUCK && state === 'publishing').length === count
  })
}

async function measure(playout: BenchPlayout, sink: ChildProcess, count: number): Promise<Stage> {
  await publishing(playout, count)
  await pause(SETTLE_MS)
  const { nowMs } = await playout.status()
  tell(sink, { ask: 'begin', offsetMs: nowMs - systemClock.monotonicMs() })
  const startMs = systemClock.monotonicMs()
  const before = cpuSeconds([playout.pid])
  await pause(MEASURE_MS)
  const seconds = (systemClock.monotonicMs() - startMs) / 1000
  const cpuPercent = (100 * (cpuSeconds([playout.pid]) - before)) / seconds
  tell(sink, { ask: 'report' })
  const [report] = (await once(sink, 'message')) as [SinkReport]
  const { lateMs: engineLateMs } = await playout.status()
  return { cpuPercent, pss: memoryOf(playout.pid).pss, engineLateMs, report }
}

function rowOf(what: string, { cpuPercent, pss, engineLateMs, report }: Stage, floor: Stage, count: number) {
  const each = (value: number, digits: number, unit: string): string =>
    count === 0 ? '' : `${(value / count).toFixed(digits)} ${unit}`
  return {
    what,
    'playout CPU %': cpuPercent.toFixed(2),
    'CPU % a target': each(cpuPercent - floor.cpuPercent, 4, '%'),
    'PSS MB': pss.toFixed(1),
    'PSS a target': each((pss - floor.pss) * 1024, 0, 'kB'),
    frames: report.frames,
    'engine late ms': Math.max(0, engineLateMs).toFixed(0),
    'frames late: p50 ms': count === 0 ? '' : report.p50Ms.toFixed(1),
    'p99 ms': count === 0 ? '' : report.p99Ms.toFixed(1),
    'max ms': count === 0 ? '' : report.maxMs.toFixed(1),
  }
}

/** The other way of doing it: an ffmpeg a target, copying a file of the same bit rate. */
async function ffmpegRow(world: World, port: number) {
  const file = join(world.folder, 'copied.flv')
  ffmpeg(['-f', 'lavfi', '-i', MUSIC, '-t', '60', '-ac', '2', '-c:a', 'aac', '-b:a', '128k', file])
  const source = ['-nostdin', '-v', 'error', '-re', '-stream_loop', '-1', '-i', file]
  const pids = Array.from({ length: FFMPEGS }, (_, index) => {
    const target = `rtmp://127.0.0.1:${port}/live/f${index}`
    return world.start(programs.ffmpeg, [...source, '-c', 'copy', '-f', 'flv', target]).pid!
  })
  await pause(SETTLE_MS)
  const before = cpuSeconds(pids)
  await pause(MEASURE_MS)
  const cpuPercent = (100 * (cpuSeconds(pids) - before)) / (MEASURE_MS / 1000)
  return {
    what: `${FFMPEGS} targets, an ffmpeg each`,
    'playout CPU %': cpuPercent.toFixed(2),
    'CPU % a target': `${(cpuPercent / FFMPEGS).toFixed(4)} %`,
    'PSS MB': pssMegabytes(pids).toFixed(1),
    'PSS a target': `${((pssMegabytes(pids) / FFMPEGS) * 1024).toFixed(0)} kB`,
  }
}

function tell(sink: ChildProcess, request: SinkRequest): void {
  sink.send(request)
}
