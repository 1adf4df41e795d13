import { readFile } from 'node:fs/promises'
import type { Pcm } from '../oracle/pcm.ts'

/**
 * Reads a RIFF/WAVE file (16-bit integers or 32-bit floats) as players write it: those that were killed leave a header without lengths, so
 * the data reaches to the end of the file. Throws an Error in a sentence.
 */
export async function readWav(path: string): Promise<Pcm> {
  return parseWav(await readFile(path))
}

export function parseWav(bytes: Buffer): Pcm {
  if (bytes.length < 12 || bytes.toString('latin1', 8, 12) !== 'WAVE') throw new Error('it wrote no WAV file')
  let format: { channels: number; sampleRate: number; bits: number; float: boolean } | null = null
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = bytes.toString('latin1', at, at + 4)
    const size = bytes.readUInt32LE(at + 4)
    const body = at + 8
    if (id === 'fmt ') {
      const tag = bytes.readUInt16LE(body)
      const sub = tag === EXTENSIBLE ? bytes.readUInt16LE(body + 24) : tag
      format = {
        channels: bytes.readUInt16LE(body + 2),
        sampleRate: bytes.readUInt32LE(body + 4),
        bits: bytes.readUInt16LE(body + 14),
        float: sub === FLOAT,
      }
    } else if (id === 'data') {
      if (!format) throw new Error('the WAV file has no format')
      const end = size === 0 || body + size > bytes.length ? bytes.length : body + size
      return samplesOf(bytes.subarray(body, end), format)
    }
    at = body + size + (size & 1)
  }
  throw new Error('the WAV file has no sound')
}

const FLOAT = 3
const EXTENSIBLE = 0xfffe

function samplesOf(data: Buffer, format: { channels: number; sampleRate: number; bits: number; float: boolean }): Pcm {
  const { channels: count, sampleRate, bits, float } = format
  const step = (bits / 8) * count
  const read = float ? (at: number) => data.readFloatLE(at) : (at: number) => data.readInt16LE(at) / 32768
  if (!(float ? bits === 32 : bits === 16)) throw new Error(`the WAV file has ${bits} bits a sample`)
  const length = Math.floor(data.length / step)
  const channels = Array.from({ length: count }, (_, channel) =>
    Float32Array.from({ length }, (_, i) => read(i * step + channel * (bits / 8))),
  )
  return { sampleRate, channels }
}
