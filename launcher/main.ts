import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readCertificate } from '../platform/certificate.ts'
import { sleep, systemClock } from '../platform/clock.ts'
import { lockFolder } from '../platform/folder-lock.ts'
import { systemProcesses } from '../platform/processes.ts'
import { loadStationFile } from '../platform/station-file.ts'
import { bannerOf } from './banner.ts'
import { firstAdminPath } from './first-admin-path.ts'
import { keepLogsShort } from './logs.ts'
import { onAir } from './on-air.ts'
import { runToEnd } from './one-off.ts'
import { readOptions, USAGE } from './options.ts'
import { PORTS, portsProblem, slicerPorts } from './ports.ts'
import { secretsFor } from './secrets.ts'
import { chooseStationFile } from './station-choice.ts'
import { startSupervisor, supervisorHome } from './supervisor.ts'

/** How long to wait for ports that are held. */
const PORTS_WAIT_MS = 4_000

const projectFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const built = (program: string): string => join(projectFolder, 'dist', program)

function refuse(sentence: string): never {
  console.error(sentence)
  process.exit(1)
}

let options: ReturnType<typeof readOptions>
try {
  options = readOptions(process.argv.slice(2), process.env.INIT_CWD ?? process.cwd(), projectFolder)
} catch (error) {
  refuse(`${(error as Error).message}\n\n${USAGE}`)
}
if (options === 'help') {
  console.log(USAGE)
  process.exit(0)
}
const chosen = options
const { dataFolder, portOffset } = chosen
if (options.musicFolder !== null && !existsSync(options.musicFolder))
  refuse(`There is no folder ${options.musicFolder}: name another with --music.`)

function orRefuse<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    refuse(`The data folder ${dataFolder} can't be used: ${(error as Error).message}.`)
  }
}

orRefuse(() => mkdirSync(dataFolder, { recursive: true }))
if (!(await lockFolder(dataFolder)))
  refuse(`A station is running with ${dataFolder} already: end it, or give this one a folder of its own with --data.`)
const stationFile = orRefuse(() => chooseStationFile(chosen, projectFolder))
const loaded = loadStationFile(stationFile)
if (!loaded.ok)
  refuse(
    `The station file ${stationFile} can't be used:\n${loaded.problems.map((problem) => `  - ${problem}`).join('\n')}`,
  )
const { station } = loaded
for (const warning of loaded.warnings) console.warn(`Note: ${warning}`)
if (station.tls !== null) {
  const read = readCertificate(station.tls)
  if (!read.ok) refuse(`${read.problem} Correct \`tls\` in ${stationFile}.`)
}

const host = station.listen.address
const ports = [
  ...Object.entries(PORTS)
    .filter(([name]) => station.tls !== null || !/TLS|RTMPS/.test(name))
    .map(([name, port]) => ({ name, port: port + portOffset })),
  ...Array.from({ length: station.nodes.localSlicers }, (_, index) => slicerPorts(index + 1)).flatMap(
    ({ http, rtmp }, index) => [
      { name: `slicer ${index + 1}`, port: http + portOffset },
      { name: `slicer ${index + 1} RTMP`, port: rtmp + portOffset },
    ],
  ),
]
let portsTrouble = await portsProblem(host, ports)
// The programs of a launcher that was killed a moment ago need a few seconds to end.
for (const deadlineMs = systemClock.monotonicMs() + PORTS_WAIT_MS; portsTrouble !== null; ) {
  if (systemClock.monotonicMs() > deadlineMs) refuse(portsTrouble)
  await sleep(systemClock, 200)
  portsTrouble = await portsProblem(host, ports)
}

const demoFolder = join(dataFolder, 'demo')
const ownMusic = options.musicFolder ?? station.musicFolder
if (ownMusic === null || station.emergencyFile === null) {
  if (!existsSync(demoFolder)) console.log('Making demo programmes ...')
  const made = await runToEnd(systemProcesses, built('control-center/demo/main.js'), ['--out', demoFolder])
  if (!made.ok) refuse(made.output)
}
const musicFolder = ownMusic ?? demoFolder
const checked = await runToEnd(systemProcesses, built('control-center/check/main.js'), [
  '--station',
  stationFile,
  '--music',
  musicFolder,
])
if (!checked.ok) refuse(checked.output)

const secrets = orRefuse(() => secretsFor(station, dataFolder, process.env))
const publicHost = station.listen.publicHost ?? (host === '127.0.0.1' || host === '0.0.0.0' ? 'localhost' : host)
const supervisor = startSupervisor({
  projectFolder,
  dataFolder,
  processes: systemProcesses,
  clock: systemClock,
  environment: {
    ...process.env,
    ...secrets,
    AIRTIGHT_DATA: dataFolder,
    AIRTIGHT_STATION: stationFile,
    AIRTIGHT_MUSIC: musicFolder,
    AIRTIGHT_EMERGENCY: station.emergencyFile === null ? join(demoFolder, 'emergency.mp3') : '',
    AIRTIGHT_HOST: host,
    AIRTIGHT_ADDRESS: host === '0.0.0.0' ? '127.0.0.1' : host,
    AIRTIGHT_SLICERS: String(station.nodes.localSlicers),
    AIRTIGHT_PORT_OFFSET: String(portOffset),
    AIRTIGHT_TLS_CERTIFICATE: station.tls?.certificate ?? '',
    AIRTIGHT_TLS_KEY: station.tls?.key ?? '',
    AIRTIGHT_CONTROL_PUBLIC: `http://${publicHost}:${PORTS['control center'] + portOffset}`,
  },
})

let ending = false
async function end(code: number): Promise<never> {
  if (!ending) {
    ending = true
    console.log('\nEnding ...')
  }
  await supervisor.stop()
  process.exit(code)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0))
void supervisor.ended.then((sentence) => {
  if (!ending) refuse(sentence)
})

console.log('Starting ...')
const waited = await onAir(`http://127.0.0.1:${PORTS.edge + portOffset}`, station, systemClock)
if (!waited.ok)
  console.warn(
    `Not on air yet: ${waited.reason} The programs go on trying; their logs are in ${join(dataFolder, 'logs')}.`,
  )
console.log(
  bannerOf({ station, publicHost, portOffset, dataFolder, stationFile, firstAdminPath: firstAdminPath(dataFolder) }),
)
keepLogsShort({
  folder: join(dataFolder, 'logs'),
  home: supervisorHome(dataFolder),
  projectFolder,
  clock: systemClock,
  processes: systemProcesses,
})
