import { afterEach, describe, expect, it } from 'vitest'
import { FRAME_SAMPLES, SEGMENT_SAMPLES, segmentOfFrame } from '../../../media/timeline.ts'
import { SavedVoices } from '../../../playout/live/saved-voices.ts'
import { titlesOfSegment } from '../../../playout/programme/titles.ts'
import { check } from '../../../schemas/check.ts'
import { FakeIngest, KEY, RUN } from './fake-ingest.ts'
import { FADE, MUSIC, SECOND, START, Studio, song, songs, wordAt } from './studio.ts'

const BUFFER = 0.6 * SECOND
const CLICKED_AT = 100_000
const cleanUps: (() => void)[] = []
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp()
})

async function openStation(more: Partial<ConstructorParameters<typeof Studio>[0]> = {}) {
  const ingest = await FakeIngest.start(CLICKED_AT, (offset) => [0, wordAt(offset)])
  const studio = new Studio({ ingest, items: songs(20, 60), ...more })
  cleanUps.push(
    () => ingest.close(),
    () => studio.close(),
  )
  /** The station goes on, and the anchor speaks all the while. */
  const speakUntil = (sample: number, more: () => void = () => {}): Promise<void> =>
    studio.mixUntil(sample, async () => {
      ingest.advance(FRAME_SAMPLES)
      more()
      const isHere = ({ sessionId }: { sessionId: string }) =>
        studio.voices.audioOf(sessionId)!.newestOffset >= ingest.newestSample - SECOND / 10
      await studio.until(() => studio.voices.voices.every((voice) => isHere(voice)))
    })
  const click = async (sessionId: string, from: number | 'newest' = 'newest'): Promise<void> => {
    studio.voices.open(sessionId, { peer: ingest.peer, keyId: KEY, run: RUN, from, bufferSamples: BUFFER })
    await studio.until(() => studio.voices.audioOf(sessionId)!.streaming)
    ingest.advance(BUFFER)
    await studio.until(() => studio.voices.audioOf(sessionId)!.bufferedSamples >= BUFFER)
  }
  const goLive = (sessionId: string, talkOver = false) =>
    studio.voices.goLive({
      sessionId,
      anchorName: 'Ada',
      title: 'Ada live',
      atSample: 0,
      fadeSamples: FADE,
      talkOver,
    })
  return { ingest, studio, speakUntil, click, goLive }
}

const rising = (since: number): number => Math.sin(((since + 0.5) / FADE) * (Math.PI / 2))
const falling = (since: number): number => Math.cos(((since + 0.5) / FADE) * (Math.PI / 2))

