import type { ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, sleep } from '../platform/clock.ts'
import type { Processes } from '../platform/processes.ts'

/** A Unix socket's path has 107 bytes at most; PM2's is `<home>/rpc.sock`. */
const HOME_BYTES_MAX = 90
const STOP_MS = 12_000
const RESTART_MS = 500
/** PM2 that ended sooner than this, so many times in a row, is given up. */
const STEADY_MS = 30_000
const QUICK_FAILURES_MAX = 3

export type Supervisor = {
  /** Resolves with a sentence when it has ended for good, for whatever reason. */
  ended: Promise<string>
  /** Ends all programs and itself. Resolves when nothing is left. */
  stop(): Promise<void>
}

/** PM2 with a home of its own, never the user's, in the foreground: its children end with it, and it ends with us. */
export function startSupervisor(options: {
  projectFolder: string
  dataFolder: string
  environment: NodeJS.ProcessEnv
  processes: Processes
  clock: Clock
}): Supervisor {
  const { projectFolder, processes, clock } = options
  let stopping = false
  let child = startOnce()
  const ended = keepGoing()

  /** PM2 itself may be killed, by the system when memory is short: it is started again, unless it never holds for long. */
  async function keepGoing(): Promise<string> {
    for (let failures = 0; ; ) {
      const sinceMs = clock.monotonicMs()
      const sentence = await endOf(child)
      if (stopping) return sentence
      failures = clock.monotonicMs() - sinceMs > STEADY_MS ? 1 : failures + 1
      if (failures > QUICK_FAILURES_MAX) return sentence
      console.warn(`${sentence} It is started again.`)
      await sleep(clock, RESTART_MS)
      if (stopping) return sentence
      child = startOnce()
    }
  }

  function startOnce(): ChildProcess {
    return processes.start(
      process.execPath,
      [join(projectFolder, 'node_modules/pm2/bin/pm2-runtime'), 'start', join(projectFolder, 'ecosystem.config.js')],
      {
        cwd: projectFolder,
        env: {
          ...options.environment,
          PM2_HOME: supervisorHome(options.dataFolder),
          PM2_DISCRETE_MODE: 'true',
          NO_UPDATE_NOTIFIER: '1',
        },
        stdio: ['ignore', 'ignore', 'pipe'],
        // A group of its own: the terminal's Ctrl-C reaches us alone, and we end things in order.
        detached: true,
      },
    )
  }

  return {
    ended,
    async stop() {
      stopping = true
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGINT')
      const cancel = clock.after(STOP_MS, () => child.kill('SIGKILL'))
      await ended
      cancel()
    },
  }
}

export function supervisorHome(dataFolder: string): string {
  const inData = join(dataFolder, 'pm2')
  const home =
    Buffer.byteLength(inData) <= HOME_BYTES_MAX
      ? inData
      : join(tmpdir(), `airtight-${createHash('sha256').update(dataFolder).digest('hex').slice(0, 12)}`)
  mkdirSync(home, { recursive: true, mode: 0o700 })
  return home
}

function endOf(child: ChildProcess): Promise<string> {
  let complaint = ''
  child.stderr?.on('data', (text: Buffer) => {
    complaint = (complaint + text.toString('utf8')).slice(-600)
  })
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`PM2 could not be started: ${error.message}`))
    child.once('exit', (code, signal) => resolve(`PM2 ended (${signal ?? `code ${code}`}). ${complaint.trim()}`.trim()))
  })
}
