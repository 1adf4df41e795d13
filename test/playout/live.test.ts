import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { adtsOfUnits } from '../../media/adts.ts'
import { segmentOfFrame } from '../../media/timeline.ts'
import { sleep, systemClock } from '../../platform/clock.ts'
import { systemProcesses } from '../../platform/processes.ts'
import type { Order } from '../../playout/live/orders.ts'
import type { LivePlan, LiveSession } from '../../schemas/live.ts'
import { decodeAudio } from '../oracle/decode.ts'
import { monoOf, type Pcm } from '../oracle/pcm.ts'
import { hearTurns } from '../oracle/turns.ts'
import { grantFor, SETTINGS } from './live-sessions/simulated-station.ts'
import { type RunningChain, startChain } from './support/chain.ts'
import { startToneIngest } from './support/tone-ingest.ts'

const PARTIES = [
  { name: 'programme', frequencies: [300, 800] },
  { name: 'anna', frequencies: [1480] },
  { name: 'ben', frequencies: [2100] },
]
const { bufferMs, crossfadeMs } = SETTINGS

let folder: string
let chain: RunningChain
let ingest: Awaited<ReturnType<typeof startToneIngest>>
let plan: LivePlan

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'airtight-live-'))
  for (const hertz of [300, 800]) {
    const tone = `sine=${hertz}:r=48000:d=30,volume=2`
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', tone, join(folder, `${hertz}.flac`)])
  }
  plan = {
    version: 1,
    settings: { ...SETTINGS, graceMs: 20_000 },
    grants: [grantFor('anna'), grantFor('ben')],
    ingests: [],
    holdFile: null,
  }
  ingest = await startToneIngest('ingest-1', () => plan)
  plan.ingests.push(ingest.peer())
  chain = startChain({ folder, clock: systemClock, files: ['300.flac', '800.flac', '300.flac', '800.flac'] })
  chain.live.takePlan(plan)
})
afterEach(async () => {
  chain.close()
  await ingest.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Waits until a session is so; it changes with the engine. */
async function until(what: string, isSo: () => boolean): Promise<void> {
  const endsMs = systemClock.monotonicMs() + 20_000
  while (!isSo()) {
    if (systemClock.monotonicMs() > endsMs)
      throw new Error(`${what} did not come: ${JSON.stringify(chain.live.status().sessions)}`)
    await sleep(systemClock, 10)
  }
}
const livingOf = (keyId: string): LiveSession | undefined =>
  chain.live.status().sessions.find((session) => session.keyId === keyId && session.state !== 'ended')
const isHeard = (keyId: string) => (): boolean =>
  livingOf(keyId)?.state === 'on-air' && livingOf(keyId)?.covered === null
const someMs = (ms: number): Promise<void> => sleep(systemClock, ms)

function order(sessionId: string, wanted: Order): number {
  const orderedMs = chain.anchored.nowMs()
  expect(chain.live.order(sessionId, wanted)).toHaveProperty('session')
  return orderedMs
}

/** As after SIGKILL: the frames are out, and the checkpoint is older than they are. */
async function killAndRestart(): Promise<void> {
  const path = join(folder, 'checkpoint.json')
  const checkpoint = readFileSync(path, 'utf8')
  await someMs(500)
  chain.close()
  writeFileSync(path, checkpoint)
  await someMs(200)
  chain = startChain({ folder, clock: systemClock, files: [] })
}

/** All that was put into the spool from a frame on, decoded: sample 0 of it is the frame's first. */
async function heardFrom(firstFrame: number) {
  const { spool } = chain
  const units = Array.from(
    { length: spool.newestFrame! + 1 - firstFrame },
    (_, index) => spool.unit(firstFrame + index)!,
  )
  expect(units).not.toContain(null)
  const { pcm } = await decodeAudio(adtsOfUnits(units, 2), 'aac', 2, systemProcesses)
  return { pcm, ...hearTurns(pcm, PARTIES) }
}

/** The largest jump of a tone's phase between two pieces of 10 ms, in turns: of a tone that goes on there is next to none. */
function phaseJumpOf(pcm: Pcm, hertz: number, span: { fromSample: number; toSample: number }): number {
  const piece = 480
  const samples = monoOf(pcm)
  const phases: number[] = []
  for (let from = span.fromSample; from + piece <= span.toSample; from += piece) {
    let [real, imaginary] = [0, 0]
    for (let at = from; at < from + piece; at++) {
      const angle = (2 * Math.PI * hertz * at) / 48_000
      real += samples[at]! * Math.cos(angle)
      imaginary -= samples[at]! * Math.sin(angle)
    }
    phases.push(Math.atan2(imaginary, real) / (2 * Math.PI))
  }
  return Math.max(
    ...phases.slice(1).map((phase, index) => Math.abs(phase - phases[index]! - Math.round(phase - phases[index]!))),
  )
}

describe('live, as listeners hear it', () => {
  it('goes in, through a hiccup and a death of playout, over to the next anchor and out, with one crossfade each and never nothing', async () => {
    await chain.reachNow()
    const firstFrame = chain.spool.newestFrame! - 50
    const anna = ingest.connect('anna', 1480)
    ingest.connect('ben', 2100)
    await until('two ready sessions', () => livingOf('anna')?.state === 'ready' && livingOf('ben')?.state === 'ready')
    const { id } = livingOf('anna')!

    const clickedMs = order(id, { order: 'go-live', when: { when: 'now' } })
    await until('anna on air', isHeard('anna'))
    await someMs(800)
    const during = chain.onAir.status()
    expect(during).toMatchObject({ rung: 'live', onAir: { kind: 'live', artist: 'anna' }, upcoming: [] })
    expect(during.next).toMatchObject({ kind: 'music', startSample: during.onAir!.endSample })

    anna.lose()
    await until('the programme', () => livingOf('anna')?.covered?.because === 'lost')
    await someMs(500)
    ingest.connect('anna', 1480)
    await until('anna again', isHeard('anna'))
    await someMs(700)

    await killAndRestart()
    await chain.reachNow()
    await someMs(500)
    expect(livingOf('anna')).toMatchObject({ id, state: 'on-air', covered: null, sender: { losses: 1 } })

    const next = livingOf('ben')!
    const handedMs = order(id, { order: 'hand-over', to: next.id })
    await until('ben on air', isHeard('ben'))
    await someMs(800)
    const endedMs = order(next.id, { order: 'end' })
    await until('the end', () => chain.live.status().onAirSessionId === null)
    await someMs(700)

    const { pcm, turns, changes, nobody } = await heardFrom(firstFrame)
    expect(turns.map(({ party }) => party)).toEqual(['programme', 'anna', 'programme', 'anna', 'ben', 'programme'])
    expect(nobody).toEqual([])
    // In this turn playout died: no word is lost, and none said twice.
    const { fromSample, toSample } = turns[3]!
    const alone = { fromSample: fromSample + 24_000, toSample: toSample - 24_000 }
    expect(phaseJumpOf(pcm, 1480, alone)).toBeLessThan(0.05)
    for (const { gapMs, dipDb } of changes) {
      expect(gapMs).toBe(0)
      expect(dipDb).toBeGreaterThan(-3)
    }
    const [into, lost, back, over, out] = changes as [(typeof changes)[0] & object, ...typeof changes]
    for (const change of [into, back!, over!, out!]) expect(Math.abs(change.overlapMs - crossfadeMs)).toBeLessThan(50)
    expect(lost!.overlapMs).toBeGreaterThan(180)

    const msOf = (sample: number): number => (firstFrame * 1024 + sample) / 48
    expect(msOf(into.inSample) - clickedMs).toBeGreaterThan(bufferMs - 50)
    expect(msOf(into.outSample) - clickedMs).toBeLessThan(bufferMs + crossfadeMs + 150)
    expect(msOf(over!.outSample) - handedMs).toBeLessThan(bufferMs + crossfadeMs + 150)
    // What was sent before the click is heard: it was a buffer away from the air.
    expect(msOf(out!.outSample) - endedMs).toBeGreaterThan(bufferMs - 50)

    const { sessions, handoffs, figures } = chain.live.status()
    const session = sessions.find((one) => one.id === id)!
    expect(Math.abs(session.onAirFromMs! - msOf(into.inSample))).toBeLessThan(30)
    expect(Math.abs(session.onAirUntilMs! - msOf(over!.outSample))).toBeLessThan(30)
    expect(session.notes.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^Your connection dropped for \d\.\d s; listeners heard music\.$/),
    ])
    expect(handoffs.map(({ kind }) => kind)).toEqual(['out-of-live', 'hand-over', 'back', 'lost', 'into-live'])
    expect(figures).toMatchObject({ count: 5, gapMs: { worst: 0 } })
    for (const [index, handoff] of [...handoffs].reverse().entries())
      expect(Math.abs(handoff.overlapMs - changes[index]!.overlapMs)).toBeLessThan(50)
    expect(handoffs.map(({ clickToAirMs }) => clickToAirMs === null)).toEqual([false, false, true, true, false])
    expect(Math.abs(handoffs.at(-1)!.clickToAirMs! - (msOf(into.outSample) - clickedMs))).toBeLessThan(50)

    const segments = [segmentOfFrame(firstFrame + Math.round(into.outSample / 1024)), segmentOfFrame(firstFrame) - 1]
    const markers = segments.map((segment) => chain.spool.marker(segment)!)
    expect(markers.map(({ cue }) => cue)).toEqual(['live', 'programme'])
    expect(markers[0]!.titles).toContainEqual(expect.objectContaining({ kind: 'live', artist: 'anna' }))
  }, 60_000)
})
