/**
 * The programs of a station, for PM2. `npm start` sets the environment it reads; in production it can be started by itself:
 * `AIRTIGHT_DATA=/var/lib/airtight AIRTIGHT_STATION=/etc/airtight/station.yaml pm2 start ecosystem.config.js`.
 * The station file's parts that concern this file (address, number of slicers) come by the environment too.
 */
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const setting = (name, otherwise) => process.env[`AIRTIGHT_${name}`] ?? otherwise
const data = resolve(setting('DATA', join(root, 'data')))
const station = resolve(setting('STATION', join(data, 'station.yaml')))
const host = setting('HOST', '127.0.0.1')
const address = setting('ADDRESS', '127.0.0.1')
const slicers = Number(setting('SLICERS', '2'))
const offset = Number(setting('PORT_OFFSET', '0'))
const port = {
  edge: 8000 + offset,
  controlCenter: 8080 + offset,
  controlCenterTls: 8443 + offset,
  playout: 8090 + offset,
  redis: 6390 + offset,
  ingest: 8006 + offset,
  icecast: 8005 + offset,
  studio: 8007 + offset,
  rtmp: 1935 + offset,
  rtmps: 1936 + offset,
  archive: 8010 + offset,
  slicerHttp: (number) => 8100 + number + offset,
  slicerRtmp: (number) => 19350 + number + offset,
}
const control = `http://127.0.0.1:${port.controlCenter}`
const music = setting('MUSIC', '') === '' ? [] : ['--music', setting('MUSIC')]
const emergency = setting('EMERGENCY', '') === '' ? [] : ['--emergency', setting('EMERGENCY')]

const tls =
  setting('TLS_CERTIFICATE', '') === ''
    ? []
    : ['--tls-certificate', setting('TLS_CERTIFICATE'), '--tls-key', setting('TLS_KEY')]

/** A child dies with the supervisor, even when that is killed. */
const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path))
/** Small heaps, little garbage held: the whole station is meant to fit into a small machine. */
const NODE = [process.execPath, '--max-semi-space-size=1', '--optimize-for-size']

function app(name, command, settings = {}) {
  const [script, ...args] = setpriv ? [setpriv, '--pdeathsig', 'TERM', '--', ...command] : command
  mkdirSync(join(data, 'logs'), { recursive: true })
  const log = join(data, 'logs', `${name}.log`)
  return {
    name,
    script,
    args,
    interpreter: 'none',
    cwd: root,
    out_file: log,
    error_file: log,
    merge_logs: true,
    autorestart: true,
    // Restarts are unlimited: PM2 gives up after sixteen quick ones by default.
    max_restarts: 1_000_000_000,
    restart_delay: 0,
    kill_timeout: 4_000,
    treekill: false,
    vizion: false,
    pmx: false,
    automation: false,
    env: {
      PATH: `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin`,
      // What is freed goes back to the system, instead of being kept for the next time.
      MALLOC_ARENA_MAX: '1',
      MALLOC_MMAP_THRESHOLD_: '131072',
      MALLOC_TRIM_THRESHOLD_: '131072',
      NODE_ENV: 'production',
    },
    ...settings,
  }
}

const program = (name, path, flags, settings) =>
  app(name, [...NODE, join(root, 'dist', path), '--data', join(data, name), ...flags.map(String)], settings)

const unhurried = { exp_backoff_restart_delay: 100 }

export const apps = [
  app(
    'redis',
    [
      ...[
        'redis-server',
        '--port',
        String(port.redis),
        '--bind',
        '127.0.0.1',
        '--dir',
        join(data, 'redis'),
        '--daemonize',
        'no',
      ],
      ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', '', '--maxmemory-policy', 'noeviction'],
    ],
    unhurried,
  ),
  program('control-center', 'control-center/main.js', [
    ...[
      '--station',
      station,
      '--host',
      host,
      '--port',
      port.controlCenter,
      '--tls-port',
      port.controlCenterTls,
      '--redis',
      `redis://127.0.0.1:${port.redis}`,
    ],
    ...['--playout', `http://127.0.0.1:${port.playout}`, ...music],
  ]),
  program('playout', 'playout/main.js', [
    '--station',
    station,
    '--host',
    host,
    '--port',
    port.playout,
    ...music,
    ...emergency,
  ]),
  ...Array.from({ length: slicers }, (_, index) => index + 1).map((number) =>
    program(
      `slicer-${number}`,
      'agents/slicer/main.js',
      [
        ...['--id', `slicer-${number}`, '--control', control, '--host', host, '--address', address],
        ...['--http-port', port.slicerHttp(number), '--rtmp-port', port.slicerRtmp(number)],
      ],
      {},
    ),
  ),
  program('ingest', 'agents/ingest/main.js', [
    ...['--id', 'ingest', '--control', control, '--host', host, '--address', address],
    ...['--http-port', port.ingest, '--studio-port', port.studio, '--icecast-port', port.icecast],
    ...['--rtmp-port', port.rtmp, '--rtmps-port', port.rtmps, ...tls],
  ]),
  program('archive', 'agents/archive/main.js', [
    ...['--id', 'archive', '--control', control, '--host', host, '--address', address, '--http-port', port.archive],
  ]),
  program('edge', 'agents/edge/main.js', [
    ...['--id', 'edge', '--control', control, '--host', host, '--address', address, '--port', port.edge],
    ...['--control-public', setting('CONTROL_PUBLIC', `http://localhost:${port.controlCenter}`)],
  ]),
]
mkdirSync(join(data, 'redis'), { recursive: true })
// Redis writes its files so that everybody on the machine could read them; in them are keys that addresses are signed with.
chmodSync(join(data, 'redis'), 0o700)
