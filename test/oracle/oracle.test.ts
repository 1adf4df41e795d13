import { beforeAll, describe, expect, it } from 'vitest'
import { adtsOfUnits, readAdtsHeader, silentUnit } from '../../media/adts.ts'
import { programDateTime } from '../../media/playlists.ts'
import { FRAME_MS, frameAtMs, segmentOfFrame } from '../../media/timeline.ts'
import type { Clock } from '../../platform/clock.ts'
import { systemProcesses } from '../../platform/processes.ts'
import { acceleratedClock } from './accelerated-clock.ts'
import { compareUnits } from './compare-units.ts'
import { encodeUnits } from './encode.ts'
import { listenToEndless } from './endless.ts'
import { type ListenOptions, listen } from './listen.ts'
import { compareOrigins } from './origins.ts'
import type { ListenReport } from './report.ts'
import { segmentRetries } from './retries.ts'
import { type SyntheticStation, startSyntheticStation, type Tamper, wallMsWithSegments } from './synthetic-station.ts'
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

/** The fault of a story: some need the station, or its clock. */
type Fault = (station: SyntheticStation, clock: Clock) => Tamper
type Story = { packaging?: 'cmaf' | 'ts' | 'adts'; factor?: number; windowSegments?: number } & Partial<ListenOptions>

