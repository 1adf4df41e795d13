import { describe, expect, it } from 'vitest'
import type { Pcm } from '../oracle/pcm.ts'
import { judgeCapture } from './judge.ts'
import { pathsOf } from './paths.ts'
import { parseWav } from './wav.ts'

const SECOND = 48_000
/** A tone that wanders and so never repeats: 20 s of a station. */
let phase = 0
const sent = Float32Array.from({ length: 20 * SECOND }, (_, i) => {
  phase += (2 * Math.PI * (500 + 300 * Math.sin(i / 31_000) + i / 4000)) / SECOND
  return 0.3 * Math.sin(phase)
})
const station: Pcm = { sampleRate: SECOND, channels: [sent] }
const played = (...parts: [number, number][]): Pcm => {
  const samples = parts.flatMap(([from, to]) => [...sent.subarray(from * SECOND, to * SECOND)])
  return { sampleRate: SECOND, channels: [Float32Array.from([...new Float32Array(SECOND / 2), ...samples])] }
}

describe('the verdict on a player', () => {
  it('is ok when it played the station, however late it began', () => {
    expect(judgeCapture(played([5, 12]), station, 8)).toMatchObject({ ok: true })
  })

  it('names a skip and a repeat', () => {
    expect(judgeCapture(played([5, 8], [8.25, 12]), station, 8).sentence).toMatch(
      /^a step of 250\.0 ms at (2\.9|3\.\d) s/,
    )
    expect(judgeCapture(played([5, 8], [7.5, 12]), station, 8).sentence).toMatch(
      /^a step of -500\.0 ms at (2\.9|3\.\d) s/,
    )
  })

  it('forgives what a player does to its first half second, and names the same later on', () => {
    const damaged = (atSeconds: number): Pcm => {
      const { channels, sampleRate } = played([5, 12])
      channels[0]!.fill(0, (0.5 + atSeconds) * SECOND, (0.5 + atSeconds + 0.02) * SECOND)
      return { sampleRate, channels }
    }
    expect(judgeCapture(damaged(0.25), station, 8)).toMatchObject({
      ok: true,
      sentence: expect.stringContaining('begins unclean'),
    })
    expect(judgeCapture(damaged(3.2), station, 8)).toMatchObject({
      ok: false,
      sentence: expect.stringMatching(/^disturbed at 3/),
    })
  })

  it('is not fooled by too little sound, or by another sound', () => {
    expect(judgeCapture(played([5, 7]), station, 8)).toEqual({ ok: false, sentence: 'only 1.9 s of sound' })
    const hum = Float32Array.from({ length: 6 * SECOND }, (_, i) => 0.3 * Math.sin(i / 3))
    expect(judgeCapture({ sampleRate: SECOND, channels: [hum] }, station, 8).ok).toBe(false)
  })
})

describe('what the players are given and give', () => {
  it('are the paths beside the playlist', () => {
    const paths = pathsOf('http://radio.example:8000/hls/night/master.m3u8', 'low')
    expect(paths['hls-ts']).toBe('http://radio.example:8000/hls/night/low/ts.m3u8')
    expect(paths['stream-flv']).toBe('http://radio.example:8000/stream/night/low.flv')
    expect(paths.dash).toBe('http://radio.example:8000/dash/night/manifest.mpd')
    expect(() => pathsOf('http://radio.example/')).toThrow('is not a playlist of a station')
  })

  it('is a WAV file, even of a player that was killed before it wrote the lengths', () => {
    const header = Buffer.alloc(44)
    header.write('RIFF', 0, 'latin1')
    header.write('WAVEfmt ', 8, 'latin1')
    header.writeUInt32LE(16, 16)
    header.writeUInt16LE(1, 20)
    header.writeUInt16LE(2, 22)
    header.writeUInt32LE(48_000, 24)
    header.writeUInt16LE(16, 34)
    header.write('data', 36, 'latin1')
    const samples = Buffer.from(Int16Array.from([16_384, -16_384, 8192, 0]).buffer)
    const pcm = parseWav(Buffer.concat([header, samples]))
    expect(pcm.channels.map((channel) => [...channel])).toEqual([
      [0.5, 0.25],
      [-0.5, 0],
    ])
    expect(() => parseWav(Buffer.from('nothing'))).toThrow('it wrote no WAV file')
  })
})
