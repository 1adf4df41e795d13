import { deficitMs, edgeOf } from './handoff-figures.ts'
import { onAirFor, recorded, turnsOf } from './handoff-play.ts'
import { HlsRecorder } from './handoff-recording.ts'
import { ANCHOR, type HandoffSystem, PROGRAMME, type RunningSystem } from './handoff-system.ts'
import type { Row } from './table.ts'
import { pause, until } from './waiting.ts'

const STALL_MS = 15_000
const SLOW = 0.97
/** Ours must hold it for a minute; of the others a part of that tells how fast they run empty. */
const SLOW_MS = { ours: 60_000, liquidsoap: 20_000, 'nginx-rtmp': 12_000 } as const
const RECOVERY_MS = 25_000
/** A buffer that loses more than this a second is running empty. */
const FALLS_MS = 10

/** The encoder stops (SIGSTOP) and keeps its connection. */
export async function stallCase({ name }: HandoffSystem, running: RunningSystem): Promise<Row> {
  const { onAir, recorder } = await onAirFor(running, running.settlesMs)
  onAir.sender.signal('SIGSTOP')
  const stoppedMs = Date.now()
  await pause(STALL_MS)
  const silentMs = recorder.nothingNewMs
  const recording = await recorder.end()
  await running.giveUp(onAir)
  const edge = edgeOf(recording.segments)
  const changes = turnsOf(recording).changes
  const out = changes.find(({ from, inSample }) => from === ANCHOR && (edge.producedMs(inSample) ?? 0) > stoppedMs)
  const wasHeard = changes.some(({ to }) => to === ANCHOR)
  const outcome = out
    ? `the programme after ${((edge.producedMs(out.inSample) ?? 0) - stoppedMs).toFixed(0)} ms, gap ${out.gapMs} ms`
    : `no programme within ${STALL_MS / 1000} s`
  return {
    system: name,
    case: 'RTMP encoder stalls, connection open',
    outcome: `${wasHeard ? '' : 'the anchor was never heard; '}${outcome}; nothing new listed for ${(recording.longestNothingNewMs / 1000).toFixed(1)} s${silentMs > 8_000 ? ', and still nothing at the end' : ''}`,
  }
}

/** The anchor's clock runs 3 % slow. */
export async function slowCase(system: HandoffSystem, running: RunningSystem): Promise<Row> {
  const forMs = SLOW_MS[system.key]
  const { onAir, recorder } = await onAirFor(running, 0, { speed: SLOW })
  const seen: { atMs: number; depthMs: number; told: string }[] = []
  const beganMs = Date.now()
  while (Date.now() - beganMs < forMs) {
    const buffer = await running.buffer()
    if (buffer) seen.push({ atMs: Date.now() - beganMs, ...buffer })
    await pause(250)
  }
  await running.end(onAir)
  await recorded(recorder, recorder.count + 2)
  const recording = await recorder.end()
  const changes = turnsOf(recording, SLOW).changes
  const returns = changes.filter(({ from, to }) => from === ANCHOR && to === PROGRAMME).length - 1
  const worstGapMs = Math.max(0, ...changes.map(({ gapMs }) => gapMs))
  const alarm = seen.find(({ told }) => told !== '')
  const buffer = bufferOf(seen)
  const told = alarm ? `told after ${(alarm.atMs / 1000).toFixed(0)} s: “${alarm.told}”` : 'nothing told'
  return {
    system: system.name,
    case: `sender 3 % slow for ${forMs / 1000} s`,
    outcome: `${buffer}; ${told}; the programme came in ${Math.max(0, returns)} times; worst gap ${worstGapMs} ms; media lost ${deficitMs(recording.segments).toFixed(0)} ms`,
  }
}

type Depth = { atMs: number; depthMs: number }

/** What became of the anchor's buffer once it was full, in a sentence. */
export function bufferOf(seen: readonly Depth[]): string {
  const fullest = seen.reduce<Depth | null>((most, one) => (most && most.depthMs >= one.depthMs ? most : one), null)
  const last = seen.at(-1)
  if (!fullest || !last || fullest.depthMs === 0) return 'it keeps no buffer'
  const least = Math.min(...seen.filter(({ atMs }) => atMs >= fullest.atMs).map(({ depthMs }) => depthMs))
  const perSecond = (1000 * (fullest.depthMs - last.depthMs)) / Math.max(1, last.atMs - fullest.atMs)
  const outlook = perSecond > FALLS_MS ? `: empty ${Math.round(fullest.depthMs / perSecond)} s after it was full` : ''
  return `buffer ${fullest.depthMs.toFixed(0)} ms when full, then ${least.toFixed(0)} at least, ${last.depthMs.toFixed(0)} at the end${outlook}`
}

/** Everything that makes the stream is killed at once, and started again by a supervisor. */
export async function killCase({ name }: HandoffSystem, running: RunningSystem): Promise<Row> {
  const recorder = new HlsRecorder(running.playlistUrl)
  await recorded(recorder, 2)
  const before = recorder.newestSequence
  await running.kill()
  const killedMs = Date.now()
  const isNew = (): boolean => recorder.nothingNewMs < Date.now() - killedMs
  const hasFallen = (): boolean => recorder.newestSequence < before
  await until('something is listed', RECOVERY_MS, () => isNew() || hasFallen()).catch(() => false)
  const isBack = isNew()
  if (isBack || hasFallen()) await recorded(recorder, recorder.count + 4)
  const recording = await recorder.end()
  const after = recording.lastSequence
  const discontinuities = recording.segments.slice(1).filter(({ discontinuity }) => discontinuity).length
  const sequence =
    after < before
      ? `the sequence fell from ${before} to ${after}: players wait in vain`
      : `the sequence goes on (${before}, then ${after})`
  return {
    system: name,
    case: 'SIGKILL of everything',
    outcome: `${sequence}; nothing new for ${(recording.longestNothingNewMs / 1000).toFixed(1)} s${isBack ? '' : ', and still nothing'}; ${discontinuities} discontinuities; media lost ${deficitMs(recording.segments).toFixed(0)} ms`,
  }
}
