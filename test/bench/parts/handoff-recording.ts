import { parseAdts } from '../../../media/parse-adts.ts'
import { FRAME_SAMPLES, SAMPLE_RATE } from '../../../media/timeline.ts'
import { systemClock } from '../../../platform/clock.ts'
import { systemProcesses } from '../../../platform/processes.ts'
import { decodeAudio } from '../../oracle/decode.ts'
import type { Pcm } from '../../oracle/pcm.ts'
import { readMediaPlaylist } from '../../oracle/read-playlist.ts'
import { transportAudio } from './transport-audio.ts'
import { pause } from './waiting.ts'

const POLL_MS = 50
const FETCH_MS = 4_000

/** One segment as it was published. */
export type PublishedSegment = {
  sequence: number
  discontinuity: boolean
  /** When it was first seen in the playlist, by the wall; null for what was listed already when the recording began. */
  arrivedMs: number | null
  /** When it begins by its own account; null when it does not say. */
  dateTimeMs: number | null
  samples: number
}

export type Recording = {
  segments: PublishedSegment[]
  /** All segments one after the other, decoded without a break. */
  pcm: Pcm
  /** The longest time in which nothing new was listed, until the recording's end. */
  longestNothingNewMs: number
  /** The newest sequence of the last playlist that was read, and the highest of all: lower is a stream that players wait for in vain. */
  lastSequence: number
  highestSequence: number
}

/**
 * Follows a media playlist of transport stream segments, whoever makes it: when each segment is listed, and what it sounds like. It goes on
 * through everything that the server does, as a player with endless patience; of segments whose number comes again it takes only the first.
 */
export class HlsRecorder {
  private readonly url: string
  private readonly segments: PublishedSegment[] = []
  private readonly audio: Buffer[] = []
  private readonly over = new AbortController()
  private readonly following: Promise<void>
  private lastSequence = -1
  private highestSequence = -1
  private newAtMs = systemClock.monotonicMs()
  private longestNothingNewMs = 0

  constructor(url: string) {
    this.url = url
    this.following = this.follow()
  }

  /** Milliseconds since a segment was listed that had not been listed before. */
  get nothingNewMs(): number {
    return systemClock.monotonicMs() - this.newAtMs
  }

  get newestSequence(): number {
    return this.lastSequence
  }

  /** Recorded segments so far. */
  get count(): number {
    return this.segments.length
  }

  async end(): Promise<Recording> {
    this.over.abort()
    await this.following
    const { segments, lastSequence, highestSequence } = this
    const { pcm } = await decodeAudio(Buffer.concat(this.audio), 'aac', 2, systemProcesses)
    const longestNothingNewMs = Math.max(this.longestNothingNewMs, this.nothingNewMs)
    return { segments, pcm, longestNothingNewMs, lastSequence, highestSequence }
  }

  private async follow(): Promise<void> {
    while (!this.over.signal.aborted) {
      await this.look().catch(() => {})
      await pause(POLL_MS)
    }
  }

  private async look(): Promise<void> {
    const read = readMediaPlaylist((await fetched(this.url)).toString('utf8'), this.url)
    const atMs = systemClock.wallMs()
    if (!read.ok || read.view.segments.length === 0) return
    const isFirst = this.segments.length === 0
    this.lastSequence = read.view.segments.at(-1)!.sequence
    const fresh = isFirst
      ? read.view.segments.slice(-1)
      : read.view.segments.filter(({ sequence }) => sequence > this.highestSequence)
    for (const { sequence, discontinuity, url, programDateTimeMs: dateTimeMs } of fresh) {
      const adts = transportAudio(await fetched(url))
      const samples = parseAdts(adts).units.length * FRAME_SAMPLES
      this.segments.push({ sequence, discontinuity, arrivedMs: isFirst ? null : atMs, dateTimeMs, samples })
      this.audio.push(adts)
      this.highestSequence = sequence
      this.longestNothingNewMs = Math.max(this.longestNothingNewMs, this.nothingNewMs)
      this.newAtMs = systemClock.monotonicMs()
    }
  }
}

async function fetched(url: string): Promise<Buffer> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(FETCH_MS) })
  const bytes = Buffer.from(await answer.arrayBuffer())
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`)
  return bytes
}

export const msOfSamples = (samples: number): number => (samples / SAMPLE_RATE) * 1000
