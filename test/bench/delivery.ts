import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { FRAME_MS, FRAMES_PER_SEGMENT, SEGMENT_SECONDS } from '../../media/timeline.ts'
import { systemClock } from '../../platform/clock.ts'
import { pushKeyOf } from '../../platform/credentials.ts'
import { programs } from '../../platform/processes.ts'
import { startFakeControl } from '../agents/shared/fake-control.ts'
import { startFakePlayout, station } from '../agents/slicer/fake-playout.ts'
import { FIRST_FRAME } from '../agents/slicer/world.ts'
import type { Bench } from './bench.ts'
import { load } from './parts/load.ts'
import { cpuSeconds, pssMegabytes, treeOf } from './parts/process-usage.ts'
import { printTable } from './parts/table.ts'
import { freePort, until } from './parts/waiting.ts'

const CONNECTIONS = 32
const MS = 4_000
/** Time passes meanwhile: these are still kept when the measuring ends. */
const NEWEST = 4
const FOLDER = `/hls/${station.id}/high`

type Server = { name: string; port: number; pids: () => number[] }

/**
 * A listener of live HLS fetches a playlist and a segment each segment's length. Counted by the server's own CPU time, so the client
 * beside it does not matter.
 */
export const delivery: Bench = {
  name: 'delivery',
  about: 'listeners per core of a slicer and of the edge, beside nginx with the same files on disk',
  async run(world) {
    const playout = await startFakePlayout({ firstFrame: FIRST_FRAME })
    world.atEnd(() => playout.die())
    const control = await startFakeControl(station, playout.url, 2_000)
    world.atEnd(() => control.die())
    const shared = ['--control', control.url, '--token', control.joinToken]
    const slicer = world.program('agents/slicer/main.js', [
      ...[...shared, '--id', 'slicer-1', '--data', join(world.folder, 'slicer')],
    ])
    const credential = await until('the slicer registers', 15_000, () => control.credentialOf('slicer-1'))
    const { httpPort, rtmpPort } = control.registrations[0]!
    await playout.pushTo({ rtmpPort: rtmpPort!, pushKey: pushKeyOf(credential) })
    playout.advance(FRAMES_PER_SEGMENT * 12)
    const stopTime = systemClock.every(FRAMES_PER_SEGMENT * FRAME_MS, () => playout.advance(FRAMES_PER_SEGMENT))
    world.atEnd(stopTime)
    const base = `http://127.0.0.1:${httpPort}`
    await until('the slicer is ready', 15_000, async () => (await fetch(`${base}/healthz`)).ok)
    const playlist = `${FOLDER}/index.m3u8`
    const listed = async (): Promise<string[]> => {
      const text = await (await fetch(base + playlist)).text()
      return text.split('\n').flatMap((line) => (/^\d+\.m4s$/.test(line) ? [`${FOLDER}/${line}`] : []))
    }
    const onDisk = await listed()

    const root = join(world.folder, 'html')
    for (const path of [playlist, ...onDisk]) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), Buffer.from(await (await fetch(base + path)).arrayBuffer()))
    }
    const nginxPort = await freePort()
    writeFileSync(join(world.folder, 'nginx.conf'), nginxConfiguration(world.folder, nginxPort))
    const nginx = world.start(programs.nginx, ['-p', world.folder, '-c', join(world.folder, 'nginx.conf')])
    const edgePort = await freePort()
    const edge = world.program('agents/edge/main.js', [
      ...[...shared, '--id', 'edge', '--data', join(world.folder, 'edge'), '--port', String(edgePort)],
    ])
    const isNginx = (pid: number): boolean => pid !== edge.pid
    const servers: Server[] = [
      { name: 'slicer (node:http, from memory)', port: httpPort, pids: () => [slicer.pid!] },
      { name: 'edge (nginx with its cache)', port: edgePort, pids: () => treeOf(edge.pid!).filter(isNginx) },
      { name: 'nginx, files on disk', port: nginxPort, pids: () => treeOf(nginx.pid!) },
    ]
    for (const { name, port } of servers)
      await until(`${name} answers`, 20_000, async () => (await fetch(`http://127.0.0.1:${port}${playlist}`)).ok)
    const rows = []
    for (const server of servers)
      rows.push(await measure(server, playlist, server.port === nginxPort ? onDisk : (await listed()).slice(-NEWEST)))
    const reference = rows.at(-1)!.listeners
    printTable(
      rows.map(({ listeners, row }) => ({ ...row, 'beside nginx': `${((100 * listeners) / reference).toFixed(0)} %` })),
    )
  },
}

async function measure({ name, port, pids }: Server, playlist: string, segments: readonly string[]) {
  const perCpuSecond = async (paths: readonly string[]): Promise<number> => {
    await load(port, paths, CONNECTIONS, 500)
    const before = cpuSeconds(pids())
    const { responses } = await load(port, paths, CONNECTIONS, MS)
    return responses / (cpuSeconds(pids()) - before)
  }
  const playlists = await perCpuSecond([playlist])
  const answered = await perCpuSecond(segments)
  const listeners = SEGMENT_SECONDS / (1 / playlists + 1 / answered)
  return {
    listeners,
    row: {
      server: name,
      'playlists per CPU second': Math.round(playlists),
      'segments per CPU second': Math.round(answered),
      'listeners per core': Math.round(listeners),
      'PSS MB afterwards': pssMegabytes(pids()).toFixed(1),
    },
  }
}

function nginxConfiguration(root: string, port: number): string {
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
