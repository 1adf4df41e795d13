import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { PORTS, slicerPorts } from '../../../launcher/ports.ts'
import { supervisorHome } from '../../../launcher/supervisor.ts'
import { systemProcesses } from '../../../platform/processes.ts'
import type { AsRunDayAnswer, LibraryAnswer, NodesAnswer, RundownAnswer } from '../../../schemas/api.ts'
import type { PlayoutStatus } from '../../../schemas/playout.ts'
import { freeOffset } from './free-offset.ts'
import { descendantsOf, leftOf, type SeenProcess, signal } from './process-tree.ts'
import { makeToneMusic, SONG_TITLES, TONE_FILES } from './tone-music.ts'
import { until } from './until.ts'

const above = join(import.meta.dirname, '..', '..', '..')
/** The same from the sources and from the build. */
export const projectFolder = basename(above) === 'dist' ? dirname(above) : above
/** The launcher as `npm start` runs it, after the build. */
export const LAUNCHER = join(projectFolder, 'dist', 'launcher', 'main.js')
const ON_AIR_WITHIN_MS = 60_000

export type StationOptions = {
  /** YAML of the station file, below the defaults of these tests. */
  programme?: string
  /** YAML of other parts of the station file. */
  live?: string
  localSlicers?: number
  /** Songs last so many times 8 to 12 s. */
  songsLonger?: number
  /** Tones are scheduled from five minutes ago until so long from now. Default 20 minutes. */
  tonesForMs?: number
  /** A process group of its own: a terminal's Ctrl-C does not reach it. */
  detached?: boolean
}

/** A whole station, started as a user starts it, with a folder and ports of its own. */
export class Station {
  readonly folder = mkdtempSync(join(tmpdir(), 'airtight-'))
  readonly data = join(this.folder, 'data')
  readonly music = join(this.folder, 'music')
  readonly file = join(this.folder, 'station.yaml')
  readonly id = 'tones'
  offset = 0
  /** All that the launcher said. */
  output = ''
  launcher: ChildProcess | null = null
  private detached = false

  async prepare(options: StationOptions = {}): Promise<void> {
    const {
      programme = '',
      live = '',
      localSlicers = 2,
      songsLonger = 1,
      tonesForMs = 1_200_000,
      detached = false,
    } = options
    this.detached = detached
    this.offset = await freeOffset(localSlicers + 1)
    mkdirSync(this.music, { recursive: true })
    makeToneMusic(this.music, songsLonger)
    writeFileSync(this.file, stationFile(this.id, localSlicers, `${programme}\n${live}`, tonesForMs))
  }

  /** Resolves when the launcher says that the station is on air. */
  async start(): Promise<void> {
    const args = ['--music', this.music, '--data', this.data, '--port-offset', `${this.offset}`, '--station', this.file]
    this.output = ''
    const stdio: StdioOptions = ['ignore', 'pipe', 'pipe']
    // What no terminal reaches must at least die with us.
    const launcher = this.detached
      ? systemProcesses.start(process.execPath, [LAUNCHER, ...args], { stdio, detached: true })
      : spawn(process.execPath, [LAUNCHER, ...args], { stdio })
    this.launcher = launcher
    for (const stream of [launcher.stdout!, launcher.stderr!])
      stream.on('data', (text: Buffer) => {
        this.output += text.toString('utf8')
      })
    await until('the banner', () => this.output.includes('is on air') || this.hasEnded(), {
      withinMs: ON_AIR_WITHIN_MS,
    })
    if (this.hasEnded()) throw new Error(`The launcher ended: ${this.output}`)
  }

  /** Ctrl-C, as a terminal sends it. Resolves with what was left of the station's processes, and how long it took. */
  async stop(by: NodeJS.Signals = 'SIGINT'): Promise<{ left: SeenProcess[]; tookMs: number }> {
    const { launcher } = this
    if (!launcher || this.hasEnded()) return { left: leftOf([], this.data), tookMs: 0 }
    const processes = descendantsOf(launcher.pid!)
    const beganMs = performance.now()
    launcher.kill(by)
    await once(launcher, 'exit')
    const left = (): SeenProcess[] => leftOf(processes, this.data)
    await until('every process of the station ended', () => left().length === 0, { withinMs: 15_000 }).catch(() => {})
    return { left: left(), tookMs: performance.now() - beganMs }
  }