async function hear(fault: Fault | null, story: Story = {}): Promise<ListenReport> {
  const { packaging = 'adts', factor = 20, windowSegments, ...options } = story
  const clock = acceleratedClock(factor, wallMsWithSegments(FIRST, LISTED))
  const station = await startSyntheticStation({
    clock,
    units,
    firstSegment: FIRST,
    ...(windowSegments && { windowSegments }),
  })
  station.tamper(fault?.(station, clock) ?? null)
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

describe.concurrent('the oracle', () => {
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
    const { timeline, failures } = await hear(() =>
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
    const { timeline } = await hear(() =>
      alter(7, (whole) => {
        const { tag, frames } = cutPacked(whole)
        return Buffer.concat([tag, ...frames.toSpliced(90, 0, frames[90]!)])
      }),
    )
    expect(timeline.repeatedFrames).toBe(1)
    expect(timeline.repeatMs).toBeCloseTo(FRAME_MS, 1)
  })

  it('sees a segment that was left out, as a player does that skips it', async () => {
    const report = await hear(() => (request) => (request.segment === FIRST + 8 ? { status: 404 } : null), {
      segmentPolicy: { ...segmentRetries, errorRetries: 1 },
    })
    expect(report.timeline.missingFrames).toBe(188)
    expect(report.timeline.gapMs).toBeCloseTo(4010.67, 0)
    expect(report.http.errors).toEqual({ 404: 2 })
    expect(report.playback.gaveUp).toEqual([`segment ${FIRST + 8} could not be loaded: HTTP 404`])
  })

  it('sees a segment that says the one before again', async () => {
    const again = (packaging: 'adts' | 'cmaf') => (station: SyntheticStation) =>
      alter(8, () => station.segmentBytes(packaging, FIRST + 7))
    const byTimes = await hear(again('cmaf'), { packaging: 'cmaf' })
    expect(byTimes.timeline.repeatedFrames).toBe(188)
    expect(byTimes.timeline.repeatMs).toBeCloseTo(4010.67, 0)
    expect(byTimes.timeline.repeatedContent).toEqual([{ sequence: FIRST + 8, earlierSequence: FIRST + 7, frames: 188 }])

    // The old frames under the new one's timestamp: only the frames themselves tell.
    const byFrames = await hear((station) =>
      alter(8, (whole) => {
        const old = cutPacked(station.segmentBytes('adts', FIRST + 7))
        return Buffer.concat([cutPacked(whole).tag, ...old.frames])
      }),
    )
    expect(byFrames.timeline.repeatMs).toBe(0)
    expect(byFrames.timeline.repeatedContent).toHaveLength(1)
    expect(byFrames.failures).toHaveLength(1)
  })

  it('counts discontinuities, once each', async () => {
    const mark = `#EXTINF:4.010667,\n${FIRST + 9}.aac`
    const report = await hear(() => alterPlaylist((text) => text.replace(mark, `#EXT-X-DISCONTINUITY\n${mark}`)))
    expect(report.playlist.discontinuities).toBe(1)
    expect(report.failures).toEqual(['1 discontinuities'])
  })

  it('sees a media sequence that goes back, and what a player makes of it', async () => {
    let kept = ''
    const report = await hear(() =>
      alterPlaylist((text, load) => {
        if (load === 2) kept = text
        return load === 4 ? kept : text
      }),
    )
    expect(report.playlist.sequenceRegressions).toBe(1)
    expect(report.timeline.joints).toEqual([])
  })

  it('sees a playlist that contradicts an earlier one', async () => {
    const report = await hear(() =>
      alterPlaylist((text, load) => {
        if (load < 3) return text
        const moved = text.replace(`\n${FIRST + 7}.aac`, `\nother/${FIRST + 7}.aac`)
        return moved.replace('TARGETDURATION:4', 'TARGETDURATION:5')
      }),
    )
    const kinds = report.playlist.anomalies.map(({ kind }) => kind)
    expect(kinds).toContain('uri-changed')
    expect(kinds).toContain('target-duration-changed')
  })

  it('sees a window too short to play from', async () => {
    const report = await hear(null, { windowSegments: 2 })
    expect(report.playlist.anomalies.map(({ kind }) => kind)).toEqual(['window-too-short'])
  })

  it('measures a date-time that is wrong by 1.5 s', async () => {
    const report = await hear(() =>
      alterPlaylist((text) =>
        text.replace(/(?<=DATE-TIME:).*/g, (stamp) => new Date(Date.parse(stamp) + 1500).toISOString()),
      ),
    )
    expect(report.dateTimes.worstErrorMs).toBeCloseTo(1500, -1)
    expect(report.playlist.latenessMs!.least).toBeLessThan(0)
    expect(report.failures.some((sentence) => sentence.includes('1500 ms off its media time'))).toBe(true)
  })

  it('sees one date-time that steps', async () => {
    const stamp = programDateTime(FIRST + 9)
    const wrong = new Date(Date.parse(stamp) + 100).toISOString()
    const report = await hear(() => alterPlaylist((text) => text.replace(stamp, wrong)))
    expect(report.playlist.anomalies.map(({ kind }) => kind)).toEqual(['date-time-step', 'date-time-step'])
    expect(report.dateTimes).toMatchObject({ worstSequence: FIRST + 9 })
    expect(report.dateTimes.worstErrorMs).toBeCloseTo(100, 0)
  })

  it('sees a playlist that freezes for 16 s, and measures the stall', async () => {
    let frozen: string | null = null
    const report = await hear((_, clock) => {
      const fromMs = clock.monotonicMs()
      return alterPlaylist((text) => {
        const ageMs = clock.monotonicMs() - fromMs
        if (ageMs < 2000 || ageMs > 18_000) return text
        frozen ??= text
        return frozen
      })
    })
    expect(report.playlist.anomalies.map(({ kind }) => kind)).toContain('stale')
    expect(report.playlist.longestUnchangedMs).toBeGreaterThan(12_000)
    expect(report.playback.stalls).toHaveLength(1)
    expect(report.playback.stallMs).toBeGreaterThan(500)
    expect(report.playback.stallMs).toBeLessThan(6500)
    expect(report.timeline.joints).toEqual([])
  })

  it('gets over a burst of 503 as a player does, and reports it', async () => {
    const report = await hear((_, clock) => {
      const fromMs = clock.monotonicMs()
      const inBurst = () => clock.monotonicMs() - fromMs > 2000 && clock.monotonicMs() - fromMs < 7000
      return () => (inBurst() ? { status: 503 } : null)
    })
    expect(report.http.errors['503']).toBeGreaterThanOrEqual(2)
    expect(report.failures).toEqual([])
  })

  it('measures how long a player stands still when nothing is answered for long', async () => {
    let began: number | null = null
    const report = await hear((_, clock) => (request) => {
      if (request.segment === null || request.segment < FIRST + 8) return null
      began ??= clock.monotonicMs()
      const leftMs = began + 15_000 - clock.monotonicMs()
      return leftMs > 0 ? { delayMs: leftMs } : null
    })
    // It had 12 s in hand when the newest segment came; the answer to that one hung.
    expect(report.http.errors.timeout).toBeGreaterThanOrEqual(3)
    expect(report.playback.leastBufferSeconds).toBe(0)
    expect(report.playback.stalls).toHaveLength(1)
    expect(report.playback.stallMs).toBeGreaterThan(4500)
    expect(report.playback.stallMs).toBeLessThan(8500)
    expect(report.timeline.joints).toEqual([])
  })

  it('hears a silence, and says where', async () => {
    const report = await hear(
      () =>
        alter(7, (whole) => {
          const { tag, frames } = cutPacked(whole)
          const silent = adtsOfUnits([silentUnit(2)], 2)
          return Buffer.concat([tag, ...frames.map((frame, index) => (index >= 40 && index < 60 ? silent : frame))])
        }),
      { decode: true },
    )
    const [span, ...others] = report.sound!.silences
    expect(others).toEqual([])
    // 20 frames are 427 ms; the overlap of its neighbours sounds into the first one.
    expect(Math.abs(span!.ms - 19 * FRAME_MS)).toBeLessThan(15)
    const from = (7 - 5) * 188 + 41
    expect(Math.abs(span!.fromSeconds - (from * 1024) / SECOND)).toBeLessThan(0.015)
  })

  it('hears the decoder complain about damaged frames', async () => {
    const report = await hear(
      () =>
        alter(7, (whole) => {
          const { tag, frames } = cutPacked(whole)
          const damaged = Buffer.from(frames[90]!)
          damaged.fill(0xff, 7)
          return Buffer.concat([tag, ...frames.toSpliced(90, 1, damaged)])
        }),
      { decode: true },
    )
    expect(report.sound!.decodeErrors.length).toBeGreaterThan(0)
  })
})

