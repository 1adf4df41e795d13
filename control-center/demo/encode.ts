import { rm, writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import type { Clock } from '../../platform/clock.ts'
import { type Processes, programs } from '../../platform/processes.ts'
import { outputOf } from './child-output.ts'

const codecs: Readonly<Record<string, readonly string[]>> = {
  '.mp3': ['-c:a', 'libmp3lame', '-b:a', '128k', '-compression_level', '7', '-id3v2_version', '3'],
  '.m4a': ['-c:a', 'aac', '-aac_coder', 'fast', '-b:a', '128k', '-movflags', '+faststart'],
  '.ogg': ['-c:a', 'libvorbis', '-q:a', '3'],
  '.opus': ['-c:a', 'libopus', '-b:a', '96k'],
  '.flac': ['-c:a', 'flac'],
  '.wav': ['-c:a', 'pcm_s16le'],
}

/**
 * Writes stereo `s16le` samples at 48 kHz as the codec that the file's ending names. Rejects when ffmpeg does.
 * The samples go by way of a file, not a pipe: the next piece is composed meanwhile, and a busy composer feeds no pipe.
 */
export async function encode(
  ports: { clock: Clock; processes: Processes },
  pcm: Buffer,
  path: string,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const codec = codecs[extname(path)]
  if (!codec) throw new Error(`no codec for ${path}`)
  const samples = `${path}.pcm`
  const metadata = Object.entries(tags).flatMap(([name, value]) => ['-metadata', `${name}=${value}`])
  const args = ['-v', 'error', '-y', '-f', 's16le', '-ar', '48000', '-ac', '2', '-i', samples, '-threads', '1']
  const exact = ['-fflags', '+bitexact', '-flags:a', '+bitexact', '-map_metadata', '-1']
  try {
    await writeFile(samples, pcm)
    await outputOf(ports, programs.ffmpeg, [...args, ...codec, ...exact, ...metadata, path])
  } finally {
    await rm(samples, { force: true })
  }
}
