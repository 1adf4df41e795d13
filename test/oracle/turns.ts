import { monoOf, type Pcm, type Span } from './pcm.ts'
import { hann, toneAmplitude } from './tone-levels.ts'

/** Someone who can be heard: the programme, or an anchor. All the frequencies that are theirs. */
export type Party = { name: string; frequencies: readonly number[] }

/** A change of who is heard. */
export type TurnChange = {
  from: string
  to: string
  /** The incoming party's first sample that can be heard, and the outgoing one's last: their distance is the overlap. */
  inSample: number
  outSample: number
  overlapMs: number
  /** How long nobody was heard between the two. */
  gapMs: number
  /** The lowest sum of both powers, each against its level beside the change: 0 in an equal-power crossfade, -5 and less in a hole of 4 ms. */
  dipDb: number
}

export type HeardTurns = {
  /** Who had the air, in order: a party's stretch alone or in the lead. */
  turns: (Span & { party: string })[]
  changes: TurnChange[]
  /** Stretches in which nobody was heard. */
  nobody: Span[]
}

const STEP_MS = 2
const WINDOW_MS = 8
/** A party is heard from 26 dB below its own usual level on: under a crossfade's first and last 3 percent, and above an encoder's noise. */
const HEARD = 0.05
/** A fifth of a second beside a change tells how loud a side is alone. */
const BESIDE_STEPS = 100
/** A lead shorter than this is a flicker within a crossfade. */
const LEAST_LEAD_MS = 40

/**
 * Who is heard when, from the sound alone: each party has tones of its own, 200 Hz and more from all others. Exact to about 4 ms. A gap is a moment in which no party reaches a twentieth of its usual amplitude; shorter ones than 8 ms show in the dip.
 */
export function hearTurns(pcm: Pcm, parties: readonly Party[]): HeardTurns {
  const step = Math.round((STEP_MS / 1000) * pcm.sampleRate)
  const levels = parties.map((party) => levelsOf(pcm, party, step))
  const usual = levels.map(usualOf)
  const relative = levels.map((track, index) => track.map((level) => level / usual[index]!))
  const steps = relative[0]?.length ?? 0
  const leaders = Array.from({ length: steps }, (_, at) => leaderAt(relative, at))
  const runs = runsOf(leaders)
  const nobody = runs
    .filter(({ leader }) => leader < 0)
    .map(({ from, to }) => ({ fromSample: from * step, toSample: to * step }))
  const leads = merged(runs.filter(({ leader, from, to }) => leader >= 0 && (to - from) * STEP_MS >= LEAST_LEAD_MS))
  const turns = leads.map(({ leader, from, to }) => ({
    party: parties[leader]!.name,
    fromSample: from * step,
    toSample: to * step,
  }))
  const changes = leads.slice(1).map((next, index): TurnChange => {
    const before = leads[index]!
    const inStep = lastSilentBefore(relative[next.leader]!, next.from) + 1
    const outStep = firstSilentAfter(relative[before.leader]!, Math.max(before.to - 1, before.from))
    const overlapMs = Math.max(0, outStep - inStep) * STEP_MS
    return {
      from: parties[before.leader]!.name,
      to: parties[next.leader]!.name,
      inSample: inStep * step,
      outSample: outStep * step,
      overlapMs,
      gapMs: nobodyWithin(runs, before.from, next.to) * STEP_MS,
      dipDb: dipOf(levels[before.leader]!, levels[next.leader]!, inStep, outStep),
    }
  })
  return { turns, changes, nobody }
}

function levelsOf(pcm: Pcm, { frequencies }: Party, step: number): number[] {
  const mono = monoOf(pcm)
  const window = hann(Math.round((WINDOW_MS / 1000) * pcm.sampleRate))
  return Array.from({ length: Math.floor(mono.length / step) }, (_, index) => {
    const middle = index * step + (step >> 1)
    let power = 0
    for (const frequency of frequencies) power += toneAmplitude(mono, middle, frequency, pcm.sampleRate, window) ** 2
    return Math.sqrt(power)
  })
}

/** The level that a party has when it is heard: the upper decile's edge of what is above -46 dBFS. Infinite for one that never is. */
function usualOf(levels: readonly number[]): number {
  const heard = levels.filter((level) => level > 0.005).sort((a, b) => a - b)
  return heard[Math.floor(heard.length * 0.9)] ?? Number.POSITIVE_INFINITY
}

function leaderAt(relative: readonly number[][], at: number): number {
  let leader = -1
  for (let party = 0; party < relative.length; party++) {
    const level = relative[party]![at]!
    if (level >= HEARD && (leader < 0 || level > relative[leader]![at]!)) leader = party
  }
  return leader
}

const nobodyWithin = (runs: readonly Run[], from: number, to: number): number =>
  runs
    .filter((run) => run.leader < 0 && run.from >= from && run.to <= to)
    .reduce((steps, run) => steps + run.to - run.from, 0)

/** Both levels, each against its own where it stands alone beside the change. */
function dipOf(leaving: readonly number[], coming: readonly number[], inStep: number, outStep: number): number {
  const before = middleOf(leaving.slice(Math.max(0, inStep - BESIDE_STEPS), Math.max(1, inStep)))
  const after = middleOf(coming.slice(outStep, outStep + BESIDE_STEPS))
  let lowest = Number.POSITIVE_INFINITY
  for (let at = Math.max(0, inStep - 5); at < Math.min(outStep + 5, leaving.length); at++)
    lowest = Math.min(lowest, (leaving[at]! / before) ** 2 + (coming[at]! / after) ** 2)
  return 10 * Math.log10(lowest)
}

const middleOf = (levels: readonly number[]): number => levels.toSorted((a, b) => a - b)[levels.length >> 1] ?? 1

type Run = { leader: number; from: number; to: number }

function runsOf(leaders: readonly number[]): Run[] {
  const runs: Run[] = []
  leaders.forEach((leader, at) => {
    const run = runs.at(-1)
    if (run?.leader === leader) run.to = at + 1
    else runs.push({ leader, from: at, to: at + 1 })
  })
  return runs
}

function merged(runs: readonly Run[]): Run[] {
  const merged: Run[] = []
  for (const run of runs) {
    const last = merged.at(-1)
    if (last?.leader === run.leader) last.to = run.to
    else merged.push({ ...run })
  }
  return merged
}

/** Short holes of one tone's own (a window's edge) don't count: it must be silent for 10 ms. */
const SILENT_STEPS = 5

function lastSilentBefore(track: readonly number[], from: number): number {
  for (let at = from, silent = 0; at >= 0; at--) {
    silent = track[at]! < HEARD ? silent + 1 : 0
    if (silent === SILENT_STEPS) return at + SILENT_STEPS - 1
  }
  return -1
}

function firstSilentAfter(track: readonly number[], from: number): number {
  for (let at = from, silent = 0; at < track.length; at++) {
    silent = track[at]! < HEARD ? silent + 1 : 0
    if (silent === SILENT_STEPS) return at - SILENT_STEPS + 1
  }
  return track.length
}
