import { msOfSample } from '../../../media/timeline.ts'
import { lengthOf, sliceOf } from '../../oracle/pcm.ts'
import type { ListenReport } from '../../oracle/report.ts'
import { trackTones } from '../../oracle/tone-levels.ts'
import { hearTurns, type TurnChange } from '../../oracle/turns.ts'
import { PROGRAMME } from './live-kinds.ts'
import type { Click, Performer, Played } from './live-stage.ts'
import { EMERGENCY, FREQUENCIES } from './tone-music.ts'

/** The first frame lacks its overlap: what it decodes to is not what the station sent. */
const SKIPPED_SAMPLES = 1024
/** A tone is there from -48 dBFS on. */
const AUDIBLE = 0.004

export type HeardLive = {
  /** Who had the air, in order; and who should have had. */
  turns: string[]
  expected: string[]
  changes: (TurnChange & { at: string })[]
  /** Milliseconds in which nobody was heard. */
  nobodyMs: number
  clicks: (Click & { toFirstMs: number; toFullMs: number })[]
  /** Seconds of the first-second's tone a click, and of the last-second's tone a goodbye, for each anchor. */
  firstSeconds: Record<string, number>
  lastSeconds: Record<string, number>
}

/** What a listener heard of anchors who came and went, from the sound alone, beside what was played. */
export function hearLive(
  report: ListenReport,
  performers: readonly Performer[],
  played: readonly Played[],
  goodbyesEach: number,
): HeardLive {
  const whole = report.recording.pcm!
  const pcm = sliceOf(whole, SKIPPED_SAMPLES, lengthOf(whole))
  const atMs = (sample: number): number => msOfSample(report.recording.firstSample! + SKIPPED_SAMPLES + sample)
  const heard = hearTurns(pcm, [
    { name: PROGRAMME, frequencies: FREQUENCIES.filter((frequency) => frequency !== EMERGENCY.frequency) },
    ...performers.map(({ anchor, tones }) => ({ name: anchor.name, frequencies: Object.values(tones) })),
  ])
  // A listener begins a few segments back: there may be the end of what was played before.
  const begin = Math.max(
    0,
    heard.turns.findIndex(({ party }) => party === PROGRAMME),
  )
  const turns = heard.turns.slice(begin)
  const changes = heard.changes.slice(begin)
  const clicks = played.flatMap((one) => one.clicks)
  const secondsOf = (frequency: number): number => {
    const { amplitudes, stepSamples } = trackTones(pcm, [frequency], 5)
    return (amplitudes[0]!.filter((level) => level > AUDIBLE).length * stepSamples) / pcm.sampleRate
  }
  return {
    turns: turns.map(({ party }) => party),
    expected: [PROGRAMME, ...played.flatMap(({ expects }) => expects.slice(1))],
    changes: changes.map((change) => ({ at: new Date(atMs(change.inSample)).toISOString(), ...change })),
    nobodyMs: heard.nobody.reduce((sum, { fromSample, toSample }) => sum + (toSample - fromSample) / 48, 0),
    clicks: clicks.map((click) => {
      const change = changes.find(({ to, inSample }) => to === click.anchor && atMs(inSample) > click.atMs)
      const since = (sample: number | undefined): number =>
        sample === undefined ? Number.POSITIVE_INFINITY : atMs(sample) - click.atMs
      return { ...click, toFirstMs: since(change?.inSample), toFullMs: since(change?.outSample) }
    }),
    firstSeconds: Object.fromEntries(
      performers.map(({ anchor, tones }) => [
        anchor.name,
        secondsOf(tones.first) / clicks.filter((click) => click.anchor === anchor.name).length,
      ]),
    ),
    lastSeconds: Object.fromEntries(
      performers.map(({ anchor, tones }) => [anchor.name, secondsOf(tones.last) / goodbyesEach]),
    ),
  }
}

export type LiveLimits = { clickToAirMs: number; dipDb: number; overlapMs: readonly [number, number] }
/** The buffer, the crossfade and 150 ms; a crossfade's first and last few milliseconds are too soft to be heard. */
export const LIVE_LIMITS: LiveLimits = { clickToAirMs: 600 + 500 + 150, dipDb: -2, overlapMs: [100, 560] }

/** What is not as it must be, in sentences. */
export function faultsOf(heard: HeardLive, limits = LIVE_LIMITS): string[] {
  const faults: string[] = []
  const must = (holds: boolean, sentence: string): void => {
    if (!holds) faults.push(sentence)
  }
  must(
    heard.turns.join() === heard.expected.join(),
    `the air was had by ${heard.turns.join(', ')}; it should have been ${heard.expected.join(', ')}`,
  )
  must(heard.nobodyMs === 0, `nobody was heard for ${heard.nobodyMs} ms`)
  for (const { at, from, to, gapMs, dipDb, overlapMs } of heard.changes) {
    const change = `${from} → ${to} at ${at}`
    must(gapMs === 0, `${change}: a gap of ${gapMs} ms`)
    must(dipDb > limits.dipDb, `${change}: a dip of ${dipDb.toFixed(1)} dB`)
    const [least, most] = limits.overlapMs
    must(overlapMs >= least && overlapMs <= most, `${change}: an overlap of ${overlapMs} ms`)
  }
  for (const { anchor, toFullMs } of heard.clicks)
    must(toFullMs < limits.clickToAirMs, `${anchor}: ${Math.round(toFullMs)} ms from the click to the air`)
  for (const [anchor, seconds] of Object.entries(heard.firstSeconds))
    must(seconds > 0.95, `${anchor}: ${seconds.toFixed(3)} s of the first second after a click`)
  for (const [anchor, seconds] of Object.entries(heard.lastSeconds))
    must(seconds > 0.95, `${anchor}: ${seconds.toFixed(3)} s of the last second before a goodbye`)
  return faults
}