describe('an anchor on air', () => {
  it('is heard from the click to the last word, each sample of it, with one crossfade each way and nothing beside it', async () => {
    const { studio, ingest, speakUntil, click, goLive } = await openStation()
    await speakUntil(START + 5 * SECOND)
    const clickedOffset = ingest.newestSample
    await click('one')
    const { startSample } = goLive('one')
    expect(startSample).toBe(studio.now)
    await speakUntil(startSample + 2 * SECOND)
    const lastOffset = ingest.newestSample
    const endSample = studio.voices.sampleOfOffset('one', lastOffset)!
    expect(endSample).toBe(startSample + lastOffset - clickedOffset)
    expect(studio.voices.endLive('one', { endSample, fadeSamples: FADE, reason: 'Said goodbye.' })).toEqual({
      endSample,
    })
    ingest.forget()
    await studio.mixUntil(endSample + SECOND)

    for (let sample = startSample - SECOND; sample < startSample; sample++)
      if (studio.wordAt(sample) !== 0 || studio.musicAt(sample) !== MUSIC) expect.fail(`before the click, at ${sample}`)
    let worst = 0
    for (let sample = startSample; sample < endSample; sample++) {
      const gain =
        rising(Math.min(FADE - 1, sample - startSample)) * falling(Math.max(-0.5, sample - (endSample - FADE)))
      const level = sample - startSample >= FADE && sample < endSample - FADE ? 1 : gain
      worst = Math.max(worst, Math.abs(studio.wordAt(sample) - level * wordAt(clickedOffset + sample - startSample)))
    }
    expect(worst).toBeLessThan(1e-4)
    for (let index = 0; index < FADE; index += 17) {
      expect(studio.musicAt(startSample + index)).toBeCloseTo(MUSIC * falling(index), 5)
      expect(studio.musicAt(endSample - FADE + index)).toBeCloseTo(MUSIC * rising(index), 5)
    }
    expect(studio.musicAt(startSample + FADE + 10)).toBe(0)
    expect(studio.wordAt(endSample)).toBe(0)
    expect(studio.musicAt(endSample)).toBe(MUSIC)
    expect(studio.transitions).toEqual([
      { sessionId: 'one', atSample: startSample, untilSample: startSample + FADE, gapSamples: 0, overlapSamples: FADE },
      { sessionId: 'one', atSample: endSample - FADE, untilSample: endSample, gapSamples: 0, overlapSamples: FADE },
    ])
    const live = studio.programme.placements.find(({ rung }) => rung === 'live')
    expect(live).toMatchObject({ id: 'live-one-1', title: 'Ada live', artist: 'Ada', startSample, endSample })
    expect(studio.programme.placements.at(-1)).toMatchObject({ id: 'item-1', startSample: endSample - FADE })
    expect(studio.voices.audioOf('one')).toBe(null)
  })

  it('leaves the air to an item that was open and decoded all the while, from its cue-in', async () => {
    const { studio, speakUntil, click, goLive } = await openStation()
    await speakUntil(START + 5 * SECOND)
    await click('one')
    goLive('one')
    await speakUntil(START + 10 * SECOND)
    const before = studio.opened.filter(({ path, isClosed }) => path === 'song-1' && !isClosed)
    expect(before).toMatchObject([{ offset: 0 }])
    studio.voices.endLive('one', { endSample: studio.now + FADE, fadeSamples: FADE, reason: 'End.' })
    await speakUntil(START + 12 * SECOND)
    expect(studio.opened.filter(({ path }) => path === 'song-1')).toEqual(before)
  })

  it('takes over in the middle of a crossfade, and all three powers add up to one', async () => {
    const { studio, speakUntil, click, goLive } = await openStation({ items: songs(20, 25) })
    const crossfade = songs(2, 25)[1]!.startSample
    await speakUntil(crossfade - SECOND)
    await click('one')
    await speakUntil(crossfade + SECOND / 3)
    const { startSample } = goLive('one')
    await speakUntil(startSample + 2 * SECOND)
    const sounding = studio.programme.placements.filter(({ takenOver }) => takenOver)
    expect(sounding.map(({ id }) => id)).toEqual(['item-0', 'item-1'])
    for (let index = 0; index < FADE; index += 31) {
      const since = (startSample - crossfade + index + 0.5) / SECOND
      const both = since < 1 ? Math.cos((since * Math.PI) / 2) + Math.sin((since * Math.PI) / 2) : 1
      expect(studio.musicAt(startSample + index)).toBeCloseTo(MUSIC * both * falling(index), 4)
    }
    studio.voices.endLive('one', { endSample: studio.now + FADE, fadeSamples: FADE, reason: 'End.' })
    await speakUntil(studio.now + SECOND)
    expect(studio.programme.placements.at(-1)!.id).toBe('item-2')
  })

  it('has the segment in which it begins, and its title from the middle of the fade on: that may be in the next one', async () => {
    const { studio, speakUntil, click, goLive } = await openStation()
    await speakUntil(START + 2 * SECOND)
    await click('one')
    const segment = segmentOfFrame(Math.ceil(studio.now / FRAME_SAMPLES)) + 1
    const boundary = segment * SEGMENT_SAMPLES
    await speakUntil(boundary - FADE / 3)
    const { startSample } = goLive('one')
    await speakUntil(boundary + 2 * SECOND)
    expect(startSample).toBeLessThan(boundary)
    expect(startSample + FADE / 2).toBeGreaterThan(boundary)
    const kindsOf = (of: number) => titlesOfSegment(studio.programme.placements, of, 'Station').map(({ kind }) => kind)
    expect([studio.voices.cueOfSegment(segment - 1), kindsOf(segment - 1)]).toEqual(['live', ['music']])
    expect([studio.voices.cueOfSegment(segment), kindsOf(segment)]).toEqual(['live', ['music', 'live']])
    expect(studio.voices.cueOfSegment(segment - 2)).toBe('programme')
  })

  it('hands over to the next one without music between', async () => {
    const { studio, speakUntil, click, goLive } = await openStation()
    await speakUntil(START + 2 * SECOND)
    await click('one')
    goLive('one')
    await click('two')
    await speakUntil(START + 4 * SECOND)
    const { startSample } = goLive('two')
    await speakUntil(startSample + SECOND)
    for (let sample = startSample - FADE; sample < startSample + SECOND / 2; sample++)
      if (studio.musicAt(sample) !== 0) expect.fail(`music between, at ${sample}`)
    expect(studio.transitions.at(-1)).toMatchObject({ sessionId: 'two', gapSamples: 0, overlapSamples: FADE })
    expect(studio.voices.voices).toMatchObject([{ sessionId: 'two', startSample, endSample: null }])
    expect(studio.voices.audioOf('one')).toBe(null)
    expect(studio.programme.placements.map(({ id }) => id)).toEqual(['item-0', 'live-one-1', 'live-two-2'])
    expect(studio.voices.cueOfSegment(segmentOfFrame(startSample / FRAME_SAMPLES))).toBe('live')
    expect(studio.voices.cueOfSegment(segmentOfFrame(START / FRAME_SAMPLES) - 1)).toBe('programme')
  })

  it('talks over the programme, which goes down, comes up, and keeps its title; and can turn it on and off while live', async () => {
    const { studio, speakUntil, click, goLive } = await openStation()
    await speakUntil(START + 2 * SECOND)
    await click('one')
    const { startSample } = goLive('one', true)
    await speakUntil(startSample + 2 * SECOND)
    expect(studio.musicAt(startSample + SECOND)).toBeCloseTo(MUSIC * 10 ** (-12 / 20), 5)
    expect(studio.programme.placements.some(({ rung }) => rung === 'live')).toBe(false)
    studio.voices.setTalkOver('one', false, FADE)
    const alone = studio.now
    await speakUntil(alone + 2 * SECOND)
    expect(studio.musicAt(alone + SECOND)).toBe(0)
    expect(studio.programme.placements.at(-1)!.rung).toBe('live')
    studio.voices.setTalkOver('one', true, FADE)
    const again = studio.now
    await speakUntil(again + SECOND)
    expect(studio.programme.placements.at(-1)).toMatchObject({ id: 'item-1', startSample: again })
    expect(studio.musicAt(again + FADE + 10)).toBeCloseTo(MUSIC * 10 ** (-12 / 20), 5)
    studio.voices.endLive('one', { endSample: studio.now + FADE, fadeSamples: FADE, reason: 'End.' })
    await speakUntil(studio.now + 3 * SECOND)
    expect(studio.musicAt(studio.handedOutUntil - 1)).toBeCloseTo(MUSIC, 5)
    expect(studio.voices.isIdle()).toBe(true)
    for (let sample = startSample; sample < studio.handedOutUntil; sample++)
      if (studio.musicAt(sample) === 0 && studio.wordAt(sample) === 0 && wordAt(sample) !== 0) {
        const offset = studio.wordAt(sample - 1)
        if (Math.abs(offset) > 0.01) expect.fail(`silence at ${sample - startSample}`)
      }
  })
})

