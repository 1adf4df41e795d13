import { afterEach, describe, expect, it } from 'vitest'
import { FRAME_SAMPLES } from '../../../media/timeline.ts'
import { pauseAhead } from '../../../playout/live/pauses.ts'
import { FakeIngest, KEY, RUN } from './fake-ingest.ts'
import { SECOND, START, Studio, songs } from './studio.ts'

const cleanUps: (() => void)[] = []
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp()
})

const BUFFER = 0.6 * SECOND
const WORD = 1.5 * SECOND
const PAUSE = 0.5 * SECOND
/** A word of a second and a half, a pause of half a second, and so on. */
const speech = (offset: number): number =>
  offset % (WORD + PAUSE) < WORD ? 0.3 * Math.sin((2 * Math.PI * 300 * offset) / SECOND) : 0

const stereo = (pairs: number, levelAt: (pair: number) => number): Float32Array =>
  Float32Array.from({ length: pairs * 2 }, (_, index) => levelAt(index >> 1))

describe('a pause ahead', () => {
  it('lasts until the first hundredth of a second with sound in it', () => {
    expect(pauseAhead(stereo(4_800, (pair) => (pair < 2_500 ? 0 : 0.1)))).toBe(2_400)
    expect(pauseAhead(stereo(4_800, () => 0.1))).toBe(0)
    expect(pauseAhead(stereo(4_700, () => 0))).toBe(4_700)
    expect(pauseAhead(new Float32Array(0))).toBe(0)
  })

  it('may have the hiss of a microphone in it, but no whisper, and nothing that is no number', () => {
    expect(pauseAhead(stereo(4_800, (pair) => (pair % 2 === 0 ? 0.001 : -0.001)))).toBe(4_800)
    expect(pauseAhead(stereo(4_800, (pair) => (pair % 2 === 0 ? 0.003 : -0.003)))).toBe(0)
    expect(pauseAhead(stereo(4_800, (pair) => (pair === 960 ? Number.NaN : 0)))).toBe(960)
  })
})

/** The lengths of words and of the pauses between them, of what went out. */
function wordsAndPauses(studio: Studio, from: number, until: number): { words: number[]; pauses: number[] } {
  const edges: number[] = []
  let isWord = false
  let quietSince = from
  for (let sample = from; sample < until; sample++) {
    if (Math.abs(studio.wordAt(sample)) > 0.01) {
      if (!isWord && (edges.length === 0 || sample - quietSince > 0.05 * SECOND)) edges.push(quietSince, sample)
      isWord = true
      quietSince = sample + 1
    } else if (sample - quietSince > 0.05 * SECOND) isWord = false
  }
  const words = []
  const pauses = []
  for (let index = 2; index + 1 < edges.length; index += 2) {
    words.push(edges[index]! - edges[index - 1]!)
    pauses.push(edges[index + 1]! - edges[index]!)
  }
  return { words, pauses }
}

describe('after a stall and a burst', () => {
  it('seconds too much in hand are passed over in the pauses, a part of each one; no word is shortened', async () => {
    const ingest = await FakeIngest.start(96_000, (offset) => [0, speech(offset)])
    const studio = new Studio({ ingest, items: songs(20, 60) })
    cleanUps.push(
      () => ingest.close(),
      () => studio.close(),
    )
    const audio = () => studio.voices.audioOf('one')!
    const speakUntil = (sample: number): Promise<void> =>
      studio.mixUntil(sample, async () => {
        ingest.advance(FRAME_SAMPLES)
        await studio.until(() => audio().newestOffset >= ingest.newestSample - SECOND / 10)
      })
    studio.voices.open('one', { peer: ingest.peer, keyId: KEY, run: RUN, from: 'newest', bufferSamples: BUFFER })
    await studio.until(() => audio().streaming)
    ingest.advance(BUFFER)
    await studio.until(() => audio().bufferedSamples >= BUFFER)
    const session = { sessionId: 'one', anchorName: 'Ada', title: '', atSample: 0, fadeSamples: 0, talkOver: false }
    const { startSample } = studio.voices.goLive(session)
    await speakUntil(startSample + 2 * SECOND)
    ingest.advance(4 * SECOND)
    await speakUntil(startSample + 60 * SECOND)

    expect(startSample).toBeGreaterThanOrEqual(START)
    const { words, pauses } = wordsAndPauses(studio, startSample, startSample + 60 * SECOND - FRAME_SAMPLES)
    expect(words.length).toBeGreaterThan(25)
    // In the first one it came in. The pitch is moved by a tenth of a percent at most, the threshold lies a few samples within the word.
    for (const word of words.slice(1)) expect(Math.abs(word - WORD)).toBeLessThan(0.002 * WORD + 30)
    for (const pause of pauses) expect(pause).toBeLessThan(PAUSE + 30)
    const shortened = pauses.filter((pause) => pause < 0.9 * PAUSE)
    expect(shortened.length).toBeGreaterThan(3)
    for (const pause of shortened) expect(pause).toBeGreaterThan(0.19 * SECOND)
    const passedOver = shortened.reduce((sum, pause) => sum + PAUSE - pause, 0)
    expect(passedOver).toBeGreaterThan(1.8 * SECOND)
    expect(audio().bufferedSamples).toBeLessThan(2.7 * SECOND)
    expect(audio().bufferedSamples).toBeGreaterThan(BUFFER)
    expect(studio.dry).toEqual([])
  })
})
