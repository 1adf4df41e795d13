import { pino } from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Placed } from '../../../control-center/planner/keep.ts'
import type { KeptPlan, PlanStore } from '../../../control-center/planner/plan-store.ts'
import { createPlanner } from '../../../control-center/planner/planner.ts'
import { createPlayoutClock } from '../../../control-center/playout-link/playout-clock.ts'
import { endSampleOf } from '../../../media/rundown-joins.ts'
import { msOfSample, SAMPLE_RATE, sampleAtMs } from '../../../media/timeline.ts'
import { defaultStation } from '../../../platform/station-file.ts'
import type { PlacedItem } from '../../../schemas/playout.ts'
import type { AsRunEntry, Rundown, RundownItem } from '../../../schemas/rundown.ts'
import { fakeLibrary, songOf } from '../support/fake-library.ts'
import { handClock } from '../support/hand-clock.ts'

const HOUR_MS = 3_600_000
const PAUSE_MS = 10_000

function world() {
  const hand = handClock()
  const { library, state } = fakeLibrary()
  const station = { ...defaultStation(), id: 'test-radio' }
  const kept: { plan: KeptPlan | null; writes: number } = { plan: null, writes: 0 }
  const store: PlanStore = {
    readFile: () => kept.plan,
    readShared: async () => kept.plan,
    writeShared: async () => undefined,
    write(plan) {
      kept.plan = structuredClone(plan)
      kept.writes += 1
    },
  }
  const playoutClock = createPlayoutClock(hand.clock)
  const placed: { now: Placed | null } = { now: null }
  const start = (intervalMs = 1_000) =>
    createPlanner({
      clock: hand.clock,
      log: pino({ level: 'silent' }),
      store,
      library,
      station: () => station,
      nowMs: playoutClock.nowMs,
      placed: () => placed.now,
      intervalMs,
      pauseMs: PAUSE_MS,
      onPlan: () => undefined,
    })
  return { hand, library: state, station, kept, placed, start, nowMs: playoutClock.nowMs }
}

/** Every sample from now to the end belongs to an item, and never more than two sound. */
function expectNoHoles({ items }: Rundown, fromSample: number): void {
  const ahead = items.filter((item) => endSampleOf(item) > fromSample)
  expect(ahead[0]!.startSample).toBeLessThanOrEqual(fromSample)
  for (const [index, item] of ahead.slice(1).entries()) {
    expect(item.startSample).toBeLessThanOrEqual(endSampleOf(ahead[index]!))
    expect(item.startSample).toBeGreaterThan(ahead[index]!.startSample)
  }
}

const placementOf = (item: RundownItem, startSample: number, endSample: number): PlacedItem => {
  const { id: itemId, kind, title, artist } = item
  return { itemId, kind, title, artist, rung: 'scheduled', startSample, endSample }
}