describe('the programme under a voice that talks over it', () => {
  it('goes down in a straight line in dB when the voice comes, and comes up as slowly as the station wants it', async () => {
    const { studio, speakUntil, click, goLive } = await openStation({
      settings: { duckDb: -18, duckDownMs: 300, duckUpMs: 900 },
    })
    await speakUntil(START + 2 * SECOND)
    await click('one')
    const { startSample } = goLive('one', true)
    await speakUntil(startSample + 2 * SECOND)
    const { endSample } = studio.voices.endLive('one', {
      ...{ endSample: studio.now + SECOND, fadeSamples: FADE, reason: 'End.' },
    })!
    await speakUntil(endSample + 2 * SECOND)
    const levelDb = (sample: number): number => 20 * Math.log10(studio.musicAt(sample) / MUSIC)
    const ms = SECOND / 1000
    // It begins with the block in which the voice does.
    const down = startSample - (startSample % FRAME_SAMPLES)
    expect(levelDb(down - FRAME_SAMPLES)).toBeCloseTo(0, 2)
    for (const [since, db] of [
      [100, -6],
      [200, -12],
      [330, -18],
      [1_500, -18],
    ])
      expect(Math.abs(levelDb(down + since! * ms) - db!)).toBeLessThan(1.4)
    const up = endSample - FADE
    expect(levelDb(up - FRAME_SAMPLES)).toBeCloseTo(-18, 2)
    for (const [since, db] of [
      [300, -12],
      [600, -6],
      [930, 0],
    ])
      expect(Math.abs(levelDb(up + since! * ms) - db!)).toBeLessThan(0.6)
    let jump = 0
    for (let sample = startSample - SECOND; sample < endSample + SECOND; sample++)
      jump = Math.max(jump, Math.abs(levelDb(sample) - levelDb(sample - 1)))
    expect(jump).toBeLessThan(0.01)
    expect(studio.transitions.map(({ gapSamples }) => gapSamples)).toEqual([0, 0])
  })
})

