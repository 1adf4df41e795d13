import { type Processes, programs } from '../../platform/processes.ts'
import { floatsOfPcm, type Pcm } from './pcm.ts'
import { runProgram } from './run-program.ts'

/** Null when there was too little sound to measure. */
export type Loudness = { integratedLufs: number | null; truePeakDbtp: number | null }

/** Loudness and true peak by EBU R 128, measured by ffmpeg's ebur128 filter. Throws when ffmpeg fails. */
export async function measureLoudness(pcm: Pcm, processes: Processes, signal?: AbortSignal): Promise<Loudness> {
  const input = floatsOfPcm(pcm)
  const source = ['-f', 'f32le', '-ar', `${pcm.sampleRate}`, '-ac', `${pcm.channels.length}`, '-i', 'pipe:0']
  const args = ['-hide_banner', '-nostdin', '-nostats', ...source, '-af', 'ebur128=peak=true:framelog=verbose']
  const result = await runProgram(processes, programs.ffmpeg, [...args, '-f', 'null', '-'], {
    input,
    ...(signal && { signal }),
  })
  if (result.code !== 0) throw new Error(`ffmpeg could not measure the loudness: ${result.stderr.slice(-300)}`)
  return {
    integratedLufs: numberAfter(result.stderr, /I:\s+(-?[\d.]+|-inf|nan) LUFS/g),
    truePeakDbtp: numberAfter(result.stderr, /Peak:\s+(-?[\d.]+|-inf) dBFS/g),
  }
}

function numberAfter(text: string, pattern: RegExp): number | null {
  const value = Number([...text.matchAll(pattern)].at(-1)?.[1])
  return Number.isFinite(value) ? value : null
}
