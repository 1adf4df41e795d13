import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../platform/clock.ts'
import { systemProcesses } from '../../../platform/processes.ts'

/** As in ecosystem.config.js. */
const NODE_FLAGS = ['--max-semi-space-size=1', '--optimize-for-size']
const PROJECT = join(import.meta.dirname, '../../../..')
const END_MS = 15_000

/** One bench's folder and children; nothing of either is left when it has ended. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'airtight-bench-'))
  readonly project = PROJECT
  /** The one of several that a bench compares which alone shall be measured; null: all. */
  readonly only: string | null
  readonly #ends: (() => unknown)[] = []
  #ended: Promise<void> | null = null

  constructor(only: string | null = null) {
    this.only = only
  }

  start(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = systemProcesses.start(command, args, { stdio: 'ignore', ...options })
    child.on('error', (error) => console.error(`${command}: ${error.message}`))
    this.atEnd(() => endOf(child))
    return child
  }

  /** A program of the build, by its path in it, with the flags that the supervisor gives it. */
  program(path: string, flags: readonly string[], options: SpawnOptions = {}): ChildProcess {
    return this.start(process.execPath, [...NODE_FLAGS, join(PROJECT, 'dist', path), ...flags], options)
  }

  /** Done when the bench ends, the last first. */
  atEnd(end: () => unknown): void {
    this.#ends.unshift(end)
  }

  end(): Promise<void> {
    this.#ended ??= this.#end()
    return this.#ended
  }

  async #end(): Promise<void> {
    for (const end of this.#ends) await end()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGCONT')
  child.kill('SIGTERM')
  const cancel = systemClock.after(END_MS, () => child.kill('SIGKILL'))
  await ended
  cancel()
}
