import type { Clock } from '../../platform/clock.ts'
import { type Processes, programs } from '../../platform/processes.ts'
import { outputOf } from './child-output.ts'

/** The words as mono samples at 48 kHz; null where no espeak-ng is installed, or it fails: a jingle does without. */
export async function spoken(
  ports: { clock: Clock; processes: Processes },
  words: string,
): Promise<Float32Array | null> {
  try {
    const wav = await outputOf(ports, 'espeak-ng', ['-v', 'en-gb', '-s', '135', '-p', '38', '--stdout', words])
    const args = ['-v', 'error', '-f', 'wav', '-ignore_length', '1', '-i', 'pipe:0']
    const pcm = await outputOf(
      ports,
      programs.ffmpeg,
      [...args, '-ar', '48000', '-ac', '1', '-f', 'f32le', 'pipe:1'],
      wav,
    )
    const samples = new Float32Array(Math.floor(pcm.length / 4))
    for (let n = 0; n < samples.length; n++) samples[n] = pcm.readFloatLE(4 * n)
    return samples.length ? samples : null
  } catch {
    return null
  }
}
