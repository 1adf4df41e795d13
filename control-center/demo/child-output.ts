import { once } from 'node:events'
import type { Clock } from '../../platform/clock.ts'
import type { Processes } from '../../platform/processes.ts'

const RUN_SECONDS_MAX = 60
const OUTPUT_BYTES_MAX = 50_000_000

/**
 * Runs a program to its end, feeding it `input`; its standard output. Rejects with a sentence when it can't be started,
 * fails, says too much or takes more than a minute (it is killed then).
 */
export async function outputOf(
  ports: { clock: Clock; processes: Processes },
  command: string,
  args: readonly string[],
  input?: Buffer,
): Promise<Buffer> {
  const child = ports.processes.start(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const cancel = ports.clock.after(RUN_SECONDS_MAX * 1000, () => child.kill('SIGKILL'))
  const chunks: Buffer[] = []
  let bytes = 0
  let complaint = ''
  child.stdout!.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > OUTPUT_BYTES_MAX) child.kill('SIGKILL')
    else chunks.push(chunk)
  })
  child.stderr!.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000)
  })
  // A child that dies while it is being fed breaks the pipe: its exit code says more than that.
  child.stdin!.on('error', () => {})
  child.stdin!.end(input)
  try {
    const [code, signal] = await once(child, 'close')
    if (code !== 0) throw new Error(`${command} ended with ${signal ?? `code ${code}`}: ${complaint.trim()}`)
    return Buffer.concat(chunks)
  } finally {
    cancel()
  }
}