  /** Ends whatever is left and removes the folder. */
  async dispose(): Promise<void> {
    const { left } = await this.stop()
    for (const process of left) signal(process, 'SIGKILL')
    if (process.env.AIRTIGHT_KEEP_STATIONS === undefined)
      rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  get edge(): string {
    return `http://127.0.0.1:${PORTS.edge + this.offset}`
  }

  get control(): string {
    return `http://127.0.0.1:${PORTS['control center'] + this.offset}`
  }

  get playout(): string {
    return `http://127.0.0.1:${PORTS.playout + this.offset}`
  }

  slicer(number: number): string {
    return `http://127.0.0.1:${slicerPorts(number).http + this.offset}`
  }

  master(origin: string): string {
    return `${origin}/hls/${this.id}/master.m3u8`
  }

  media(origin: string, playlist = 'index.m3u8', rendition = 'high'): string {
    return `${origin}/hls/${this.id}/${rendition}/${playlist}`
  }

  /** The process of one of the station's programs. */
  program(
    name: 'control-center' | 'playout' | 'redis' | 'edge' | 'ingest' | 'archive' | `slicer-${number}`,
  ): SeenProcess {
    const folder = join(this.data, name)
    const isIt = ({ command }: SeenProcess): boolean =>
      name === 'redis' ? command.startsWith('redis-server') : command.includes(`--data ${folder}`)
    return this.find(isIt, name)
  }

  /** ffmpeg that makes all renditions. */
  encoder(): SeenProcess {
    return this.find(({ command }) => /ffmpeg .*-i pipe:0/.test(command) && command.includes('-f adts'), 'the encoder')
  }

  /** ffmpeg processes that playout reads files with. */
  decoders(): SeenProcess[] {
    const playout = this.program('playout')
    return this.processes().filter(
      ({ parent, command }) => parent === playout.pid && command.includes(`file:${this.music}`),
    )
  }

  processes(): SeenProcess[] {
    return this.launcher?.pid === undefined ? [] : descendantsOf(this.launcher.pid)
  }

  secret(name: 'AIRTIGHT_JOIN_TOKEN' | 'AIRTIGHT_CONTROL_TOKEN'): string {
    return (JSON.parse(readFileSync(join(this.data, 'secrets.json'), 'utf8')) as Record<string, string>)[name]!
  }

  asRun(): Promise<AsRunDayAnswer['entries']> {
    return getJson<AsRunDayAnswer>(`${this.control}/api/as-run`).then(({ entries }) => entries)
  }

  rundown(): Promise<RundownAnswer> {
    return getJson(`${this.control}/api/rundown`)
  }

  nodes(): Promise<NodesAnswer> {
    return getJson(`${this.control}/api/nodes`)
  }

  /** Asked of playout itself: it answers with the control center dead too. */
  status(): Promise<PlayoutStatus> {
    return getJson(`${this.playout}/status`, { authorization: `Bearer ${this.secret('AIRTIGHT_CONTROL_TOKEN')}` })
  }

  /** Until the library is measured and playout holds the plan that came of it. */
  async plannedFromAll(): Promise<void> {
    await until('the library to be measured whole', async () => {
      const { entries, problems } = await getJson<LibraryAnswer>(`${this.control}/api/library`)
      return entries.length === TONE_FILES && problems.length === 0
    })
    await until('playout to hold the newest plan', async () => {
      const { version, versionAtPlayout, madeAtMs, items } = await this.rundown()
      const titles = new Set(items.map(({ title }) => title))
      const isWhole = SONG_TITLES.every((title) => titles.has(title))
      return version === versionAtPlayout && Date.now() - madeAtMs > 3_000 && isWhole
    })
  }

  /** PM2's own command line, in the station's home. */
  supervise(...args: string[]): void {
    const pm2 = join(projectFolder, 'node_modules/pm2/bin/pm2')
    const env = { ...process.env, PM2_HOME: supervisorHome(this.data), PM2_DISCRETE_MODE: 'true' }
    const done = spawnSync(process.execPath, [pm2, ...args], { env, encoding: 'utf8', timeout: 20_000 })
    if (done.status !== 0) throw new Error(`pm2 ${args.join(' ')}: ${done.stdout}${done.stderr}`)
  }

  /** The lines of a program's log that are JSON. */
  log(name: string): Record<string, unknown>[] {
    return readFileSync(join(this.data, 'logs', `${name}.log`), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  private hasEnded(): boolean {
    return this.launcher === null || this.launcher.exitCode !== null || this.launcher.signalCode !== null
  }

  private find(isIt: (process: SeenProcess) => boolean, name: string): SeenProcess {
    const found = this.processes().find(isIt)
    if (!found) throw new Error(`${name} does not run`)
    return found
  }
}

/** Tones around now; a long piece for the rest of the day keeps the plan short. */
function stationFile(id: string, localSlicers: number, programme: string, tonesForMs: number): string {
  const timeOfDay = (ms: number): string => new Date(ms).toISOString().slice(11, 19)
  const start = timeOfDay(Date.now() - 300_000)
  const end = timeOfDay(Date.now() + tonesForMs)
  return `id: ${id}
name: Tones
audio: { crossfadeSeconds: 1.5 }
emergencyFile: emergency.wav
nodes: { localSlicers: ${localSlicers} }
programme:
  rotation: { source: { folder: long } }
  shows: [{ name: The tones, start: "${start}", end: "${end}", source: { folder: songs } }]
${programme}`
}

async function getJson<T>(url: string, headers: Record<string, string> = {}): Promise<T> {
  const ask = (): Promise<Response> => fetch(url, { headers, signal: AbortSignal.timeout(5_000) })
  // While a test decodes for seconds, the other side closes a connection that was kept, unseen: then another one is taken.
  const answer = await ask().catch((error: Error) => {
    if ((error.cause as { code?: string } | undefined)?.code === 'UND_ERR_SOCKET') return ask()
    throw error
  })
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as T
}
