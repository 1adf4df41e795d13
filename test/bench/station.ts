import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../platform/clock.ts'
import type { Bench } from './bench.ts'
import { startLiquidsoap } from './parts/liquidsoap.ts'
import { commandOf, cpuSeconds, memoryOf, pssMegabytes, treeOf } from './parts/process-usage.ts'
import { PROGRAMS, SUPERVISION, sumOf, type Usage, usageOf } from './parts/station-parts.ts'
import { printTable, type Row } from './parts/table.ts'
import { freePort, pause, until } from './parts/waiting.ts'

const SETTLE_MS = 30_000
const ONE_SLICER_MS = 60_000
const TWO_SLICERS_MS = 20_000
const SAMPLE_MS = 5_000
const AIM = { megabytes: 128, cpuPercent: 5 }
const EDGE_PORT = 8_000

export const station: Bench = {
  name: 'station',
  about: 'CPU and memory of every program of a station as `npm start` brings it up, beside Liquidsoap and nginx',
  async run(world) {
    // A file of its own: else the pages of Node's code would be shared with every other Node that runs on this machine.
    const node = join(world.folder, 'node')
    copyFileSync(process.execPath, node)
    const stationFile = join(world.folder, 'station.yaml')
    writeFileSync(stationFile, 'nodes: { localSlicers: 1 }\n')
    const data = join(world.folder, 'data')
    const offset = await freeOffset()
    const launcher = world.start(node, [
      join(world.project, 'dist/launcher/main.js'),
      ...['--data', data, '--port-offset', String(offset), '--station', stationFile],
    ])
    const edge = `http://127.0.0.1:${EDGE_PORT + offset}`
    await until('the station is on air', 120_000, async () => (await fetch(`${edge}/healthz`)).ok)
    const idle = world.start(node, [
      '--max-semi-space-size=1',
      '--optimize-for-size',
      '-e',
      'setInterval(() => {}, 1e9)',
    ])
    const liquidsoap = await startLiquidsoap(world, join(data, 'demo/music'))
    await analysed(launcher.pid!)
    await pause(SETTLE_MS)

    const roots = [launcher.pid!]
    const rivals = new Map([...(liquidsoap ?? [])].map(([name, pid]) => [name, () => treeOf(pid)]))
    const floor = memoryOf(idle.pid!)
    const one = await measure(roots, rivals, ONE_SLICER_MS)
    printTable([...one.rows, ...one.rivalRows, ...(liquidsoap ? [] : [{ what: 'Liquidsoap: not installed' }])])
    console.log(
      `   Node's floor, an idle process with the same flags: ${floor.anonymous.toFixed(1)} MB anonymous. ` +
        `Files: mapped code and libraries, each page counted once over all processes that share it.`,
    )
    const megabytes = one.whole.pss
    const cpu = one.whole.cpuPercent
    console.log(
      `   Aim ${AIM.megabytes} MB and ${AIM.cpuPercent} % of a core, without launcher and PM2: ` +
        `${megabytes.toFixed(0)} MB ${megabytes <= AIM.megabytes ? 'met' : 'MISSED'}, ` +
        `${cpu.toFixed(2)} % ${cpu < AIM.cpuPercent ? 'met' : 'MISSED'}`,
    )

    const { joinToken } = secretsOf(data)
    const second = world.start(node, [
      ...['--max-semi-space-size=1', '--optimize-for-size', join(world.project, 'dist/agents/slicer/main.js')],
      ...['--control', `http://127.0.0.1:${8080 + offset}`, '--token', joinToken, '--id', 'slicer-2'],
      ...['--data', join(world.folder, 'slicer-2'), '--http-port', '0', '--rtmp-port', '0'],
    ])
    await pause(SETTLE_MS)
    const two = await measure([...roots, second.pid!], new Map(), TWO_SLICERS_MS)
    console.log('\n   With a second slicer:')
    printTable(two.rows.filter(({ what }) => /slicer|whole/.test(String(what))))
  },
}

async function measure(roots: readonly number[], rivals: Map<string, () => number[]>, ms: number) {
  const startMs = systemClock.monotonicMs()
  const first = usageOf(roots)
  const rivalCpu = new Map([...rivals].map(([name, pids]) => [name, cpuSeconds(pids())]))
  const samples: Map<string, Usage>[] = []
  while (systemClock.monotonicMs() - startMs < ms) {
    await pause(SAMPLE_MS)
    samples.push(usageOf(roots))
  }
  const seconds = (systemClock.monotonicMs() - startMs) / 1000
  const last = samples.at(-1)!
  const cpuPercent = (name: string): number =>
    (100 * ((last.get(name)?.cpuSeconds ?? 0) - (first.get(name)?.cpuSeconds ?? 0))) / seconds
  const mean = (names: readonly string[]) => {
    const usages = samples.map((sample) => sumOf(names.flatMap((name) => sample.get(name) ?? [])))
    const of = (field: keyof Usage): number => usages.reduce((sum, usage) => sum + usage[field], 0) / usages.length
    return {
      cpuPercent: names.reduce((sum, name) => sum + cpuPercent(name), 0),
      pss: of('pss'),
      pssMax: Math.max(...usages.map(({ pss }) => pss)),
      anonymous: of('anonymous'),
      file: of('file'),
      processes: Math.round(of('processes')),
    }
  }
  const present = (names: readonly string[]): string[] => names.filter((name) => samples.some((one) => one.has(name)))
  const programs = present(PROGRAMS)
  const row = (what: string, names: readonly string[]): Row => {
    const { cpuPercent: cpu, pss, pssMax, anonymous, file, processes } = mean(names)
    return {
      what,
      processes,
      'CPU % of a core': cpu.toFixed(2),
      'PSS MB': pss.toFixed(1),
      'of it anonymous': anonymous.toFixed(1),
      files: file.toFixed(1),
      'most MB': pssMax.toFixed(1),
    }
  }
  const everything = [...programs, ...present(SUPERVISION)]
  const rivalRows = [...rivals].map(
    ([what, pids]): Row => ({
      what,
      processes: pids().length,
      'CPU % of a core': ((100 * (cpuSeconds(pids()) - rivalCpu.get(what)!)) / seconds).toFixed(2),
      'PSS MB': pssMegabytes(pids()).toFixed(1),
    }),
  )
  return {
    whole: mean(programs),
    rivalRows,
    rows: [
      ...programs.map((name) => row(name, [name])),
      row('the whole station', programs),
      ...present(SUPERVISION).map((name) => row(name, [name])),
      row('the whole with launcher and PM2', everything),
    ],
  }
}

/** Each file is decoded once, off air; what that costs is not what a station costs. */
async function analysed(root: number): Promise<void> {
  let quietSinceMs = systemClock.monotonicMs()
  await until('the library is analysed', 120_000, () => {
    const nowMs = systemClock.monotonicMs()
    if (treeOf(root).some((pid) => isAnalysis(pid))) quietSinceMs = nowMs
    return nowMs - quietSinceMs > 5_000
  })
}

function isAnalysis(pid: number): boolean {
  try {
    return /ffmpeg .*ebur128/.test(commandOf(pid))
  } catch {
    return false
  }
}

function secretsOf(data: string): { joinToken: string } {
  const secrets = JSON.parse(readFileSync(join(data, 'secrets.json'), 'utf8')) as Record<string, string>
  return { joinToken: secrets.AIRTIGHT_JOIN_TOKEN! }
}

/** Added to all of the station's ports; the launcher refuses to start when one of them is taken. */
async function freeOffset(): Promise<number> {
  const port = await freePort()
  return 20_000 + (port % 20_000)
}
