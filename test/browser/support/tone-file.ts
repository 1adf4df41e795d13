import { writeFileSync } from 'node:fs'

const SAMPLE_RATE = 48_000
export const TONE_HZ = 1_000
const AMPLITUDE = 8_000

/** A WAV file with whole periods of a tone, 48 kHz mono: played round and round it is one endless tone. */
export function writeToneFile(path: string, seconds: number, frequencyHz = TONE_HZ): void {
  const samples = Int16Array.from({ length: SAMPLE_RATE * seconds }, (_, at) =>
    Math.round(AMPLITUDE * Math.sin((2 * Math.PI * frequencyHz * at) / SAMPLE_RATE)),
  )
  const data = Buffer.from(samples.buffer)
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + data.length, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(SAMPLE_RATE, 24)
  head.writeUInt32LE(SAMPLE_RATE * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(data.length, 40)
  writeFileSync(path, Buffer.concat([head, data]))
}

/**
 * Where a recording is not that tone going on: any two neighbours of a sine tell the next sample (s[n+1] = 2 cos ω s[n] − s[n−1]), so a
 * missing, doubled or silent sample shows. Sample numbers.
 */
export function breaksInTone(samples: Int16Array): number[] {
  const twoCos = 2 * Math.cos((2 * Math.PI * TONE_HZ) / SAMPLE_RATE)
  const breaks: number[] = []
  for (let at = 2; at < samples.length; at += 1) {
    const expected = twoCos * samples[at - 1]! - samples[at - 2]!
    if (Math.abs(samples[at]! - expected) > 60) breaks.push(at)
  }
  return breaks
}

export function rmsOf(samples: Int16Array): number {
  let squares = 0
  for (const sample of samples) squares += sample * sample
  return Math.sqrt(squares / samples.length)
}
