import { describe, expect, it } from 'vitest'
import { FRAME_SAMPLES, SAMPLE_RATE } from '../../media/timeline.ts'
import { Mixer } from '../../playout/mixer/mixer.ts'
import { Programme, type ProgrammeEvent } from '../../playout/programme/programme.ts'
import type { Source } from '../../playout/sources/source.ts'
import type { RundownItem } from '../../schemas/rundown.ts'

const FIRST_FRAME = 84_000_000_000
const START = FIRST_FRAME * FRAME_SAMPLES - SAMPLE_RATE

const item: RundownItem = {
  path: '/song.mp3',
  fingerprint: '1-1',
  kind: 'music',
  title: 'Song',
  artist: '',
  cueInSample: 0,
  lengthSamples: 60 * SAMPLE_RATE,
  gainDb: 0,
  id: 'song',
  startSample: START,
  fadeInSamples: 0,
  fadeOutSamples: 0,
  anchored: false,
  reason: '',
}

/** A source of ones, as far as it has been filled. */
function slowSource(): Source & { fill(samples: number): void } {
  let available = 0
  return {
    fill(samples) {
      available += samples
    },
    availableSamples: () => available,
    read(into, samples) {
      available -= samples
      into.fill(0.5, 0, samples * 2)
    },
    state: () => ({ state: 'open' }),
    close() {},
  }
}

describe('the mixer', () => {
  it('waits at its start for a decoder whose first piece is an MP3 frame, and does not give the item up', () => {
    const events: ProgrammeEvent[] = []
    const programme = new Programme({
      startSample: START,
      stationName: 'Test',
      placed: [],
      hasEmergency: () => false,
      onEvent: (event) => events.push(event),
    })
    programme.load({
      stationId: 'test',
      version: 1,
      madeAtMs: 0,
      fromSample: START,
      untilSample: START + item.lengthSamples,
      crossfadeSamples: 0,
      items: [item],
      reserve: [],
    })
    const source = slowSource()
    const mixer = new Mixer({ programme, firstFrame: FIRST_FRAME, truePeakDbtp: -1, openSource: () => source })
    source.fill(1_152)
    expect(mixer.prepare().waitingFor?.id).toBe('song')
    source.fill(1_152)
    expect(mixer.prepare().waitingFor).toBe(null)
    const { frame, block } = mixer.render()
    expect(frame).toBe(FIRST_FRAME)
    expect(block.every((value) => Math.abs(value - 0.5) < 1e-6)).toBe(true)
    expect(mixer.prepare().waitingFor?.id).toBe('song')
    expect(events.filter(({ event }) => event === 'given-up')).toEqual([])
  })

  it('passes on what a broken file of floats holds as silence: an encoder ends with the first sample that is no number', () => {
    const programme = playing([item])
    const broken: Source = {
      availableSamples: () => Number.MAX_SAFE_INTEGER,
      read: (into, samples) => {
        for (let index = 0; index < samples * 2; index++)
          into[index] = [Number.NaN, 0.25, Number.POSITIVE_INFINITY, 1e30][index % 4]!
      },
      state: () => ({ state: 'open' }),
      close() {},
    }
    const sound = slowSource()
    sound.fill(1e9)
    let isBroken = true
    const mixer = new Mixer({
      programme,
      firstFrame: FIRST_FRAME,
      truePeakDbtp: -1,
      openSource: () => ({ ...sound, read: (into, samples) => (isBroken ? broken : sound).read(into, samples) }),
    })
    const render = (): Float32Array => {
      expect(mixer.prepare().waitingFor).toBe(null)
      return mixer.render().block
    }
    for (let block = 0; block < 5; block++) expect(render().every((value) => Math.abs(value) <= 0.9)).toBe(true)
    isBroken = false
    for (let block = 0; block < 150; block++) render()
    expect(render().every((value) => Math.abs(value - 0.5) < 1e-3)).toBe(true)
  })

  it('opens an item anew that got some of its length back when the one before it failed', () => {
    const short = { ...item, id: 'short', path: '/short.mp3', lengthSamples: 3 * SAMPLE_RATE }
    const cut = {
      ...item,
      id: 'cut',
      path: '/cut.mp3',
      startSample: START + 3 * SAMPLE_RATE,
      lengthSamples: 30 * SAMPLE_RATE,
      uncutSamples: 60 * SAMPLE_RATE,
    }
    const news = { ...item, id: 'news', path: '/news.mp3', startSample: START + 33 * SAMPLE_RATE, anchored: true }
    const programme = playing([short, cut, news])
    const failing = { isBroken: false }
    const opened: { path: string; samples: number }[] = []
    const mixer = new Mixer({
      programme,
      firstFrame: FIRST_FRAME,
      truePeakDbtp: -1,
      openSource: (placement, offset) => {
        const samples = placement.endSample - placement.startSample - offset
        opened.push({ path: placement.path!, samples })
        const source = slowSource()
        source.fill(samples)
        return {
          ...source,
          state: () =>
            placement.path === '/short.mp3' && failing.isBroken
              ? { state: 'failed', reason: 'cut off' }
              : { state: 'open' },
          availableSamples: () => (placement.path === '/short.mp3' && failing.isBroken ? 0 : source.availableSamples()),
        }
      },
    })
    mixer.prepare()
    mixer.render()
    failing.isBroken = true
    mixer.prepare()
    mixer.prepare()
    const placed = programme.placements.find(({ id }) => id === 'cut')!
    expect(placed.endSample - placed.startSample).toBeGreaterThan(30.5 * SAMPLE_RATE)
    expect(opened.filter(({ path }) => path === '/cut.mp3').at(-1)!.samples).toBe(placed.endSample - placed.startSample)
  })

  it('plays the bed when the saved emergency audio can be opened and not read, and does not stand still', () => {
    const programme = playing([], true)
    const mixer = new Mixer({
      programme,
      firstFrame: FIRST_FRAME,
      truePeakDbtp: -1,
      openSource: (placement) => {
        const source = slowSource()
        if (placement.rung === 'emergency') return { ...source, state: () => ({ state: 'failed', reason: 'EIO' }) }
        source.fill(1e9)
        return source
      },
    })
    mixer.prepare()
    for (let block = 0; block < 100; block++) {
      expect(mixer.prepare().waitingFor).toBe(null)
      mixer.render()
    }
    expect(programme.placements.at(-1)!.rung).toBe('bed')
  })
})

function playing(items: RundownItem[], hasEmergency = false): Programme {
  const programme = new Programme({
    startSample: START,
    stationName: 'Test',
    placed: [],
    hasEmergency: () => hasEmergency,
    onEvent: () => {},
  })
  programme.load({
    stationId: 'test',
    version: 1,
    madeAtMs: 0,
    fromSample: START,
    untilSample: START + 120 * SAMPLE_RATE,
    crossfadeSamples: 0,
    items,
    reserve: [],
  })
  return programme
}
