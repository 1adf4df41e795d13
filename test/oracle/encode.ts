import { createAdtsSplitter } from '../../media/adts-splitter.ts'
import { type Processes, programs } from '../../platform/processes.ts'
import { floatsOfPcm, type Pcm } from './pcm.ts'
import { runProgram } from './run-program.ts'

/**
 * AAC-LC access units of some audio, by the encoder that the station uses. Unit j decodes to the samples [1024·(j−1), 1024·j) of what went
 * in; unit 0 is the encoder's delay and is left out here, so unit i of the answer decodes to the samples [1024·i, 1024·(i+1)).
 */
export async function encodeUnits(pcm: Pcm, processes: Processes, bitrateKbps = 128): Promise<Buffer[]> {
  const source = ['-f', 'f32le', '-ar', `${pcm.sampleRate}`, '-ac', `${pcm.channels.length}`, '-i', 'pipe:0']
  const encoder = ['-c:a', 'aac', '-b:a', `${bitrateKbps}k`, '-flags:a', '+bitexact', '-f', 'adts', 'pipe:1']
  const result = await runProgram(processes, programs.ffmpeg, ['-v', 'error', ...source, ...encoder], {
    input: floatsOfPcm(pcm),
  })
  if (result.code !== 0) throw new Error(`ffmpeg could not encode: ${result.stderr}`)
  const units: Buffer[] = []
  createAdtsSplitter((unit) => units.push(unit)).push(result.stdout)
  return units.slice(1)
}
