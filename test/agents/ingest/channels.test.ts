import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { startDecoder } from '../../../agents/ingest/decode/decoder.ts'
import { systemClock } from '../../../platform/clock.ts'
import { systemProcesses } from '../../../platform/processes.ts'
import { runToEnd, temporaryFolder } from '../../platform/rtmp/tools.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

/** The peaks of both sides of what the decoder makes of a tone that each channel has at a level of its own. */
async function peaksOf(
  layout: string,
  levels: readonly number[],
  coding: readonly string[],
): Promise<[number, number]> {
  const path = folder.path(`${layout}.nut`)
  const tones = levels.map((level) => `${level}*sin(2000*PI*t)`).join('|')
  const source = ['-f', 'lavfi', '-i', `aevalsrc=${tones}:c=${layout}:s=48000:d=0.3`]
  await runToEnd('ffmpeg', ['-v', 'error', '-y', ...source, ...coding, '-f', 'nut', path])
  const pieces: Buffer[] = []
  await new Promise<void>((resolve, reject) => {
    const decoder = startDecoder({
      input: { demuxer: 'nut' },
      processes: systemProcesses,
      clock: systemClock,
      pcm: (samples) => pieces.push(Buffer.from(samples)),
      ended: ({ outcome, reason }) => (outcome === 'drained' ? resolve() : reject(new Error(reason))),
    })
    expect(decoder.write(readFileSync(path))).toBe(true)
    decoder.finish()
  })
  const bytes = Buffer.concat(pieces)
  let [left, right] = [0, 0]
  // Without the coder's beginning and end.
  for (let at = 24_000; at + 8 <= bytes.length - 24_000; at += 8) {
    left = Math.max(left, bytes.readFloatLE(at))
    right = Math.max(right, bytes.readFloatLE(at + 4))
  }
  return [left, right]
}

describe('whatever channels a sender has', () => {
  it('a mono voice is on both sides as it was sent, no quieter', async () => {
    const [left, right] = await peaksOf('mono', [0.3], ['-c:a', 'pcm_s16le'])
    expect(left).toBeCloseTo(0.3, 3)
    expect(right).toBe(left)
    const [coded, other] = await peaksOf('mono', [0.3], ['-c:a', 'aac', '-b:a', '128k'])
    expect(coded).toBeGreaterThan(0.28)
    expect(coded).toBeLessThan(0.32)
    expect(other).toBe(coded)
  })

  it('stereo stays as it is', async () => {
    const [left, right] = await peaksOf('stereo', [0.3, 0.1], ['-c:a', 'pcm_s16le'])
    expect(left).toBeCloseTo(0.3, 3)
    expect(right).toBeCloseTo(0.1, 3)
  })

  it('the middle of five channels is 3 dB down on both sides', async () => {
    const [left, right] = await peaksOf('5.1', [0, 0, 0.3, 0, 0, 0], ['-c:a', 'pcm_s16le'])
    expect(left).toBeCloseTo(0.3 * Math.SQRT1_2, 3)
    expect(right).toBeCloseTo(left, 5)
  })
})
