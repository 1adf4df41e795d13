import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layOut } from '../../../media/rundown-layout.ts'
import { Standby } from '../../../playout/mixer/standby.ts'
import type { Placement } from '../../../playout/programme/placement.ts'
import { Programme } from '../../../playout/programme/programme.ts'
import type { Source, SourceState } from '../../../playout/sources/source.ts'
import type { Rundown, RundownItem } from '../../../schemas/rundown.ts'
import { FADE, playable, rundownOf, SECOND, START, song, songs } from './studio.ts'

const HOURS = 2
const UNTIL = START + (HOURS + 1) * 3_600 * SECOND
/** As often as this the mixer looks. */
const LOOK = SECOND / 4
/** A decoder that is started on a busy machine gives its first sample by then. */
const DECODING = SECOND

/** Songs, a jingle of four seconds after every third one, idents at fixed times. */
function plannedHours(): Rundown {
  const items: RundownItem[] = []
  let at = START
  for (let index = 0; at < UNTIL; index++) {
    const seconds = index % 4 === 3 ? 4 : 45 + ((index * 37) % 200)
    items.push(song(index, at, seconds * SECOND))
    at += (seconds - 1) * SECOND
  }
  for (let index = 1; index < (HOURS + 1) * 4; index++) {
    const startSample = START + index * 900 * SECOND
    const fixed = { atMs: startSample / 48, waitSecondsMax: 0 }
    items.push(song(10_000 + index, startSample, 8 * SECOND, { kind: 'ident', anchored: true, fixed }))
  }
  const laidOut = layOut({
    ...{ items: items.sort((a, b) => a.startSample - b.startSample), fillers: [playable('filler', 30 * SECOND)] },
    ...{ fillerOffset: 0, fromSample: START, untilSample: UNTIL, crossfadeSamples: SECOND, idPrefix: 'filler' },
  })
  return { ...rundownOf(laidOut.items), reserve: [playable('spare', 35 * SECOND)] }
}

type Decoder = { placement: Placement; openedAt: number; isOpen: boolean; state: SourceState }

function decoders(now: () => number, broken: ReadonlySet<string> = new Set()) {
  const opened: Decoder[] = []
  const open = (placement: Placement): Source => {
    const decoder: Decoder = { placement, openedAt: now(), isOpen: true, state: { state: 'open' } }
    if (broken.has(placement.path!)) decoder.state = { state: 'failed', reason: 'no sound in it' }
    opened.push(decoder)
    return {
      availableSamples: () => 0,
      read: () => {},
      state: () => decoder.state,
      close: () => {
        decoder.isOpen = false
      },
    }
  }
  return { opened, open }
}

function live(rundown: Rundown) {
  const programme = new Programme({
    ...{ startSample: START, stationName: 'Station', placed: [], hasEmergency: () => true, onEvent: () => {} },
  })
  programme.load(rundown)
  const at = START + 30 * SECOND
  programme.extendTo(at + SECOND)
  programme.goLive({ id: 'live-1', title: '', artist: 'Ada', reason: '' }, at, FADE)
  return { programme, at }
}

/** What would really come, if the turn ended at this moment. */
function followerIfEnded(programme: Programme, rundown: Rundown, now: number, afterMs: number): Placement {
  const placed = structuredClone(programme.placements) as Placement[]
  const twin = new Programme({
    ...{ startSample: START, stationName: 'Station', placed, hasEmergency: () => true, onEvent: () => {} },
  })
  twin.load(rundown)
  const end = { startSample: now + afterMs * 48 + FADE, fadeSamples: FADE, reason: 'End.' }
  expect(twin.endLive('live-1', end, now)).not.toBeNull()
  twin.extendTo(now + 15 * SECOND)
  const index = twin.placements.findIndex(({ id }) => id === 'live-1')
  return twin.placements[index + 1]!
}

describe('a live turn of hours, over many items that would have played', () => {
  it('can be ended at any moment without waiting: what comes is decoded already', () => {
    const rundown = plannedHours()
    const { programme, at } = live(rundown)
    let now = at
    const { opened, open } = decoders(() => now)
    const standby = new Standby(programme, open)
    const seen = new Set<string>()
    let atOnceMax = 0
    const moments = fc.sample(fc.record({ look: fc.nat(HOURS * 3_600 * 4), afterMs: fc.nat(1_500) }), {
      numRuns: 300,
      seed: 7,
    })
    const endings = new Map(moments.map(({ look, afterMs }) => [look, afterMs]))
    for (let look = 0; look < HOURS * 3_600 * 4; look++) {
      now = at + look * LOOK
      programme.extendTo(now + 15 * SECOND)
      standby.keep(now)
      atOnceMax = Math.max(atOnceMax, opened.filter(({ isOpen }) => isOpen).length)
      const afterMs = endings.get(look)
      if (afterMs === undefined || now < at + 2 * SECOND) continue
      const next = followerIfEnded(programme, rundown, now, afterMs)
      seen.add(next.id)
      const ready = opened.filter(
        ({ isOpen, openedAt, placement }) =>
          isOpen &&
          now - openedAt >= DECODING &&
          placement.path === next.path &&
          placement.cueInSample === next.cueInSample,
      )
      if (ready.length === 0) expect.fail(`${next.id} is not decoded ${(now - at) / SECOND} s into the turn`)
      expect(ready[0]!.placement.endSample - ready[0]!.placement.startSample).toBeGreaterThanOrEqual(
        next.endSample - next.startSample,
      )
    }
    expect(seen.size).toBeGreaterThan(30)
    expect(atOnceMax).toBeLessThanOrEqual(3)
    standby.close()
    expect(opened.filter(({ isOpen }) => isOpen)).toEqual([])
  }, 30_000)

  it('a file that can not be read is passed over, and is not tried again and again', () => {
    const rundown = rundownOf(songs(5, 60))
    const { programme, at } = live(rundown)
    const { opened, open } = decoders(() => at, new Set(['song-1']))
    const standby = new Standby(programme, open)
    for (let look = 0; look < 40; look++) {
      programme.extendTo(at + look * LOOK + 15 * SECOND)
      standby.keep(at + look * LOOK)
    }
    expect(opened.map(({ placement }) => placement.path)).toEqual(['song-1', 'song-2'])
    expect(programme.afterOpenEnd?.path).toBe('song-2')
    standby.close()
  })
})
