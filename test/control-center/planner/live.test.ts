import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { skippedOf } from '../../../control-center/planner/keep.ts'
import type { KeptPlan } from '../../../control-center/planner/plan-store.ts'
import { createPlanner } from '../../../control-center/planner/planner.ts'
import { SAMPLE_RATE, sampleAtMs } from '../../../media/timeline.ts'
import { defaultStation } from '../../../platform/station-file.ts'
import type { PlacedItem } from '../../../schemas/playout.ts'
import type { AsRunEntry, Rundown, RundownItem } from '../../../schemas/rundown.ts'
import { fakeLibrary } from '../support/fake-library.ts'
import { handClock } from '../support/hand-clock.ts'

const MINUTE_MS = 60_000
const TICK_MS = 5_000
const SONGS = Array.from({ length: 40 }, (_, index) => `S${index + 1}`)

/**
 * A planner and a playout in little: it plays the rundown's items one after the other under their crossfades, lets somebody live in over
 * them, and after that goes on with the first item that has not sounded, from its beginning.
 */
function station() {
  const hand = handClock()
  const { library, state } = fakeLibrary(SONGS)
  const nowMs = hand.clock.wallMs
  const kept: { plan: KeptPlan | null } = { plan: null }
  const asRun: AsRunEntry[] = []
  const air: { onAir: RundownItem | null; endSample: number; live: boolean } = {
    onAir: null,
    endSample: 0,
    live: false,
  }
  let reasons: string[] = []
  let number = 0

  const entry = (item: RundownItem, startSample: number): AsRunEntry => ({
    ...{ itemId: item.id, kind: item.kind, rung: 'scheduled', title: item.title, artist: item.artist, path: item.path },
    ...{ startSample, endSample: startSample + item.lengthSamples, plannedStartSample: item.startSample },
    ...{ reason: 'planned', generation: 1 },
  })
  const nextUnaired = (rundown: Rundown): RundownItem => {
    const heard = new Set(asRun.map(({ itemId }) => itemId))
    const lastAt = rundown.items.findLastIndex(({ id }) => heard.has(id))
    return rundown.items.slice(lastAt + 1).find(({ id }) => !heard.has(id))!
  }
  const placed = () => {
    const last = asRun.at(-1) ?? null
    const rundown = planner.current()?.rundown
    const next = rundown && last ? nextUnaired(rundown) : null
    const nextAt = air.live ? sampleAtMs(nowMs()) : air.endSample - (rundown?.crossfadeSamples ?? 0)
    const nextItem: PlacedItem | null = next && { ...entry(next, nextAt) }
    return { onAir: last, next: nextItem, upcoming: nextItem ? [nextItem] : [], asRun }
  }
  const planner = createPlanner({
    ...{ clock: hand.clock, log: pino({ level: 'silent' }), library, nowMs, intervalMs: TICK_MS, pauseMs: 10_000 },
    store: {
      readFile: () => kept.plan,
      readShared: async () => kept.plan,
      writeShared: async () => undefined,
      write: (plan) => {
        kept.plan = structuredClone(plan)
        reasons.push(plan.reason)
      },
    },
    station: () => ({ ...defaultStation(), id: 'test-radio' }),
    placed,
    onPlan: () => undefined,
  })
  const play = (item: RundownItem, startSample: number): void => {
    const played = entry(item, startSample)
    asRun.push(played)
    air.endSample = played.endSample
    planner.heard([played])
  }
  const tick = (): void => {
    hand.advance(TICK_MS)
    const rundown = planner.current()?.rundown
    if (!rundown) return
    const now = sampleAtMs(nowMs())
    const handOver = air.endSample - rundown.crossfadeSamples
    if (asRun.length === 0) play(rundown.items.findLast(({ startSample }) => startSample <= now)!, now)
    else if (air.live) asRun.at(-1)!.endSample = now
    else if (handOver <= now) play(nextUnaired(rundown), handOver)
  }
  const run = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += TICK_MS) tick()
  }
  return {
    asRun,
    library: state,
    planner,
    reasons: () => reasons,
    forgetReasons: (): void => {
      reasons = []
    },
    run,
    live(ms: number): void {
      const now = sampleAtMs(nowMs())
      asRun.at(-1)!.endSample = now
      const title = 'The Evening Show'
      asRun.push({
        ...{ itemId: `live-${number++}`, kind: 'live', rung: 'live', title, artist: 'Anna' },
        ...{ startSample: now, endSample: now, plannedStartSample: null, reason: 'Anna went live', generation: 1 },
      })
      air.live = true
      run(ms)
      air.live = false
      const rundown = planner.current()!.rundown
      play(nextUnaired(rundown), sampleAtMs(nowMs()))
    },
  }
}

