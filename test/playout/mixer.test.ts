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
})
