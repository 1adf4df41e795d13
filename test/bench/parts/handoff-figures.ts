import type { ToneTrack } from '../../oracle/tone-levels.ts'
import type { HeardTurns, TurnChange } from '../../oracle/turns.ts'
import type { PublishedSegment } from './handoff-recording.ts'

/** Something that was done, by the wall: a click on Go live or on End, an encoder killed. */
export type Mark = { kind: 'live' | 'end' | 'drop'; atMs: number }

export type IntoLive = {
  gapMs: number
  overlapMs: number
  dipDb: number
  /** From the click until the anchor is heard, and until nobody else is, in what is made: by its date-times, or else by when it was listed, the wait for the segment's end left out. */
  toHeardMs: number | null
  toAloneMs: number | null
  /** From the click until a player can fetch the first of it. */
  toEdgeMs: number | null
  firstLostMs: number
}

export type OutOfLive = {
  gapMs: number
  overlapMs: number
  dipDb: number
  /** From the click on End, or from the encoder's death, until the programme is heard, in what is made. */
  toProgrammeMs: number | null
  /** And until a player can fetch the first of it. */
  toEdgeMs: number | null
  lastLostMs: number
  /** The item that the anchor had cut off goes on for so long after the anchor. */
  oldItemMs: number
}

export type HandoffFigures = {
  into: (IntoLive | null)[]
  ended: (OutOfLive | null)[]
  dropped: (OutOfLive | null)[]
  /** Real time less what was published, a change. */
  deficitMsPerChange: number
  discontinuities: number
}

export type Heard = {
  anchor: string
  heard: HeardTurns
  segments: readonly PublishedSegment[]
  marks: readonly Mark[]
  /** The anchor's tones of the first and of the last second. */
  first: ToneTrack
  last: ToneTrack
  /** A frequency an item. */
  programme: ToneTrack
}

const SECOND_MS = 1_000

/** What a stream's listeners met at each change, from what was heard of it and when it was published. A change that was never heard is null. */
export function figuresOf(input: Heard): HandoffFigures {
  const { heard, segments, marks, anchor } = input
  const edge = edgeOf(segments)
  const into: (IntoLive | null)[] = []
  const ended: (OutOfLive | null)[] = []
  const dropped: (OutOfLive | null)[] = []
  let inAt = -1
  for (const mark of marks) {
    if (mark.kind === 'live') {
      inAt = heard.changes.findIndex(
        ({ to, inSample }, index) => index > inAt && to === anchor && isAfter(inSample, mark),
      )
      const change = heard.changes[inAt]
      into.push(change ? intoLive(change, mark) : null)
      if (!change) inAt = heard.changes.length
      continue
    }
    const change = heard.changes.slice(inAt + 1).find(({ from }) => from === anchor)
    ;(mark.kind === 'end' ? ended : dropped).push(change ? outOfLive(change, heard.changes[inAt]!, mark) : null)
  }
  return {
    into,
    ended,
    dropped,
    deficitMsPerChange: deficitMs(segments) / Math.max(1, heard.changes.length),
    discontinuities: segments.slice(1).filter(({ discontinuity }) => discontinuity).length,
  }

  function isAfter(sample: number, mark: Mark): boolean {
    const producedMs = edge.producedMs(sample)
    return producedMs !== null && producedMs > mark.atMs
  }

  function intoLive(change: TurnChange, { atMs }: Mark): IntoLive {
    const { gapMs, overlapMs, dipDb, inSample, outSample } = change
    const toHeardMs = since(edge.producedMs(inSample), atMs)
    const toAloneMs = since(edge.producedMs(Math.max(inSample, outSample)), atMs)
    const toEdgeMs = since(edge.arrivedMs(inSample), atMs)
    const firstLostMs = lostMs(input.first, inSample, inSample + 4 * SECOND_MS * 48)
    return { gapMs, overlapMs, dipDb, toHeardMs, toAloneMs, toEdgeMs, firstLostMs }
  }

  function outOfLive(change: TurnChange, before: TurnChange, { atMs }: Mark): OutOfLive {
    const { gapMs, overlapMs, dipDb, inSample, outSample } = change
    return {
      gapMs,
      overlapMs,
      dipDb,
      toProgrammeMs: since(edge.producedMs(inSample), atMs),
      toEdgeMs: since(edge.arrivedMs(inSample), atMs),
      lastLostMs: lostMs(input.last, before.inSample, outSample),
      oldItemMs: oldItemMs(input.programme, Math.min(before.inSample, before.outSample), Math.max(inSample, outSample)),
    }
  }
}

