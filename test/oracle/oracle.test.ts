import { beforeAll, describe, expect, it } from 'vitest'
import { readAdtsHeader } from '../../media/adts.ts'
import { FRAME_MS, frameAtMs, segmentOfFrame } from '../../media/timeline.ts'
import { systemProcesses } from '../../platform/processes.ts'
import { acceleratedClock } from './accelerated-clock.ts'
import { encodeUnits } from './encode.ts'
import { type ListenOptions, listen } from './listen.ts'
import type { ListenReport } from './report.ts'
import { startSyntheticStation, type Tamper, wallMsWithSegments } from './synthetic-station.ts'
import { renderTones } from './synthetic-tones.ts'

/** Every fault that the oracle is there for is made on purpose, over real HTTP, and must be found and measured. */

const FIRST = segmentOfFrame(frameAtMs(Date.UTC(2026, 10, 20, 12)))
/** Segments 0 to 7 are listed when the listener comes: it begins with the sixth. */
const LISTED = 8
const SECOND = 48_000
let units: Buffer[]

beforeAll(async () => {
  const items = [440, 620, 880, 1250, 1760, 2500].map((frequency, index) => ({
    frequency,
    startSample: index * 8 * SECOND,
    endSample: (index + 1) * 8 * SECOND + SECOND,
    fadeInSamples: SECOND,
    fadeOutSamples: SECOND,
  }))
  const programme = renderTones(
    [{ frequency: 330, startSample: 0, endSample: 60 * SECOND, amplitude: 0.05 }, ...items],
    12 * 192_512 + 4096,
  )
  units = (await encodeUnits(programme, systemProcesses)).slice(0, 12 * 188)
})

type Story = { packaging?: 'cmaf' | 'ts' | 'adts'; factor?: number; windowSegments?: number } & Partial<ListenOptions>

async function hear(tamper: Tamper | null, story: Story = {}): Promise<ListenReport> {
  const { packaging = 'adts', factor = 20, windowSegments, ...options } = story
  const clock = acceleratedClock(factor, wallMsWithSegments(FIRST, LISTED))
  const station = await startSyntheticStation({
    clock,
    units,
    firstSegment: FIRST,
    ...(windowSegments && { windowSegments }),
  })
  station.tamper(tamper)
  try {
    return await listen(station.url(packaging), { seconds: 24, clock, decode: false, ...options })
  } finally {
    await station.stop()
  }
}

/** Alters one segment's bytes as they go out. */
const alter = (segment: number, body: (whole: Buffer) => Buffer): Tamper => {
  return (request) => (request.segment === FIRST + segment ? { body } : null)
}
const alterPlaylist = (body: (text: string, load: number) => string): Tamper => {
  let load = 0
  return (request) => {
    if (!request.path.endsWith('.m3u8')) return null
    load += 1
    const now = load
    return { body: (whole) => Buffer.from(body(whole.toString(), now)) }
  }
}

/** The ADTS frames of a packed segment, after its ID3 tag. */
function cutPacked(bytes: Buffer): { tag: Buffer; frames: Buffer[] } {
  let at = 10 + ((bytes[6]! << 21) | (bytes[7]! << 14) | (bytes[8]! << 7) | bytes[9]!)
  const tag = bytes.subarray(0, at)
  const frames: Buffer[] = []
  while (at < bytes.length) {
    const { frameBytes } = readAdtsHeader(bytes, at)!
    frames.push(bytes.subarray(at, at + frameBytes))
    at += frameBytes
  }
  return { tag, frames }
}

describe('the oracle', () => {
  for (const packaging of ['cmaf', 'ts', 'adts'] as const)
    it(`finds nothing wrong with a clean stream in ${packaging}`, async () => {
      const report = await hear(null, { packaging, decode: true })
      expect(report.failures).toEqual([])
      expect(report.packaging).toBe(packaging)
      expect(report.timeline.segments).toBeGreaterThanOrEqual(8)
      expect(report.timeline.joints).toEqual([])
      expect(report.playback.stallMs).toBe(0)
      expect(report.playback.leastBufferSeconds).toBeGreaterThan(4)
      expect(report.dateTimes.worstErrorMs).toBeCloseTo(0, 0)
      expect(report.http.errors).toEqual({})
      expect(report.sound!.seconds).toBeCloseTo((report.timeline.frames * 1024) / SECOND, 6)
      expect(report.sound!.integratedLufs).toBeGreaterThan(-16)
      expect(report.sound!.truePeakDbtp).toBeGreaterThan(-14)
      expect(report.titles.map(({ title }) => title).slice(0, 2)).toEqual(['Title 1', 'Title 2'])
    })

  it('counts a frame that is missing', async () => {
    const { timeline, failures } = await hear(
      alter(7, (whole) => {
        const { tag, frames } = cutPacked(whole)
        return Buffer.concat([tag, ...frames.toSpliced(90, 1)])
      }),
    )
    expect(timeline.missingFrames).toBe(1)
    expect(timeline.gapMs).toBeCloseTo(FRAME_MS, 1)
    expect(timeline.joints.map(({ sequence }) => sequence)).toEqual([FIRST + 8])
    expect(failures).toHaveLength(1)
  })

  it('counts a frame that is there twice', async () => {
    const { timeline } = await hear(
      alter(7, (whole) => {
        const { tag, frames } = cutPacked(whole)
        return Buffer.concat([tag, ...frames.toSpliced(90, 0, frames[90]!)])
      }),
    )
    expect(timeline.repeatedFrames).toBe(1)
    expect(timeline.repeatMs).toBeCloseTo(FRAME_MS, 1)
  })
})
