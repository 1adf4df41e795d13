import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { systemClock } from '../../platform/clock.ts'
import { systemProcesses } from '../../platform/processes.ts'
import type { CaptureOptions, Player } from './player.ts'
import { readWav } from './wav.ts'

export type CommandLine = { command: string; args: string[] }

export type CommandLinePlayer = {
  name: string
  program: string
  cannot?: Player['cannot']
  /** The command that writes what it plays to a WAV file. */
  commandLine(url: string, wav: string, options: CaptureOptions): CommandLine
  /** It goes on until it is told to end. */
  endless: boolean
}

/** A player that is a program: it is started, left alone until it has enough or its time is over, and told to end. */
export function commandLinePlayer(description: CommandLinePlayer): Player {
  return {
    name: description.name,
    async missing() {
      return findProgram(description.program) ? null : 'not installed'
    },
    cannot: description.cannot ?? (() => null),
    async capture(url, options) {
      const wav = join(options.folder, 'heard.wav')
      const line = description.commandLine(url, wav, options)
      const stayMs = (description.endless ? options.seconds + START_SECONDS : options.secondsMost) * 1000
      const said = await run(line, stayMs, options)
      try {
        return await readWav(wav)
      } catch (error) {
        throw new Error(
          `${(error as Error).message}; it said: ${said.trim().split('\n').slice(-3).join(' | ') || 'nothing'}`,
        )
      }
    },
  }
}

/** What a player may need until its first sample. */
const START_SECONDS = 4
const KILL_AFTER_MS = 3000

/** Where a program lies; null when it is not installed. */
export function findProgram(program: string): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path)) ?? null
}

function run({ command, args }: CommandLine, stayMs: number, { signal, folder }: CaptureOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const environment = { ...process.env, HOME: folder, XDG_RUNTIME_DIR: folder }
    const child = systemProcesses.start(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment })
    let said = ''
    const listen = (chunk: Buffer): void => {
      said = (said + chunk.toString('utf8')).slice(-4000)
    }
    child.stdout!.on('data', listen)
    child.stderr!.on('data', listen)
    const end = (): void => {
      child.kill('SIGINT')
    }
    const cancelEnd = systemClock.after(stayMs, end)
    const cancelKill = systemClock.after(stayMs + KILL_AFTER_MS, () => child.kill('SIGKILL'))
    const onAbort = (): void => {
      child.kill('SIGKILL')
    }
    signal.addEventListener('abort', onAbort, { once: true })
    child.on('error', reject)
    child.on('close', () => {
      cancelEnd()
      cancelKill()
      signal.removeEventListener('abort', onAbort)
      if (signal.aborted) reject(signal.reason)
      else resolve(said)
    })
  })
}
