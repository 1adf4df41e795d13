import type { Packaging } from '../../media/playlists.ts'
import { SAMPLE_RATE } from '../../media/timeline.ts'
import { type Processes, programs } from '../../platform/processes.ts'
import type { HeardSegment } from './heard-segment.ts'
import { lengthOf, type Pcm, pcmFromFloats } from './pcm.ts'
import { runProgram } from './run-program.ts'

export type Decoded = {
  pcm: Pcm
  /** What the decoder complained about, one line each. */
  errors: string[]
  /** Samples that the frames should have given, less those that came out. */
  missingSamples: number
}

const DEMUXERS: Record<Packaging, string> = { cmaf: 'mov', ts: 'mpegts', adts: 'aac' }

/**
 * One continuous decode of the segments, joined as they came (the init section first, for CMAF), by ffmpeg. Sample 0 is the
 * first output of the first frame, which lacks the overlap of the frame before it: the first 1,024 samples are not to be judged.
 */
export async function decodeSegments(
  segments: readonly HeardSegment[],
  init: Buffer | null,
  processes: Processes,
  signal?: AbortSignal,
): Promise<Decoded> {
  const first = segments[0]
  if (!first)
    return { pcm: { sampleRate: SAMPLE_RATE, channels: [new Float32Array(0)] }, errors: [], missingSamples: 0 }
  const input = Buffer.concat([...(init ? [init] : []), ...segments.map(({ bytes }) => bytes)])
  const decoded = await decodeAudio(input, DEMUXERS[first.packaging], first.channels, processes, signal)
  const frames = segments.reduce((sum, { units }) => sum + units.length, 0)
  return { ...decoded, missingSamples: frames * 1024 - lengthOf(decoded.pcm) }
}

/** Decodes a whole file's bytes to 48 kHz. `demuxer` is ffmpeg's name of the format; without it ffmpeg guesses. */
export async function decodeAudio(
  input: Buffer,
  demuxer: string | null,
  channels: number,
  processes: Processes,
  signal?: AbortSignal,
): Promise<{ pcm: Pcm; errors: string[] }> {
  const format = demuxer ? ['-f', demuxer] : []
  const args = ['-hide_banner', '-nostdin', '-v', 'warning', ...format, '-i', 'pipe:0', '-map', '0:a:0']
  const output = ['-f', 'f32le', '-ar', `${SAMPLE_RATE}`, '-ac', `${channels}`, 'pipe:1']
  const result = await runProgram(processes, programs.ffmpeg, [...args, ...output], {
    input,
    ...(signal && { signal }),
  })
  const errors = result.stderr.split('\n').filter((line) => line.trim() !== '' && !HARMLESS.test(line))
  if (result.code !== 0) errors.push(`ffmpeg ended with code ${result.code}`)
  return { pcm: pcmFromFloats(result.stdout, SAMPLE_RATE, channels), errors }
}

/** Said of every stream that is cut out of a longer one, or has no duration; no audio is lost by these. */
const HARMLESS =
  /Estimating duration from bitrate|STTS table of 0|non monotonically increasing dts|Guessed Channel Layout|Last message repeated/
