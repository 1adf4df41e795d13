import { systemClock } from '../../../platform/clock.ts'
import { systemProcesses } from '../../../platform/processes.ts'
import { decodeSegments } from '../../oracle/decode.ts'
import type { HeardSegment } from '../../oracle/heard-segment.ts'
import { createHttpRecorder } from '../../oracle/http-recorder.ts'
import type { Pcm } from '../../oracle/pcm.ts'
import { readSegment } from '../../oracle/read-segment.ts'
import { fetchWindow } from '../../oracle/window.ts'

export type HeardWindow = {
  segments: HeardSegment[]
  pcm: Pcm
  /** The timeline's sample that is the PCM's first. */
  firstSample: number
  decodeErrors: string[]
  missingSamples: number
}

/** Everything that a playlist lists at this moment, fetched, taken apart and decoded in one go. */
export async function hearWindow(playlistUrl: string): Promise<HeardWindow> {
  const window = await fetchWindow(playlistUrl, createHttpRecorder(systemClock), systemClock)
  const segments = window.view.segments.map((listed) => {
    const bytes = window.segments.get(listed.sequence)!
    if (typeof bytes === 'string') throw new Error(`segment ${listed.sequence}: ${bytes}`)
    const nearSample = (listed.programDateTimeMs ?? 0) * 48
    const read = readSegment(listed, bytes, window.init, nearSample, systemClock.monotonicMs())
    if (!read.ok) throw new Error(`segment ${listed.sequence}: ${read.sentence}`)
    return read.segment
  })
  const { pcm, errors, missingSamples } = await decodeSegments(segments, window.init, systemProcesses)
  return { segments, pcm, firstSample: segments[0]!.startSample!, decodeErrors: errors, missingSamples }
}
