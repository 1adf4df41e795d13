import { once } from 'node:events'
import type { Processes } from '../platform/processes.ts'

/** Runs one of the built programs to its end. `output` is what it said, for a person. */
export async function runToEnd(
  processes: Processes,
  path: string,
  flags: string[],
): Promise<{ ok: boolean; output: string }> {
  const child = processes.start(process.execPath, [path, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 180_000,
  })
  let output = ''
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (text: Buffer) => {
      output = (output + text.toString('utf8')).slice(-8_000)
    })
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
    if (signal !== null) output += `\n${path} was ended by ${signal}.`
    return { ok: code === 0, output: output.trim() || `${path} ended with code ${code}.` }
  } catch (error) {
    return { ok: false, output: `${path} could not be started: ${(error as Error).message}` }
  }
}
