import type { AsRunEntry } from '../../../schemas/rundown.ts'
import type { Pcm } from '../../oracle/pcm.ts'
import { dbOf, lengthOf, monoOf } from '../../oracle/pcm.ts'
import { fadeInOf, fadeOutOf } from '../../oracle/tone-edges.ts'
import { hann, toneAmplitude } from '../../oracle/tone-levels.ts'
import type { HeardWindow } from './heard-window.ts'
import { frequencyOf } from './tone-music.ts'

export type HeardJoin = {
  from: string
  to: string
  /** The incoming item's first sample as heard, less as written in the log. */
  startErrorMs: number
  overlapMs: number
  /** The overlap as heard, less as written. */
  overlapErrorMs: number
  /** The lowest sum of both tones' powers while they change over, against either alone: 0 in an equal-power crossfade. */
  dipDb: number
}

/** Room around a join in which both tones stand alone, so that their levels are known. */
const AROUND_MS = 500

/** Listens to each join of the as-run log that lies whole within the window. */
export function hearJoins({ pcm, firstSample }: HeardWindow, entries: readonly AsRunEntry[]): HeardJoin[] {
  const around = (AROUND_MS * pcm.sampleRate) / 1000
  return entries.flatMap((before, index) => {
    const after = entries[index + 1]
    if (!after) return []
    const [start, end] = [after.startSample - firstSample, before.endSample - firstSample]
    if (start - around < 1024 || end + around > lengthOf(pcm)) return []
    return [hearJoin(pcm, before, after, { start, end, around })]
  })
}

function hearJoin(
  pcm: Pcm,
  before: AsRunEntry,
  after: AsRunEntry,
  { start, end, around }: { start: number; end: number; around: number },
): HeardJoin {
  const [leaving, coming] = [frequencyOf(before.path ?? ''), frequencyOf(after.path ?? '')]
  // A long window tells neighbouring tones apart; at a cut there is no time for it.
  const windowMs = end - start > around ? 30 : 10
  const search = { fromSample: start - around, toSample: end + around, windowMs }
  const out = fadeOutOf(pcm, leaving, search)
  const into = fadeInOf(pcm, coming, search)
  const names = { from: before.title, to: after.title }
  if (!out || !into) throw new Error(`${names.from} → ${names.to}: ${out ? names.to : names.from} is not heard there`)
  const ms = (samples: number): number => (samples * 1000) / pcm.sampleRate
  const overlap = out.endSample - into.startSample
  return {
    ...names,
    startErrorMs: ms(into.startSample - start),
    overlapMs: ms(overlap),
    overlapErrorMs: ms(overlap - (end - start)),
    dipDb: dipOf(
      pcm,
      [
        { frequency: leaving, amplitude: out.amplitude },
        { frequency: coming, amplitude: into.amplitude },
      ],
      start,
      end,
    ),
  }
}

function dipOf(pcm: Pcm, tones: { frequency: number; amplitude: number }[], start: number, end: number): number {
  const mono = monoOf(pcm)
  const window = hann(Math.round(pcm.sampleRate / 100))
  let lowest = Number.POSITIVE_INFINITY
  for (let at = start; at <= end; at += window.length / 2) {
    const power = tones.reduce((sum, { frequency, amplitude }) => {
      const level = toneAmplitude(mono, Math.round(at), frequency, pcm.sampleRate, window) / amplitude
      return sum + level * level
    }, 0)
    lowest = Math.min(lowest, power)
  }
  return dbOf(Math.sqrt(lowest))
}
