import type { ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemProcesses } from '../../../platform/processes.ts'

export type Run = {
  child: ChildProcess
  done: Promise<{ code: number | null; output: string }>
  /** Resolves when the program has said something that fulfils the condition; rejects when it ends before. */
  said(condition: (output: string) => boolean): Promise<void>
  kill(): Promise<void>
}

/** Starts an outside program; `done` rejects clearly when it is not installed. */
export function run(command: string, args: readonly string[]): Run {
  const child = systemProcesses.start(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const heard = new EventEmitter()
  const hear = (text: Buffer): void => {
    output += text.toString()
    heard.emit('output')
  }
  child.stdout?.on('data', hear)
  child.stderr?.on('data', hear)
  const done = new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${command} could not be started: ${error.message}`)))
    child.once('close', (code) => {
      if (code === 127) reject(new Error(`${command} is not installed: ${output}`))
      else resolve({ code, output })
    })
  })
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await done.catch(() => {})
  }
  const said = (condition: (output: string) => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (!condition(output)) return
        heard.off('output', check)
        resolve()
      }
      heard.on('output', check)
      check()
      done.then(() => reject(new Error(`${command} ended: ${output}`)), reject)
    })
  return { child, done, said, kill }
}

/** Runs a program to its good end; rejects with what it said otherwise. */
export async function runToEnd(command: string, args: readonly string[]): Promise<string> {
  const { code, output } = await run(command, args).done
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${output}`)
  return output
}

export function temporaryFolder(): { path(name: string): string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'airtight-rtmp-'))
  return { path: (name) => join(folder, name), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** An FLV file of three seconds of a tone in AAC, its timestamps moved by an offset. */
export async function makeToneFlv(path: string, offsetSeconds = 0): Promise<void> {
  const source = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=3']
  const coding = ['-ac', '2', '-c:a', 'aac', '-b:a', '64k', '-output_ts_offset', String(offsetSeconds)]
  await runToEnd('ffmpeg', ['-v', 'error', '-y', ...source, ...coding, '-f', 'flv', path])
}

/** The audio tags of an FLV file: the oracle for what a publisher of it must deliver. */
export async function audioTagsOfFlv(path: string): Promise<{ timestampMs: number; body: Buffer }[]> {
  const bytes = await readFile(path)
  const tags: { timestampMs: number; body: Buffer }[] = []
  for (let at = 13; at + 11 <= bytes.length; ) {
    const length = bytes.readUIntBE(at + 1, 3)
    const timestampMs = bytes.readUIntBE(at + 4, 3) + bytes[at + 7]! * 0x1_00_00_00
    if (bytes[at] === 8) tags.push({ timestampMs, body: bytes.subarray(at + 11, at + 11 + length) })
    at += 15 + length
  }
  return tags
}
