import { Crew } from '../end-to-end/support/crew.ts'
import { faultsOf, type HeardLive, hearLive } from '../end-to-end/support/heard-live.ts'
import { LIVE_KINDS, type LiveKind } from '../end-to-end/support/live-kinds.ts'
import {
  LiveStage,
  type Performer,
  type Played,
  performersOf,
  programmeIsHeard,
} from '../end-to-end/support/live-stage.ts'
import type { Station } from '../end-to-end/support/station.ts'
import { until } from '../end-to-end/support/until.ts'
import { listen } from '../oracle/listen.ts'

/** Both anchors once each: a listener who hears more would remember too much. */
const TIMES_EACH = 2
/** One goodbye of the encoder an anchor in each piece. */
const GOODBYES_EACH = 1

export type LiveSoaked = { rows: LiveRow[]; failures: string[] }
export type LiveRow = {
  kind: string
  times: number
  worstGapMs: number
  worstDipDb: number
  overlapMs: string
  worstClickToAirMs: number
}

/** Anchors come and go in every way there is, so many times each, while a player listens; every two rounds are decoded and judged. */
export async function soakLive(station: Station, rounds: number, over: AbortSignal): Promise<LiveSoaked> {
  await until('playout to be on time', async () => (await station.status()).lateMs < 100)
  const crew = await Crew.found(station)
  const performers = await performersOf(crew)
  const stage = new LiveStage(station, crew)
  const rows = new Map<string, LiveRow>()
  const failures: string[] = []
  try {
    for (let round = 0; round < rounds && !over.aborted; round += TIMES_EACH) {
      const { heard, played, said } = await piece(stage, performers, over)
      failures.push(...said, ...faultsOf(heard))
      add(rows, heard, played)
      console.log(
        `${new Date().toISOString().slice(11, 19)}  ${round + TIMES_EACH} of ${rounds} rounds: ${heard.changes.length} changes on air, ${failures.length} failures so far`,
      )
    }
  } finally {
    await stage.dispose()
  }
  return { rows: [...rows.values()], failures }
}

async function piece(stage: LiveStage, [one, other]: [Performer, Performer], over: AbortSignal) {
  const { station } = stage
  const enough = new AbortController()
  const listening = listen(station.master(station.edge), { seconds: 1_200, enough: enough.signal })
  listening.catch(() => {})
  const played: Played[] = []
  const said: string[] = []
  const play = async (kind: LiveKind, first: Performer, second: Performer): Promise<void> => {
    try {
      played.push(await kind.play(stage, first, second))
    } catch (error) {
      said.push(`${kind.name}: ${(error as Error).message}`)
      await stage.giveUp(first).catch(() => undefined)
    }
  }
  for (const kind of LIVE_KINDS) {
    if (over.aborted) break
    await play(kind, one, other)
    await play(kind, other, one)
  }
  await programmeIsHeard(station)
  enough.abort()
  const report = await listening
  return { heard: hearLive(report, [one, other], played, GOODBYES_EACH), played, said: [...said, ...report.failures] }
}

/** Changes belong to the kinds in the order in which these were played. */
function add(rows: Map<string, LiveRow>, heard: HeardLive, played: readonly Played[]): void {
  const changes = [...heard.changes]
  for (const { kind, expects, clicks } of played) {
    const own = changes.splice(0, expects.length - 1)
    const answered = heard.clicks.filter(({ sessionId }) => clicks.some((click) => click.sessionId === sessionId))
    const before = rows.get(kind)
    const [least, most] = (before?.overlapMs ?? 'Infinity to 0').split(' to ').map(Number) as [number, number]
    const overlaps = own.map(({ overlapMs }) => overlapMs)
    rows.set(kind, {
      kind,
      times: (before?.times ?? 0) + 1,
      worstGapMs: Math.max(before?.worstGapMs ?? 0, ...own.map(({ gapMs }) => gapMs)),
      worstDipDb: round(Math.min(before?.worstDipDb ?? 0, ...own.map(({ dipDb }) => dipDb))),
      overlapMs: `${Math.min(least, ...overlaps)} to ${Math.max(most, ...overlaps)}`,
      worstClickToAirMs: Math.round(
        Math.max(before?.worstClickToAirMs ?? 0, ...answered.map(({ toFullMs }) => toFullMs)),
      ),
    })
  }
}

const round = (value: number): number => Math.round(value * 100) / 100