describe('what goes wrong', () => {
  it('a reset of the connection between the hosts is not heard', async () => {
    const { studio, ingest, speakUntil, click, goLive } = await openStation()
    await speakUntil(START + SECOND)
    const clicked = ingest.newestSample
    await click('one')
    const { startSample } = goLive('one')
    let blocks = 0
    await speakUntil(startSample + 4 * SECOND, () => {
      if (blocks++ % 30 === 20) ingest.cut()
    })
    for (let sample = startSample + FADE; sample < startSample + 3 * SECOND; sample++)
      if (studio.wordAt(sample) !== wordAt(clicked + sample - startSample)) expect.fail(`at ${sample - startSample}`)
    expect(studio.dry).toEqual([])
  })

  it('a voice that runs dry is waited for a moment; then it ends where its audio ends, and the programme is there', async () => {
    const { studio, speakUntil, click, goLive } = await openStation()
    await speakUntil(START + SECOND)
    await click('one')
    const { startSample } = goLive('one')
    await speakUntil(startSample + SECOND)
    await studio.mixUntil(studio.now + 2 * SECOND)
    expect(studio.dry).toMatchObject([{ sessionId: 'one' }])
    const { endSample } = studio.dry[0]!
    expect(studio.musicAt(endSample + 10)).toBe(MUSIC)
    expect(studio.transitions.map(({ gapSamples }) => gapSamples)).toEqual([0, 0])
    expect(studio.programme.placements.at(-1)!.id).toBe('item-1')
    expect(studio.voices.audioOf('one')).toBe(null)
  })

  it('a fade while there is audio left is a crossfade like any other, and the same session comes back', async () => {
    const { studio, ingest, speakUntil, click, goLive } = await openStation()
    await speakUntil(START + SECOND)
    await click('one')
    goLive('one')
    await speakUntil(START + 3 * SECOND)
    const left = Math.floor(studio.voices.audioOf('one')!.bufferedSamples)
    const fadeSamples = Math.min(FADE, left)
    studio.voices.endLive('one', { endSample: studio.now + fadeSamples, fadeSamples, reason: 'Lost.' })
    await studio.mixUntil(studio.now + 2 * SECOND)
    ingest.cut()
    await click('one')
    goLive('one')
    await speakUntil(studio.now + SECOND)
    expect(studio.transitions.map(({ gapSamples, overlapSamples }) => [gapSamples, overlapSamples])).toEqual([
      [0, FADE],
      [0, fadeSamples],
      [0, FADE],
    ])
    expect(studio.programme.placements.map(({ id }) => id)).toEqual(['item-0', 'live-one-1', 'item-1', 'live-one-2'])
  })

  it('playout is killed: the next one reads on from the ring, to the sample, the blocks that warm the encoder included', async () => {
    const { studio, ingest, speakUntil, click, goLive } = await openStation()
    await speakUntil(START + SECOND)
    const clicked = ingest.newestSample
    await click('one')
    const { startSample } = goLive('one')
    await speakUntil(startSample + 2 * SECOND)
    const saved = studio.save()
    expect(check(SavedVoices, JSON.parse(JSON.stringify(saved.voices)))).toMatchObject({ ok: true })
    await speakUntil(startSample + 3 * SECOND)
    const killedFrame = Math.floor(studio.handedOutUntil / FRAME_SAMPLES)
    studio.close()
    ingest.advance(5 * SECOND)
    const next = new Studio({ ingest, items: songs(20, 60), saved, firstFrame: killedFrame - 8 })
    cleanUps.push(() => next.close())
    await next.mixUntil(startSample + 7 * SECOND)
    for (let sample = (killedFrame - 8) * FRAME_SAMPLES; sample < startSample + 7 * SECOND - FRAME_SAMPLES; sample++)
      if (next.wordAt(sample) !== wordAt(clicked + sample - startSample)) expect.fail(`at ${sample - startSample}`)
    expect(next.dry).toEqual([])
    expect(next.voices.voices).toMatchObject([{ sessionId: 'one', startSample }])
    next.voices.endLive('one', { endSample: next.now + FADE, fadeSamples: FADE, reason: 'End.' })
    await next.mixUntil(next.now + SECOND)
    expect(next.programme.placements.at(-1)!.id).toBe('item-1')
    expect(next.transitions).toMatchObject([{ gapSamples: 0, overlapSamples: FADE }])
  })

  it('playout is killed in the fade into live, and in the drain', async () => {
    const { studio, ingest, speakUntil, click, goLive } = await openStation()
    await speakUntil(START + SECOND)
    const clicked = ingest.newestSample
    await click('one')
    const { startSample } = goLive('one')
    await speakUntil(startSample + FADE / 2)
    let running = studio
    const dieAndGoOn = (): void => {
      const saved = running.save()
      const firstFrame = Math.floor(running.handedOutUntil / FRAME_SAMPLES) - 8
      running.close()
      running = new Studio({ ingest, items: songs(20, 60), saved, firstFrame })
      const { close } = running
      cleanUps.push(close.bind(running))
    }
    dieAndGoOn()
    await running.mixUntil(startSample + 2 * SECOND, () => ingest.advance(FRAME_SAMPLES))
    for (let sample = startSample + FADE; sample < startSample + 1.9 * SECOND; sample++)
      if (running.wordAt(sample) !== wordAt(clicked + sample - startSample)) expect.fail(`at ${sample - startSample}`)
    const endSample = running.voices.sampleOfOffset('one', ingest.newestSample)!
    running.voices.endLive('one', { endSample, fadeSamples: FADE, reason: 'End.' })
    ingest.forget()
    await running.mixUntil(endSample - FADE / 2)
    dieAndGoOn()
    await running.mixUntil(endSample + SECOND)
    expect(running.musicAt(endSample + 10)).toBe(MUSIC)
    expect(running.programme.placements.at(-1)).toMatchObject({ id: 'item-1', startSample: endSample - FADE })
  })

  it('playout is dead for longer than the ring, or no longer knows the node: the programme comes in, and the session is told', async () => {
    for (const isPeerKnown of [true, false]) {
      const { studio, ingest, speakUntil, click, goLive } = await openStation()
      await speakUntil(START + SECOND)
      await click('one')
      const { startSample } = goLive('one')
      await speakUntil(startSample + SECOND)
      const saved = studio.save()
      studio.close()
      ingest.advance(SECOND)
      ingest.forgetBefore(ingest.newestSample - 100)
      const firstFrame = Math.floor(studio.handedOutUntil / FRAME_SAMPLES)
      const next = new Studio({ ingest, items: songs(20, 60), saved, firstFrame, isPeerKnown })
      cleanUps.push(() => next.close())
      await next.mixUntil(startSample + 2 * SECOND)
      expect(next.dry).toMatchObject([{ sessionId: 'one' }])
      expect(next.musicAt(next.handedOutUntil - 1)).toBe(MUSIC)
      expect(next.musicAt((firstFrame + 3) * FRAME_SAMPLES)).toBeGreaterThan(0.2)
    }
  })
})

