import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Clock } from '../../../platform/clock.ts'
import { type Processes, programs } from '../../../platform/processes.ts'
import { limits } from '../limits.ts'

const COMPLAINT_CHARACTERS_MAX = 500

/**
 * Runs ffmpeg with ADTS on its standard input, which is made as fast as it reads. Its standard output goes to `onOutput`.
 * Rejects with what ffmpeg said when it fails, and when it takes longer than it may.
 */
export async function runFfmpeg(
  processes: Processes,
  clock: Clock,
  args: readonly string[],
  adts: Iterable<Buffer>,
  signal: AbortSignal,
  onOutput: (bytes: Buffer) => void = () => undefined,
): Promise<void> {
  signal.throwIfAborted()
  const child = processes.start(
    programs.ffmpeg,
    ['-hide_banner', '-nostdin', '-v', 'error', '-threads', '1', '-f', 'aac', '-i', 'pipe:0', ...args],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  )
  let complaint = ''
  let isLate = false
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(0, COMPLAINT_CHARACTERS_MAX)
  })
  child.stdout!.on('data', onOutput)
  const cancel = clock.after(limits.conversionMs, () => {
    isLate = true
    child.kill('SIGKILL')
  })
  const onAbort = (): boolean => child.kill('SIGKILL')
  signal.addEventListener('abort', onAbort, { once: true })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const fed = pipeline(Readable.from(adts, { objectMode: true, highWaterMark: 2 }), child.stdin!)
  try {
    // When ffmpeg ends first, its own words say more than the broken pipe.
    const [code, feeding] = await Promise.all([
      ended,
      fed.then(
        () => null,
        (error: Error) => error,
      ),
    ])
    signal.throwIfAborted()
    if (isLate) throw new Error(`ffmpeg took longer than ${limits.conversionMs / 1000} s`)
    if (code !== 0) throw new Error(`ffmpeg failed: ${complaint.trim() || `code ${code}`}`)
    if (feeding) throw feeding
  } finally {
    cancel()
    signal.removeEventListener('abort', onAbort)
    child.kill('SIGKILL')
  }
}
