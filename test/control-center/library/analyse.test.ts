import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Analysis, analyse } from '../../../control-center/library/analyse.ts'
import { decodeWhole } from '../../../control-center/library/offline-decoder.ts'
import { systemClock } from '../../../platform/clock.ts'
import { asPlayoutDecodes, ffmpeg, makeTone } from './fixtures.ts'

const folder = mkdtempSync(join(tmpdir(), 'airtight-analyse-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string): string => join(folder, name)
const analysed = (path: string): Promise<Analysis> =>
  analyse({ path, bytes: statSync(path).size }, { clock: systemClock, signal: new AbortController().signal })
const reasonOf = async (path: string): Promise<string> => {
  const analysis = await analysed(path)
  return analysis.playable ? 'playable' : analysis.reason
}

describe('what is analysed is what playout decodes, sample for sample', () => {
  const cases: [string, string, readonly string[]][] = [
    ['mp3 at 44.1 kHz', 'a.mp3', ['-ar', '44100']],
    ['mono m4a at 22.05 kHz', 'b.m4a', ['-ar', '22050', '-ac', '1']],
    ['raw aac', 'c.aac', []],
    ['flac with 24 bits at 96 kHz', 'd.flac', ['-ar', '96000', '-sample_fmt', 's32']],
    ['ogg vorbis', 'e.ogg', ['-ar', '32000']],
    ['opus', 'f.opus', []],
    ['wav with 8 bits at 8 kHz', 'g.wav', ['-ar', '8000', '-c:a', 'pcm_u8', '-ac', '1']],
    ['5.1 as a stereo downmix', 'h.flac', ['-af', 'pan=5.1|FL=c0|FR=c1|FC=c0|LFE=c0|BL=c1|BR=c1']],
  ]
  for (const [what, name, options] of cases)
    it(what, async () => {
      const path = makeTone(at(name), 1.5, options)
      const pieces: Buffer[] = []
      const signal = new AbortController().signal
      const report = await decodeWhole(path, { clock: systemClock, limitMs: 30_000, signal }, (pcm) => pieces.push(pcm))
      expect(report.failure).toBeNull()
      expect(Buffer.concat(pieces).equals(asPlayoutDecodes(path))).toBe(true)
      const analysis = await analysed(path)
      expect(analysis.playable).toBe(true)
      if (!analysis.playable) return
      expect(analysis.measured.cueInSample + analysis.measured.lengthSamples).toBeLessThanOrEqual(
        Buffer.concat(pieces).length / 8,
      )
    })
})

describe('loudness', () => {
  it('of a tone of −12 dBFS peak on both channels is what EBU R128 says it is', async () => {
    // A sine of 997 Hz at 0 dBFS on both channels is 0 LUFS (EBU Tech 3341): 440 Hz lies a little below it.
    const analysis = await analysed(makeTone(at('tone.wav'), 2))
    expect(analysis.playable && Math.abs(analysis.measured.loudnessLufs - -12.7)).toBeLessThan(0.3)
    expect(analysis.playable && Math.abs(analysis.measured.truePeakDbtp - -12)).toBeLessThan(0.2)
  })

  it('of an item too short to be measured is estimated, not taken for silence', async () => {
    const analysis = await analysed(makeTone(at('blip.wav'), 0.2))
    expect(analysis.playable && Math.abs(analysis.measured.loudnessLufs - -12.7)).toBeLessThan(1)
  })
})

describe('silence at the ends', () => {
  it('is left out, to the millisecond', async () => {
    const path = at('padded.wav')
    ffmpeg(['-f', 'lavfi', '-i', `aevalsrc='if(between(t,0.5,1.5),0.25*sin(2*PI*440*t),0)':s=48000:d=2.5`, path])
    const analysis = await analysed(path)
    if (!analysis.playable) throw new Error(analysis.reason)
    const { cueInSample, lengthSamples } = analysis.measured
    expect(Math.abs(cueInSample - 0.499 * 48_000)).toBeLessThan(48)
    expect(Math.abs(cueInSample + lengthSamples - 1.52 * 48_000)).toBeLessThan(48)
  })

  it('shorter than 30 ms belongs to the item', async () => {
    const path = at('tight.wav')
    ffmpeg(['-f', 'lavfi', '-i', `aevalsrc='if(between(t,0.02,0.98),0.25*sin(2*PI*440*t),0)':s=48000:d=1`, path])
    const analysis = await analysed(path)
    expect(analysis.playable && analysis.measured).toMatchObject({ cueInSample: 0, lengthSamples: 48_000 })
  })

  it('is not what a quiet item is made of: one at −55 dBFS is kept whole', async () => {
    const path = at('quiet.flac')
    ffmpeg(['-f', 'lavfi', '-i', `aevalsrc='0.00178*sin(2*PI*440*t)':s=48000:d=1`, path])
    const analysis = await analysed(path)
    expect(analysis.playable && analysis.measured).toMatchObject({ cueInSample: 0, lengthSamples: 48_000 })
  })
})

describe('odd files that can be played', () => {
  it('one with a cover picture', async () => {
    const cover = at('cover.png')
    ffmpeg(['-f', 'lavfi', '-i', 'color=red:size=64x64', '-frames:v', '1', cover])
    const tone = makeTone(at('plain.mp3'), 1)
    const path = at('covered.mp3')
    ffmpeg([
      '-i',
      tone,
      '-i',
      cover,
      '-map',
      '0:a',
      '-map',
      '1:v',
      '-c',
      'copy',
      '-disposition:v',
      'attached_pic',
      path,
    ])
    expect((await analysed(path)).playable).toBe(true)
  })

  it('one with another format’s ending', async () => {
    makeTone(at('really.flac'), 1)
    writeFileSync(at('says.mp3'), readFileSync(at('really.flac')))
    expect((await analysed(at('says.mp3'))).playable).toBe(true)
  })

  it('one whose name would be an option, a pattern or an address to ffmpeg', async () => {
    const tone = readFileSync(makeTone(at('tone-1.mp3'), 1))
    for (const name of ['-y.mp3', 'http:%2F%2Fx %03d [1]*?.mp3', "it's $HOME.mp3", '🎵 夜.mp3']) {
      writeFileSync(at(name), tone)
      expect((await analysed(at(name))).playable, name).toBe(true)
    }
  })

  it('one with rubbish between its frames, as long as it is little', async () => {
    const tone = readFileSync(makeTone(at('tone-3.mp3'), 3))
    const middle = tone.length >> 1
    writeFileSync(
      at('scratched.mp3'),
      Buffer.concat([tone.subarray(0, middle), Buffer.alloc(300, 0x55), tone.subarray(middle)]),
    )
    expect((await analysed(at('scratched.mp3'))).playable).toBe(true)
  })
})

describe('files that are set aside, each with its reason', () => {
  it('an empty one', async () => {
    writeFileSync(at('empty.mp3'), '')
    expect(await reasonOf(at('empty.mp3'))).toBe('It is empty.')
  })

  it('noise that calls itself music', async () => {
    // A fixed row of bytes without a valid frame header in it.
    writeFileSync(at('noise.mp3'), Buffer.from(Array.from({ length: 20_000 }, (_, n) => (n * n * 7 + n * 13) % 240)))
    expect(await reasonOf(at('noise.mp3'))).toBe('It is not audio in a known format, or damaged from its beginning.')
  })

  it('a text, and a playlist that would make ffmpeg open an address', async () => {
    writeFileSync(at('text.mp3'), 'All work and no play. '.repeat(500))
    expect(await reasonOf(at('text.mp3'))).toBe('It is not audio in a known format, or damaged from its beginning.')
    writeFileSync(
      at('trap.mp3'),
      '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nhttp://127.0.0.1:9/secret.ts\n#EXT-X-ENDLIST\n',
    )
    expect(await reasonOf(at('trap.mp3'))).toBe('It is not an audio file, whatever its name says.')
  })

  it('a picture, and a film without sound', async () => {
    ffmpeg(['-f', 'lavfi', '-i', 'color=red:size=64x64:d=1', '-c:v', 'mpeg4', at('film.mp4')])
    expect(await reasonOf(at('film.mp4'))).toBe('No audio is in it.')
  })

  it('silence', async () => {
    ffmpeg(['-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=stereo', '-t', '1', at('silence.flac')])
    expect(await reasonOf(at('silence.flac'))).toBe('Nothing but silence is in it.')
  })

  it('a click', async () => {
    expect(await reasonOf(makeTone(at('click.wav'), 0.05))).toBe('It is too short to be planned: 50 ms of sound.')
  })

  it('an m4a without its index, cut short while it was being copied', async () => {
    const whole = readFileSync(makeTone(at('whole.m4a'), 2))
    writeFileSync(at('cut.m4a'), whole.subarray(0, whole.length * 0.6))
    expect(await reasonOf(at('cut.m4a'))).toBe('It is incomplete: the index at its end is missing. Copy it again.')
  })

  it('a flac and an mp3 that break off', async () => {
    for (const name of ['long.flac', 'long.mp3']) {
      const whole = readFileSync(makeTone(at(name), 4, ['-af', 'volume=0.7,aresample=44100']))
      writeFileSync(at(`cut-${name}`), whole.subarray(0, whole.length * 0.5))
      expect(await reasonOf(at(`cut-${name}`)), name).toMatch(
        /^It breaks off: 4\.\d s are announced, [12]\.\d s are there\.$/,
      )
    }
  })

  it('a flac with a damaged middle', async () => {
    const whole = readFileSync(makeTone(at('sound.flac'), 3))
    for (let n = Math.floor(whole.length * 0.2); n < whole.length * 0.8; n += 97) whole[n] = whole[n]! ^ 0xff
    writeFileSync(at('damaged.flac'), whole)
    expect(await reasonOf(at('damaged.flac'))).toMatch(/^It (is damaged|breaks off|can be decoded)/)
  })

  it('floats that are not numbers', async () => {
    const path = makeTone(at('floats.wav'), 1, ['-c:a', 'pcm_f32le'])
    const bytes = readFileSync(path)
    bytes.fill(0xff, bytes.length - 400, bytes.length - 200)
    writeFileSync(path, bytes)
    expect(await reasonOf(path)).toBe('It is damaged: some of its samples are not numbers.')
  })

  it('an encrypted m4p: a track whose codec is “drms”', async () => {
    const bytes = readFileSync(makeTone(at('clear.m4a'), 1))
    const codec = bytes.indexOf('mp4a')
    bytes.write('drms', codec, 'latin1')
    // The stream description inside says AAC; a protected file hides it.
    bytes.write('xxxx', bytes.indexOf('esds', codec), 'latin1')
    writeFileSync(at('protected.m4a'), bytes)
    expect(await reasonOf(at('protected.m4a'))).toBe('It is encrypted (DRM), or in a format that is not known here.')
  })

  it('one that is gone again: to be tried another time', async () => {
    const signal = new AbortController().signal
    const analysis = await analyse({ path: at('gone.mp3'), bytes: 1 }, { clock: systemClock, signal })
    expect(analysis).toEqual({ playable: false, reason: 'It disappeared while it was being looked at.', passing: true })
  })
})

describe('an analysis has an end', () => {
  const path = at('long.wav')
  ffmpeg(['-f', 'lavfi', '-i', 'anullsrc=r=8000:cl=mono', '-t', '900', '-c:a', 'pcm_u8', path])

  it('when it takes too long', async () => {
    const signal = new AbortController().signal
    // The limit's clock is ours: the time is up as soon as the first samples are there.
    let timeIsUp = (): void => {}
    const after = (_ms: number, callback: () => void): (() => void) => {
      timeIsUp = callback
      return () => {}
    }
    const clock = { ...systemClock, after }
    const report = await decodeWhole(path, { clock, limitMs: 5_000, signal }, () => timeIsUp())
    expect(report).toMatchObject({ failure: 'it took longer than 5 s', interrupted: true })
  })

  it('when the program ends', async () => {
    const ended = new AbortController()
    const options = { clock: systemClock, limitMs: 60_000, signal: ended.signal }
    const decoding = decodeWhole(path, options, () => ended.abort(new Error('stopped')))
    await expect(decoding).rejects.toThrow('stopped')
  })
})

it('a file that grew since is another file: its fingerprint no longer fits', async () => {
  const { fingerprintOf } = await import('../../../platform/fingerprint.ts')
  const path = makeTone(at('grows.mp3'), 1)
  const before = fingerprintOf(statSync(path))
  appendFileSync(path, 'more')
  expect(fingerprintOf(statSync(path))).not.toBe(before)
})