const since = (toMs: number | null, fromMs: number): number | null => (toMs === null ? null : toMs - fromMs)

/** Who begins with a segment is heard some milliseconds before it, by the width of the window that listens. */
const BEGUN_SAMPLES = 50 * 48

/** Where someone's first sample is in real time: when it was made, and when it could be fetched. */
export function edgeOf(segments: readonly PublishedSegment[]): {
  producedMs(sample: number): number | null
  arrivedMs(sample: number): number | null
} {
  const ends: number[] = []
  for (const { samples } of segments) ends.push((ends.at(-1) ?? 0) + samples)
  const indexOf = (sample: number): number => ends.findIndex((end) => sample + BEGUN_SAMPLES < end)
  const arrivedMs = (sample: number): number | null => segments[indexOf(sample)]?.arrivedMs ?? null
  return {
    arrivedMs,
    producedMs(sample) {
      const index = indexOf(sample)
      const segment = segments[index]
      if (!segment) return null
      const { dateTimeMs, arrivedMs: arrived, samples } = segment
      const endMs = dateTimeMs === null ? arrived : dateTimeMs + samples / 48
      return endMs === null ? null : endMs - (ends[index]! - sample) / 48
    },
  }
}

const EDGE_SEGMENTS = 3

/** By how much the stream fell behind real time from its beginning to its end. */
export function deficitMs(segments: readonly PublishedSegment[]): number {
  let endSamples = 0
  const behind = segments.flatMap(({ samples, arrivedMs }) => {
    endSamples += samples
    return arrivedMs === null ? [] : [arrivedMs - endSamples / 48]
  })
  if (behind.length < 2) return 0
  return Math.min(...behind.slice(-EDGE_SEGMENTS)) - Math.min(...behind.slice(0, EDGE_SEGMENTS))
}

/** 34 dB below a tone's full level: above what an encoder adds to silence. */
const HEARD = 0.02

/** How much of a tone's second is not heard between two samples. */
function lostMs({ amplitudes, stepSamples }: ToneTrack, fromSample: number, toSample: number): number {
  const track = amplitudes[0]!
  const loudest = track.reduce((most, level) => Math.max(most, level), 0)
  const margin = SECOND_MS * 48 * 0.05
  const from = Math.max(0, Math.floor((fromSample - margin) / stepSamples))
  const part = track.slice(from, Math.ceil((toSample + margin) / stepSamples))
  const steps = part.filter((level) => level > HEARD * loudest).length
  return Math.max(0, SECOND_MS - (steps * stepSamples) / 48)
}

const BESIDE_MS = 300

/** How long the item that was heard before one sample is heard again after another. */
function oldItemMs(programme: ToneTrack, beforeSample: number, afterSample: number): number {
  const { stepSamples } = programme
  const stepOf = (sample: number): number => Math.max(0, Math.floor(sample / stepSamples))
  const before = loudestAt(programme, stepOf(beforeSample - BESIDE_MS * 48))
  const from = stepOf(afterSample + BESIDE_MS * 48)
  const steps = programme.amplitudes[0]!.length
  let at = from
  while (at < steps && loudestAt(programme, at) === before) at++
  return at === from ? 0 : ((at - from) * stepSamples) / 48 + BESIDE_MS
}

function loudestAt({ amplitudes }: ToneTrack, step: number): number {
  let loudest = 0
  for (let index = 1; index < amplitudes.length; index++)
    if (amplitudes[index]![step]! > amplitudes[loudest]![step]!) loudest = index
  return (amplitudes[loudest]?.[step] ?? 0) > 0.01 ? loudest : -1
}
