import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SEGMENT_SECONDS } from '../../media/timeline.ts'
import { pushKeyOf } from '../../platform/credentials.ts'
import { programs, systemProcesses } from '../../platform/processes.ts'
import { startFakeControl } from '../agents/shared/fake-control.ts'
import { startFakePlayout, station } from '../agents/slicer/fake-playout.ts'
import { eventually, FIRST_FRAME } from '../agents/slicer/world.ts'
import { cpuSeconds, load, pssMegabytes } from './load.ts'

/**
 * How many listeners one core of a slicer carries, beside nginx serving the same files from disk, in one run. A listener of live HLS fetches a
 * playlist and a segment each segment's length. Counted by the server's own CPU time, so the client beside it does not matter.
 */
const CONNECTIONS = 32
const MS = 4_000
const FOLDER = `/hls/${station.id}/high`
const NODE_FLAGS = ['--max-semi-space-size=1', '--optimize-for-size']

const root = mkdtempSync(join(tmpdir(), 'airtight-bench-'))
const playout = await startFakePlayout({ firstFrame: FIRST_FRAME })
const control = await startFakeControl(station, playout.url, 2_000)
const main = join(import.meta.dirname, '../../agents/slicer/main.js')
const flags = [
  '--control',
  control.url,
  '--token',
  control.joinToken,
  '--id',
  'slicer-1',
  '--data',
  join(root, 'slicer'),
]
const slicer = systemProcesses.start(process.execPath, [...NODE_FLAGS, main, ...flags], { stdio: 'ignore' })
const nginxPort = await freePort()
writeFileSync(join(root, 'nginx.conf'), nginxConfiguration(nginxPort))
const nginx = systemProcesses.start(programs.nginx, ['-p', root, '-c', join(root, 'nginx.conf')], { stdio: 'ignore' })

try {
  const credential = await eventually(() => control.credentialOf('slicer-1'), 'the slicer registers')
  const { httpPort, rtmpPort } = control.registrations[0]!
  await playout.pushTo({ rtmpPort: rtmpPort!, pushKey: pushKeyOf(credential) })
  playout.advance(188 * 12)
  const base = `http://127.0.0.1:${httpPort}`
  await eventually(async () => (await fetch(`${base}/healthz`)).status === 200 || null, 'the slicer is ready')
  const playlist = `${FOLDER}/index.m3u8`
  const text = await (await fetch(base + playlist)).text()
  const segments = text.split('\n').flatMap((line) => (/^\d+\.m4s$/.test(line) ? [`${FOLDER}/${line}`] : []))
  for (const path of [playlist, ...segments]) {
    const file = join(root, 'html', path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, Buffer.from(await (await fetch(base + path)).arrayBuffer()))
  }
  const nginxPids = (): number[] => [nginx.pid!, ...childrenOf(nginx.pid!)]
  await eventually(async () => (await fetch(`http://127.0.0.1:${nginxPort}${playlist}`)).ok || null, 'nginx answers')

  const measured = [
    await measure('slicer', httpPort, () => [slicer.pid!], playlist, segments),
    await measure('nginx', nginxPort, nginxPids, playlist, segments),
  ]
  console.table(Object.fromEntries(measured))
} finally {
  for (const child of [slicer, nginx]) if (child.kill('SIGTERM')) await once(child, 'exit')
  await playout.die()
  await control.die()
  rmSync(root, { recursive: true, force: true })
}

async function measure(name: string, port: number, pids: () => number[], playlist: string, segments: string[]) {
  const perCpuSecond = async (paths: string[]): Promise<number> => {
    await load(port, paths, CONNECTIONS, 500)
    const before = cpuSeconds(pids())
    const { responses } = await load(port, paths, CONNECTIONS, MS)
    return responses / (cpuSeconds(pids()) - before)
  }
  const playlists = await perCpuSecond([playlist])
  const segmentsAnswered = await perCpuSecond(segments)
  const listeners = SEGMENT_SECONDS / (1 / playlists + 1 / segmentsAnswered)
  return [
    name,
    {
      'playlists per CPU second': Math.round(playlists),
      'segments per CPU second': Math.round(segmentsAnswered),
      'listeners per core': Math.round(listeners),
      'PSS in MB afterwards': Number(pssMegabytes(pids()).toFixed(1)),
    },
  ] as const
}

function nginxConfiguration(port: number): string {
  return `daemon off; worker_processes 1; pid ${root}/nginx.pid; error_log ${root}/error.log;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 100000000; open_file_cache max=100;
  client_body_temp_path ${root}/t1; proxy_temp_path ${root}/t2; fastcgi_temp_path ${root}/t3; uwsgi_temp_path ${root}/t4; scgi_temp_path ${root}/t5;
  server { listen 127.0.0.1:${port}; root ${root}/html; add_header Cache-Control "max-age=1"; add_header Access-Control-Allow-Origin "*"; }
}
`
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim()
  return text === '' ? [] : text.split(' ').map(Number)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
