import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../../platform/clock.ts'
import { replaceFile } from '../../../platform/files.ts'
import type { Logger } from '../../../platform/log.ts'
import { type Processes, programs } from '../../../platform/processes.ts'
import { boundedLines } from './log-lines.ts'
import { retiredWorkers, strayNginxProcesses } from './stray-workers.ts'

const RETIRED_WORKERS_MAX = 16
const BOUNDED_AFTER_MS = 500
const TEST_TIME_MAX_MS = 10_000
const RESTART_DELAY_MAX_MS = 5_000

/** nginx as the agent's child: a configuration is tried before it is used, a crash is answered by a new start. */
export class Nginx {
  readonly #folder: string
  readonly #processes: Processes
  readonly #clock: Clock
  readonly #log: Logger
  readonly #retiredWorkersMax: number
  #child: ChildProcess | null = null
  #cancelRestart: (() => void) | null = null
  #cancelBounding: (() => void) | null = null
  #startedAtMs = 0
  #quickExits = 0
  #stopping = false
  #applying: Promise<boolean> = Promise.resolve(true)
  /** The configuration that is refused at present, in nginx's own words; null when all is well. */
  alarm: string | null = null
  readonly counters = { reloads: 0, restarts: 0, refusedConfigurations: 0 }

  constructor(
    folder: string,
    processes: Processes,
    clock: Clock,
    log: Logger,
    retiredWorkersMax = RETIRED_WORKERS_MAX,
  ) {
    this.#folder = folder
    this.#processes = processes
    this.#clock = clock
    this.#log = log
    this.#retiredWorkersMax = retiredWorkersMax
    for (const name of ['cache', 'temp']) mkdirSync(join(folder, name), { recursive: true, mode: 0o700 })
  }

  get pid(): number | null {
    return this.#child?.pid ?? null
  }

  /** Tries the configuration and goes over to it without dropping a request. False: it was refused and the old one goes on. */
  apply(configuration: string): Promise<boolean> {
    this.#applying = this.#applying.then(() => this.#apply(configuration))
    return this.#applying
  }

  /** Has nginx open its log files anew, after one was moved away. */
  reopenLogs(): void {
    this.#child?.kill('SIGUSR1')
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#cancelRestart?.()
    this.#cancelBounding?.()
    await this.#applying
    const child = this.#child
    if (child === null) return
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGTERM')
    const cancel = this.#clock.after(1_500, () => child.kill('SIGKILL'))
    await ended
    cancel()
    this.#killStrays(null)
  }

  async #apply(configuration: string): Promise<boolean> {
    if (this.#stopping) return false
    const draft = join(this.#folder, 'nginx.next.conf')
    replaceFile(draft, configuration)
    const refusal = await this.#test(draft)
    if (refusal !== null) {
      this.counters.refusedConfigurations += 1
      this.alarm = `nginx refuses the new configuration: ${refusal}`
      this.#log.error(this.alarm)
      if (this.#child === null && existsSync(this.#file)) this.#start()
      return false
    }
    this.alarm = null
    replaceFile(this.#file, configuration)
    if (this.#child === null) this.#start()
    else {
      this.#child.kill('SIGHUP')
      this.counters.reloads += 1
      this.#cancelBounding?.()
      // Workers retire a moment after the signal.
      this.#cancelBounding = this.#clock.after(BOUNDED_AFTER_MS, () => this.#boundRetiredWorkers())
    }
    return true
  }

  get #file(): string {
    return join(this.#folder, 'nginx.conf')
  }

  #arguments(file: string): string[] {
    return ['-p', this.#folder, '-e', 'stderr', '-c', file]
  }

  /** Null when nginx accepts the file; otherwise what it says against it. */
  #test(file: string): Promise<string | null> {
    return new Promise((resolve) => {
      const child = this.#processes.start(programs.nginx, [...this.#arguments(file), '-t', '-q'], {
        cwd: this.#folder,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      const lines: string[] = []
      boundedLines(child.stderr!, this.#clock, (line) => lines.push(line))
      const cancel = this.#clock.after(TEST_TIME_MAX_MS, () => child.kill('SIGKILL'))
      child.once('error', (error) => {
        cancel()
        resolve(`cannot run ${programs.nginx}: ${error.message}`)
      })
      child.once('close', (code) => {
        cancel()
        resolve(code === 0 ? null : (lines.find((line) => line.includes('[emerg]')) ?? lines[0] ?? `exit code ${code}`))
      })
    })
  }

  #start(): void {
    this.#killStrays(null)
    // The inner setpriv changes the parent-death signal from KILL to TERM: a master that is killed outright leaves its workers behind.
    const dying = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path))
    const command = [
      ...(dying ? [dying, '--pdeathsig', 'TERM', '--'] : []),
      programs.nginx,
      ...this.#arguments(this.#file),
    ]
    const child = this.#processes.start(command[0]!, command.slice(1), {
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#child = child
    this.#startedAtMs = this.#clock.monotonicMs()
    boundedLines(child.stderr!, this.#clock, (line) => this.#log.warn({ nginx: line }, 'nginx says something'))
    let over = false
    const onEnd = (how: string): void => {
      if (over) return
      over = true
      this.#child = null
      if (this.#stopping) return
      const livedMs = this.#clock.monotonicMs() - this.#startedAtMs
      this.#quickExits = livedMs < 10_000 ? this.#quickExits + 1 : 0
      const delayMs = this.#quickExits < 2 ? 0 : Math.min(RESTART_DELAY_MAX_MS, 250 * 2 ** (this.#quickExits - 2))
      this.counters.restarts += 1
      this.#log.error(`nginx ended (${how}) after ${Math.round(livedMs)} ms; it is started again in ${delayMs} ms`)
      this.#cancelRestart = this.#clock.after(delayMs, () => this.#start())
    }
    child.once('error', (error) => onEnd(error.message))
    child.once('exit', (code, signal) => onEnd(signal ?? `code ${code}`))
  }

  #killStrays(masterPid: number | null): void {
    for (const pid of strayNginxProcesses(this.#folder, masterPid)) {
      this.#log.warn({ pid }, 'an nginx process of a former run still lives; it is killed')
      killQuietly(pid, 'SIGKILL')
    }
  }

  #boundRetiredWorkers(): void {
    if (this.pid === null) return
    const retired = retiredWorkers(this.#folder, this.pid)
    for (const pid of retired.slice(0, Math.max(0, retired.length - this.#retiredWorkersMax)))
      killQuietly(pid, 'SIGTERM')
  }
}

function killQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // Gone by itself.
  }
}
