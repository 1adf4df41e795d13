import type { Processes } from '../../platform/processes.ts'

export type ProgramResult = { code: number | null; stdout: Buffer; stderr: string }

export type ProgramOptions = { input?: Buffer; signal?: AbortSignal; stderrBytesMax?: number }

/**
 * Runs a program to its end: bytes in, bytes out. Rejects when it cannot be started, and with the signal's reason after
 * killing it when that is aborted. Only the last part of a long standard error is kept.
 */
export function runProgram(
  processes: Processes,
  command: string,
  args: readonly string[],
  { input, signal, stderrBytesMax = 200_000 }: ProgramOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const child = processes.start(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    const output: Buffer[] = []
    let stderr = ''
    const onAbort = (): void => {
      child.kill('SIGKILL')
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    child.stdout!.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr!.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-stderrBytesMax)
    })
    // A program may end before it has read everything: its exit code tells.
    child.stdin!.on('error', () => {})
    child.on('error', reject)
    child.on('close', (code) => {
      signal?.removeEventListener('abort', onAbort)
      if (signal?.aborted) reject(signal.reason)
      else resolve({ code, stdout: Buffer.concat(output), stderr })
    })
    child.stdin!.end(input)
  })
}
