import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { programs } from '../../../platform/processes.ts'

/** Runs ffmpeg to make a fixture; throws when it fails. */
export function ffmpeg(args: readonly string[]): Buffer {
  return execFileSync(programs.ffmpeg, ['-nostdin', '-v', 'error', '-y', ...args], { maxBuffer: 200_000_000 })
}

/** A tone of 440 Hz at −12 dBFS in the codec of the file's ending. */
export function makeTone(path: string, seconds: number, options: readonly string[] = []): string {
  mkdirSync(dirname(path), { recursive: true })
  const source = `aevalsrc='0.25*sin(2*PI*440*t)|0.25*sin(2*PI*440*t)':s=48000:d=${seconds}`
  ffmpeg(['-f', 'lavfi', '-i', source, ...options, path])
  return path
}

/** The samples that playout will get from a file: interleaved stereo floats at 48 kHz. */
export function asPlayoutDecodes(path: string): Buffer {
  const args = ['-i', `file:${path}`, '-map', '0:a:0', '-vn', '-sn', '-dn', '-af', 'aresample=48000']
  return ffmpeg([...args, '-ac', '2', '-f', 'f32le', 'pipe:1'])
}

/** An ID3v2.3 tag whose texts are said to be ISO 8859-1, whatever their bytes are. */
export function id3v23(frames: Readonly<Record<string, Uint8Array>>): Buffer {
  const body = Buffer.concat(
    Object.entries(frames).map(([id, text]) => {
      const header = Buffer.alloc(11)
      header.write(id, 0, 'latin1')
      header.writeUInt32BE(text.length + 1, 4)
      return Buffer.concat([header, text])
    }),
  )
  const header = Buffer.from([0x49, 0x44, 0x33, 3, 0, 0, 0, 0, 0, 0])
  for (let n = 0; n < 4; n++) header[9 - n] = (body.length >> (7 * n)) & 0x7f
  return Buffer.concat([header, body])
}

/** An ID3v1 tag: 30 bytes a field, in no encoding that it would name. */
export function id3v1(title: Uint8Array, artist: Uint8Array): Buffer {
  const tag = Buffer.alloc(128)
  tag.write('TAG', 0, 'latin1')
  Buffer.from(title).subarray(0, 30).copy(tag, 3)
  Buffer.from(artist).subarray(0, 30).copy(tag, 33)
  tag[127] = 255
  return tag
}