describe('the planner loop', () => {
  let at: ReturnType<typeof world>
  beforeEach(() => {
    at = world()
  })
  const sampleNow = (): number => sampleAtMs(at.nowMs())

  it('keeps a day and more ahead for a day and a half, versions rising, and what was planned stays planned', () => {
    const planner = at.start(60_000)
    at.hand.advance(60_000)
    let before = planner.current()!.rundown
    for (let hour = 0; hour < 30; hour++) {
      at.hand.advance(HOUR_MS)
      const { rundown } = planner.current()!
      expect(msOfSample(rundown.untilSample) - at.nowMs()).toBeGreaterThanOrEqual(24 * HOUR_MS)
      expectNoHoles(rundown, sampleNow())
      expect(rundown.version).toBeGreaterThanOrEqual(before.version)
      const places = new Map(rundown.items.map(({ id, startSample }) => [id, startSample]))
      const shared = before.items.filter(({ id }) => places.has(id))
      expect(shared.length).toBeGreaterThan(300)
      for (const item of shared.slice(0, -1)) expect(places.get(item.id)).toBe(item.startSample)
      before = rundown
    }
  })

  it('goes on from the kept plan after a restart, and plans nothing anew', () => {
    at.start().stop()
    const first = at.start()
    at.hand.advance(1_000)
    first.stop()
    const { rundown } = first.current()!
    const again = at.start()
    at.hand.advance(60_000)
    expect(again.current()!.rundown).toEqual(rundown)
    expect(at.kept.writes).toBe(1)
  })

  it('plans anew when the station file changes, but leaves alone what is on air or begins within 30 s', () => {
    const planner = at.start()
    at.hand.advance(1_000)
    const before = planner.current()!.rundown
    at.hand.advance(147_000)
    at.station.programme = {
      ...at.station.programme,
      shows: [
        {
          name: 'Night Train',
          days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
          start: '12:00',
          end: '13:00',
          source: { folder: 'night' },
          order: 'shuffle',
          whenSkippedBySpring: 'shift',
          whenDoubledByAutumn: 'first',
          waitSecondsMax: 0,
        },
      ],
    }
    at.hand.advance(1_000)
    const { rundown, reason } = planner.current()!
    expect(reason).toBe('the station file changed')
    expect(rundown.version).toBeGreaterThan(before.version)
    expect(rundown.items.some(({ show }) => show === 'Night Train')).toBe(true)
    const committed = before.items.filter(
      (item) => item.startSample < sampleNow() + 29 * SAMPLE_RATE && endSampleOf(item) > sampleNow(),
    )
    expect(committed.length).toBe(2)
    expect(rundown.items.slice(0, 2)).toEqual(committed)
    expectNoHoles(rundown, sampleNow())
  })

  it('waits for the library to be looked through, and for it to settle between plans', () => {
    at.library.version = null
    const planner = at.start()
    at.hand.advance(60_000)
    expect(planner.current()).toBeNull()
    at.library.version = 'first look'
    at.hand.advance(1_000)
    expect(planner.current()!.reason).toBe('the first plan')
    at.library.songs = [...at.library.songs, songOf('H')]
    at.library.version = 'one more song'
    at.hand.advance(PAUSE_MS / 2)
    expect(planner.current()!.reason).toBe('the first plan')
    at.hand.advance(PAUSE_MS)
    expect(planner.current()!.reason).toBe('the library changed')
    expect(planner.current()!.rundown.items.some(({ title }) => title === 'Song H')).toBe(true)
  })

  it('raises an alarm when the music is gone while something still plays', () => {
    const planner = at.start()
    at.hand.advance(60_000)
    expect(planner.alarms()).toEqual([])
    at.library.songs = []
    at.library.version = 'nothing'
    at.hand.advance(PAUSE_MS)
    expect(planner.current()!.rundown.items.length).toBeGreaterThan(0)
    expect(planner.alarms()).toEqual([
      'The rundown has holes, as the rotation holds nothing that can be played: the emergency file fills them.',
    ])
  })

  it('says so when there is nothing to plan, and plans at once when music comes', () => {
    const { songs } = at.library
    at.library.songs = []
    const planner = at.start()
    at.hand.advance(60_000)
    expect(planner.alarms()).toEqual(['Nothing is planned: no file of the library can be played.'])
    expect(at.kept.writes).toBeLessThan(10)
    at.library.songs = songs
    at.library.version = 'music'
    at.hand.advance(1_000)
    expect(planner.alarms()).toEqual([])
    expectNoHoles(planner.current()!.rundown, sampleNow())
  })

  it("takes no notice of a step of this host's wall clock", () => {
    const planner = at.start()
    at.hand.advance(1_000)
    const before = planner.current()
    at.hand.stepWall(HOUR_MS)
    at.hand.advance(20_000)
    at.hand.stepWall(-3 * HOUR_MS)
    at.hand.advance(20_000)
    expect(planner.current()).toBe(before)
  })

  it('goes above a version that playout holds from elsewhere, with the same items', () => {
    const planner = at.start()
    at.hand.advance(1_000)
    const { version, items } = planner.current()!.rundown
    expect(planner.wanted(version)?.version).toBe(version)
    const raised = planner.wanted(version + 1_000)!
    expect(raised.version).toBe(version + 1_001)
    expect(raised.items).toEqual(items)
  })

  it('the first plan begins a window before now, which playout fills first', () => {
    const planner = at.start()
    at.hand.advance(1_000)
    const { fromSample, items } = planner.current()!.rundown
    const backSeconds = (sampleNow() - fromSample) / SAMPLE_RATE
    expect(backSeconds).toBeGreaterThan((at.station.hls.windowSegments + 1) * 4)
    expect(backSeconds).toBeLessThan((at.station.hls.windowSegments + 4) * 4)
    expect(items[0]!.startSample).toBe(fromSample)
  })

  it('after an item failed it plans on from where playout really is', () => {
    const planner = at.start()
    at.hand.advance(1_000)
    const before = planner.current()!.rundown
    const [first, second, third] = before.items as [RundownItem, RundownItem, RundownItem]
    at.hand.advance(100_000)
    // The first one broke off after 90 s: the second one moved up.
    const movedTo = first.startSample + 90 * SAMPLE_RATE
    const movedEnd = movedTo + second.lengthSamples
    const entry = (item: RundownItem, startSample: number, endSample: number): AsRunEntry => ({
      ...placementOf(item, startSample, endSample),
      path: item.path,
      plannedStartSample: item.startSample,
      reason: item.reason,
      generation: 1,
    })
    const asRun = [entry(first, first.startSample, movedTo), entry(second, movedTo, movedEnd)]
    at.placed.now = { onAir: placementOf(second, movedTo, movedEnd), next: null, asRun }
    planner.heard(asRun)
    at.hand.advance(1_000)
    const { rundown, reason } = planner.current()!
    expect(reason).toBe(`"${second.title}" began 147 s before its planned time`)
    const sounding = rundown.items.find(({ id }) => id === second.id)!
    expect(sounding.startSample).toBe(movedTo)
    const follower = rundown.items.find(({ startSample }) => startSample > movedTo)!
    expect(follower.startSample).toBe(movedEnd - second.fadeOutSamples)
    expect(follower.path).toBe(third.path)
    expectNoHoles(rundown, sampleNow())
    planner.heard(asRun)
    at.hand.advance(PAUSE_MS)
    expect(planner.current()!.rundown).toBe(rundown)
  })

  it('a committed item fails before its time: what takes its place is not planned a second time', () => {
    const planner = at.start()
    at.hand.advance(1_000)
    const [first, , third, fourth] = planner.current()!.rundown.items as [
      RundownItem,
      RundownItem,
      RundownItem,
      RundownItem,
    ]
    at.hand.advance(220_000)
    at.library.version = 'the second song is broken'
    at.hand.advance(1_000)
    const second = planner.current()!.rundown.items[1]!
    expect(planner.current()!.reason).toBe('the library changed')
    at.hand.advance(20_000)
    const end = second.startSample + third.lengthSamples
    const onAir = placementOf(third, second.startSample, end)
    const asRun = [
      { ...placementOf(first, first.startSample, endSampleOf(first)), plannedStartSample: first.startSample },
      { ...onAir, plannedStartSample: third.startSample },
    ].map((entry) => ({ ...entry, reason: 'planned', generation: 1 }))
    at.placed.now = { onAir, next: null, asRun }
    planner.heard(asRun)
    at.hand.advance(1_000)
    const { rundown } = planner.current()!
    expectNoHoles(rundown, sampleNow())
    expect(new Set(rundown.items.map(({ id }) => id)).size).toBe(rundown.items.length)
    const ahead = rundown.items.filter(({ startSample }) => startSample >= second.startSample)
    expect(ahead.slice(0, 2).map(({ path }) => path)).toEqual([third.path, fourth.path])
    expect(ahead[1]!.startSample).toBe(end - third.fadeOutSamples)
  })

  it('a plan that cannot be made leaves the last one in force, with an alarm, and is tried again', () => {
    const planner = at.start()
    at.hand.advance(1_000)
    const { rundown } = planner.current()!
    at.station.timeZone = 'Mars/Olympus'
    at.hand.advance(1_000)
    expect(planner.current()!.rundown).toBe(rundown)
    expect(planner.alarms()[0]).toMatch(/^Planning failed, the last plan goes on: /)
    at.station.timeZone = 'Asia/Tokyo'
    at.hand.advance(PAUSE_MS + 1_000)
    expect(planner.alarms()).toEqual([])
    expect(planner.current()!.reason).toBe('the station file changed')
  })
})