describe('the plan around a voice', () => {
  it('leaves out what was fixed meanwhile, keeps what is fixed later, and plays nothing twice', async () => {
    const items = songs(6, 60)
    const news = { kind: 'ident' as const, anchored: true, fadeInSamples: 0, fadeOutSamples: 0 }
    const at = (seconds: number) => START + seconds * SECOND
    const fixed = (seconds: number) => ({ ...news, fixed: { atMs: at(seconds) / 48, waitSecondsMax: 0 } })
    items.push(song(70, at(70), 5 * SECOND, fixed(70)), song(170, at(170), 5 * SECOND, fixed(170)))
    items.sort((a, b) => a.startSample - b.startSample)
    const { studio, speakUntil, click, goLive } = await openStation({ items })
    await speakUntil(at(60))
    await click('one')
    goLive('one')
    await speakUntil(at(80))
    studio.voices.endLive('one', { endSample: studio.now + FADE, fadeSamples: FADE, reason: 'End.' })
    await studio.mixUntil(at(160))
    expect(studio.skipped).toEqual(['item-70'])
    const ids = studio.programme.placements.map(({ id }) => id)
    expect(ids.slice(0, 4)).toEqual(['item-0', 'item-1', 'live-one-1', 'item-2'])
    expect(new Set(ids).size).toBe(ids.length)
    expect(studio.programme.placements.find(({ id }) => id === 'item-170')!.startSample).toBe(at(170))
  })

  it('is a bed between two anchors, when the air is held', async () => {
    const { studio, speakUntil, click, goLive } = await openStation()
    await speakUntil(START + SECOND)
    await click('one')
    goLive('one')
    await speakUntil(START + 3 * SECOND)
    studio.voices.setHold(true, null)
    studio.voices.endLive('one', { endSample: studio.now + FADE, fadeSamples: FADE, reason: 'End.' })
    await speakUntil(START + 8 * SECOND)
    expect(studio.programme.placements.at(-1)).toMatchObject({ kind: 'bed', rung: 'bed', open: true })
    expect(studio.opened.at(-1)!.path).toMatch(/^hold-/)
    await click('two')
    goLive('two')
    expect(studio.voices.isHeld).toBe(false)
    await speakUntil(studio.now + SECOND)
    studio.voices.setHold(true, null)
    studio.voices.endLive('two', { endSample: studio.now + FADE, fadeSamples: FADE, reason: 'End.' })
    await speakUntil(studio.now + 2 * SECOND)
    studio.voices.setHold(false, null)
    await speakUntil(studio.now + SECOND)
    expect(studio.programme.placements.at(-1)).toMatchObject({ id: 'item-1' })
  })

  it('costs nothing while nobody is live', async () => {
    const { studio, ingest } = await openStation()
    await studio.mixUntil(START + SECOND)
    expect(studio.voices.isIdle()).toBe(true)
    expect(ingest.requests).toEqual([])
  })
})
