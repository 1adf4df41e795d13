import { describe, expect, it } from 'vitest'
import { adtsOfUnits } from '../../media/adts.ts'
import { systemProcesses } from '../../platform/processes.ts'
import { findClicks } from './clicks.ts'
import { decodeAudio } from './decode.ts'
import { encodeUnits } from './encode.ts'
import type { Pcm } from './pcm.ts'
import { findSilences } from './silence.ts'
import { renderTones } from './synthetic-tones.ts'
import { crossfadeBetween, fadeOutOf, onsetOf } from './tone-edges.ts'
import { itemsHeard } from './tone-items.ts'
import { tonesAt } from './tone-levels.ts'

const SECOND = 48_000
const MS = 48
const LOW = 440
const MIDDLE = 1050
const HIGH = 2210
const ALL = [LOW, MIDDLE, HIGH]

/** 440 Hz, a crossfade of 1 s from 2.0 s on into 1050 Hz, 120 ms of nothing from 5 s on, then 2210 Hz. */
const programme = renderTones(
  [
    { frequency: LOW, startSample: 0, endSample: 3 * SECOND, fadeOutSamples: SECOND },
    { frequency: MIDDLE, startSample: 2 * SECOND, endSample: 5 * SECOND, fadeInSamples: SECOND },
    { frequency: HIGH, startSample: 5 * SECOND + 120 * MS, endSample: 8 * SECOND },
  ],
  8 * SECOND,
)
const throughAac = encodeUnits(programme, systemProcesses).then((units) =>
  decodeAudio(adtsOfUnits(units, 2), 'aac', 2, systemProcesses),
)

describe('the tone tools', () => {
  it('tell which tone sounds, and how loud', () => {
    const readings = tonesAt(programme, ALL)
    expect(readings[100]?.loudest?.frequency).toBe(LOW)
    expect(readings[100]?.loudest?.dbfs).toBeCloseTo(-12.04, 1)
    expect(readings[250]?.sounding.map(({ frequency }) => frequency).sort()).toEqual([MIDDLE, LOW].sort())
    expect(readings[506]?.loudest).toBeNull()
  })

  for (const [how, heard] of [
    ['as rendered', Promise.resolve(programme)],
    ['after AAC', throughAac.then(({ pcm }) => pcm)],
  ] as [string, Promise<Pcm>][]) {
    it(`find items, edges, crossfades and gaps, ${how}`, async () => {
      const pcm = await heard
      const { items, gaps } = itemsHeard(pcm, ALL)
      expect(items.map(({ frequency }) => frequency)).toEqual([LOW, MIDDLE, HIGH])
      expect(gaps.length).toBeGreaterThanOrEqual(1)

      const joint = crossfadeBetween(pcm, LOW, MIDDLE, { fromSample: SECOND, toSample: 4 * SECOND })
      expect(Math.abs(joint!.startSample - 2 * SECOND)).toBeLessThan(5 * MS)
      expect(Math.abs(joint!.lengthSamples - SECOND)).toBeLessThan(10 * MS)
      expect(joint!.gapSamples).toBe(0)

      const onset = onsetOf(pcm, HIGH, { fromSample: 4 * SECOND, toSample: 7 * SECOND })
      expect(Math.abs(onset! - (5 * SECOND + 120 * MS))).toBeLessThan(MS)
      const end = fadeOutOf(pcm, MIDDLE, { fromSample: 4 * SECOND, toSample: 6 * SECOND })
      expect(Math.abs(end!.endSample - 5 * SECOND)).toBeLessThan(MS)
      const cut = crossfadeBetween(pcm, MIDDLE, HIGH, { fromSample: 4 * SECOND, toSample: 7 * SECOND })
      expect(Math.abs(cut!.gapSamples - 120 * MS)).toBeLessThan(MS)
      expect(cut!.lengthSamples).toBe(0)

      const [silence, ...others] = findSilences(pcm)
      expect(others).toEqual([])
      expect(Math.abs(silence!.fromSample - 5 * SECOND)).toBeLessThan(35 * MS)
      expect(Math.abs(silence!.toSample - (5 * SECOND + 120 * MS))).toBeLessThan(35 * MS)
    })
  }

  it('find a fade of 20 ms as such, and not a hard edge', () => {
    const pcm = renderTones(
      [{ frequency: MIDDLE, startSample: SECOND, endSample: 2 * SECOND, fadeInSamples: 20 * MS }],
      2 * SECOND,
    )
    expect(Math.abs(onsetOf(pcm, MIDDLE, { fromSample: 0, toSample: 2 * SECOND })! - SECOND)).toBeLessThan(2 * MS)
  })

  it('say null for a tone that never comes', () => {
    expect(onsetOf(programme, 3300, { fromSample: 0, toSample: 8 * SECOND })).toBeNull()
  })
})

describe('the click detector', () => {
  const fades = { except: [{ fromSample: 5 * SECOND - 30 * MS, toSample: 5 * SECOND + 150 * MS }] }

  it('is quiet over tones and crossfades, after AAC too', async () => {
    expect(findClicks(programme, ALL, fades)).toEqual([])
    const { pcm } = await throughAac
    // The first block lacks its overlap, the end of the file cuts the last tone.
    const edges = [
      ...fades.except,
      { fromSample: 0, toSample: 2048 },
      { fromSample: 8 * SECOND - 2048, toSample: 9 * SECOND },
    ]
    expect(findClicks(pcm, ALL, { except: edges })).toEqual([])
  })

  it('finds a piece that was lost within one tone', async () => {
    const { pcm } = await throughAac
    const samples = pcm.channels[0]!
    const lost = Float32Array.from([...samples.subarray(0, SECOND), ...samples.subarray(SECOND + 1000, 2 * SECOND)])
    const clicks = findClicks({ sampleRate: SECOND, channels: [lost] }, ALL, {
      except: [{ fromSample: 0, toSample: 2048 }],
    })
    expect(clicks).toHaveLength(1)
    expect(Math.abs(clicks[0]!.atSample - SECOND)).toBeLessThan(10 * MS)
  })

  it('finds a lost frame, which the codec smears over its overlap', async () => {
    const units = await encodeUnits(programme, systemProcesses)
    const { pcm } = await decodeAudio(
      adtsOfUnits([...units.slice(0, 40), ...units.slice(41)], 2),
      'aac',
      2,
      systemProcesses,
    )
    const clicks = findClicks(pcm, ALL, {
      except: [
        { fromSample: 0, toSample: 2048 },
        { fromSample: 2 * SECOND, toSample: 9 * SECOND },
      ],
    })
    expect(clicks.length).toBeGreaterThanOrEqual(1)
    expect(Math.abs(clicks[0]!.atSample - 40 * 1024)).toBeLessThan(2048)
  })
})
