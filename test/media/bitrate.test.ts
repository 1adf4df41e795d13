import { beforeAll, describe, expect, it } from 'vitest'
import { bitrateOf, cmafBitrateOf } from '../../media/bitrate.ts'
import { cmafSegment } from '../../media/cmaf.ts'
import { FRAMES_PER_SEGMENT, SEGMENT_SECONDS } from '../../media/timeline.ts'
import { encodeUnits, high, low, MUSIC, segmentsFrom } from './real-frames.ts'

/** A buzzing voice of narrow band, with digital silence between the words: what upsets the encoder's rate control most of all speech-like sounds. */
const DRY_VOICE = 'aevalsrc=if(lt(mod(t\\,0.5)\\,0.35)\\,0.3*(mod(t*120\\,1)-0.5)\\,0):s=22050,aresample=48000'

/** The highest rate of any so many frames in a row, and that of all of them, in bit/s. */
function ratesOf(units: readonly Buffer[]): { peak: number; average: number } {
  const rates = Array.from({ length: units.length - FRAMES_PER_SEGMENT + 1 }, (_, from) => {
    const bytes = units.slice(from, from + FRAMES_PER_SEGMENT).reduce((sum, unit) => sum + unit.length, 0)
    return (bytes * 8) / SEGMENT_SECONDS
  })
  const bits = units.reduce((sum, unit) => sum + unit.length * 8, 0)
  return { peak: Math.max(...rates), average: bits / ((units.length * SEGMENT_SECONDS) / FRAMES_PER_SEGMENT) }
}

describe.each([high, low])('the bit rate of $id', (rendition) => {
  const told = bitrateOf(rendition)
  const cmaf = cmafBitrateOf(rendition)
  let music: Buffer[]
  let voice: Buffer[]
  beforeAll(() => {
    music = encodeUnits(MUSIC, 17, rendition)
    voice = encodeUnits(DRY_VOICE, 17, rendition)
  })

  it('is what was asked for, within 2 %, where there is music', () => {
    const { peak, average } = ratesOf(music)
    expect(Math.abs(average / told.averageBitsPerSecond - 1)).toBeLessThan(0.02)
    expect(peak / told.averageBitsPerSecond).toBeLessThan(1.02)
  })

  it('never exceeds the peak that is told, where a dry voice speaks', () => {
    const { peak } = ratesOf(voice)
    expect(peak).toBeLessThanOrEqual(told.peakBitsPerSecond)
    // In mono there is a peak worth telling of: should this fail, then the encoder has been mended, and the figure can be too.
    if (rendition === low) expect(peak).toBeGreaterThan(1.2 * told.averageBitsPerSecond)
  })

  it('with CMAF around it stays within what the master playlist tells', () => {
    for (const segment of segmentsFrom(voice, 447_600_000, 4))
      expect((cmafSegment(segment).length * 8) / SEGMENT_SECONDS).toBeLessThanOrEqual(cmaf.peakBitsPerSecond)
    const segments = segmentsFrom(music, 447_600_000, 4)
    const bits = segments.reduce((sum, segment) => sum + cmafSegment(segment).length * 8, 0)
    expect(Math.abs(bits / (4 * SEGMENT_SECONDS) / cmaf.averageBitsPerSecond - 1)).toBeLessThan(0.02)
  })
})