describe.concurrent('the comparison of two origins', () => {
  const compare = async (tamper: Tamper | null) => {
    const clock = acceleratedClock(20, wallMsWithSegments(FIRST, LISTED))
    const stations = await Promise.all([0, 1].map(() => startSyntheticStation({ clock, units, firstSegment: FIRST })))
    stations[1]!.tamper(tamper)
    try {
      return await compareOrigins(stations[0]!.masterUrl, stations[1]!.masterUrl, { clock })
    } finally {
      await Promise.all(stations.map((station) => station.stop()))
    }
  }

  it('finds two alike in every packaging', async () => {
    const comparison = await compare(null)
    expect(comparison.differences).toEqual([])
    expect(comparison.segmentsCompared).toBe(18)
    expect(comparison.playlistsCompared).toBe(3)
  })

  it('finds one differing byte, and where', async () => {
    const comparison = await compare(
      alter(6, (whole) => {
        const changed = Buffer.from(whole)
        changed[1000]! ^= 1
        return changed
      }),
    )
    expect(comparison.differences.map(({ what, sentence }) => `${what}: ${sentence}`)).toEqual(
      ['index', 'ts', 'adts'].map(
        (name) => `high/${name}.m3u8 segment ${FIRST + 6}: 1 bytes differ, the first at 1000`,
      ),
    )
  })

  it('finds a playlist that differs in one line', async () => {
    const { differences } = await compare(alterPlaylist((text) => text.replace('VERSION:3', 'VERSION:4')))
    expect(differences.map(({ what }) => what)).toEqual(['high/ts.m3u8', 'high/adts.m3u8'])
    expect(differences[0]!.sentence).toBe('line 2 is "#EXT-X-VERSION:3" and "#EXT-X-VERSION:4"')
  })

  it('finds an origin that answers 503 for a segment', async () => {
    const { differences } = await compare((request) =>
      request.segment === FIRST + 6 && request.packaging === 'ts' ? { status: 503 } : null,
    )
    expect(differences).toHaveLength(1)
    expect(differences[0]!.sentence).toMatch(/^answered with \d+ bytes and HTTP 503$/)
  })
})

describe.concurrent('the listener to an endless stream', () => {
  const hearStream = async (tamper: Tamper | null) => {
    const clock = acceleratedClock(10, wallMsWithSegments(FIRST, LISTED))
    const station = await startSyntheticStation({ clock, units, firstSegment: FIRST })
    station.tamper(tamper)
    try {
      return await listenToEndless(station.streamUrl, { seconds: 12, clock })
    } finally {
      await station.stop()
    }
  }

  it('counts frames, and finds them all in the order of the HLS frames', async () => {
    const report = await hearStream(null)
    expect(report.frames).toBeGreaterThan(500)
    expect(report).toMatchObject({ headerErrors: 0, stallMs: 0, endedEarly: null })
    expect(compareUnits(report.units, units)).toMatchObject({ compared: report.frames, breaks: [] })
  })

  it('finds a hole, a repeat, and an end', async () => {
    const report = await hearStream(null)
    const broken = [...report.units.slice(0, 100), ...report.units.slice(103, 300), ...report.units.slice(298)]
    expect(compareUnits(broken, units).breaks).toEqual([
      { atUnit: 100, missing: 3, extra: 0 },
      { atUnit: 297, missing: 0, extra: 2 },
    ])
    let pieces = 0
    const ended = await hearStream(() => (++pieces > 30 ? { status: 500 } : null))
    expect(ended.endedEarly).not.toBeNull()
  })
})