const songsOf = (asRun: readonly AsRunEntry[]): string[] =>
  asRun.filter(({ kind }) => kind === 'music').map(({ title }) => title)

describe('somebody is live for half an hour', () => {
  it('what was planned meanwhile comes after it; every song sounds once before any sounds twice', () => {
    const at = station()
    at.run(20 * MINUTE_MS)
    at.live(30 * MINUTE_MS)
    at.run(200 * MINUTE_MS)
    const songs = songsOf(at.asRun)
    expect(songs.length).toBeGreaterThan(45)
    expect(new Set(songs.slice(0, 40)).size).toBe(40)
  })

  it('the plan is made anew once when it is over, not again and again, and says what is really to come', () => {
    const at = station()
    at.run(20 * MINUTE_MS)
    at.forgetReasons()
    at.live(30 * MINUTE_MS)
    expect(at.reasons()).toEqual([])
    at.run(30 * MINUTE_MS)
    expect(at.reasons()).toHaveLength(1)
    expect(at.reasons()[0]).toMatch(/began \d+ s after its planned time/)
    const planned = new Map(at.planner.current()!.rundown.items.map((item) => [item.id, item.startSample]))
    for (const { itemId, startSample } of at.asRun.slice(-3)) expect(planned.get(itemId)).toBe(startSample)
  })

  it('a plan that must be made while live is on counts nothing that was not heard', () => {
    const at = station()
    at.run(20 * MINUTE_MS)
    const before = songsOf(at.asRun)
    at.live(10 * MINUTE_MS)
    at.run(5 * MINUTE_MS)
    for (let again = 0; again < 3; again++) {
      at.library.version = `library ${again + 2}`
      at.live(7 * MINUTE_MS)
      at.library.version = `library ${again + 20}`
      at.run(6 * MINUTE_MS)
    }
    at.run(150 * MINUTE_MS)
    const songs = songsOf(at.asRun)
    expect(songs.slice(0, before.length)).toEqual(before)
    expect(songs.length).toBeGreaterThan(40)
    expect(new Set(songs.slice(0, 40)).size).toBe(40)
  })
})

describe('what was skipped', () => {
  const item = (id: string, seconds: number): RundownItem => ({
    ...{ id, path: `/${id}`, fingerprint: '', kind: 'music', title: id, artist: '', cueInSample: 0, gainDb: 0 },
    ...{ lengthSamples: 100 * SAMPLE_RATE, startSample: seconds * SAMPLE_RATE, fadeInSamples: 0, fadeOutSamples: 0 },
    ...{ anchored: false, reason: 'planned' },
  })
  const items = [item('a', 0), item('b', 100), item('c', 200), item('d', 300)]
  const rundown: Rundown = {
    ...{ stationId: 's', version: 1, madeAtMs: 0, fromSample: 0, untilSample: 400 * SAMPLE_RATE, crossfadeSamples: 0 },
    ...{ items, reserve: [] },
  }
  const entry = (itemId: string, from: number, to: number): AsRunEntry => ({
    ...{ itemId, kind: 'music', rung: 'scheduled', title: itemId, artist: '', plannedStartSample: null, reason: '' },
    ...{ startSample: from * SAMPLE_RATE, endSample: to * SAMPLE_RATE, generation: 1 },
  })
  const onAir = entry('live-1', 90, 90)

  it('is what has no place in a log that covers its time', () => {
    const placed = { onAir, asRun: [entry('a', 0, 90), onAir] }
    expect([...skippedOf(rundown, placed, 250_000)]).toEqual(['b', 'c'])
  })

  it('is nothing while the log is not known: what may have sounded is not repeated', () => {
    expect([...skippedOf(rundown, { onAir: null, asRun: [] }, 250_000)]).toEqual([])
  })
})
