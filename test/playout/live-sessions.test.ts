import { describe, expect, it } from 'vitest'
import { BLOCK_MS, grantFor, SETTINGS, SimulatedStation } from './live-sessions/simulated-station.ts'

const { bufferMs, crossfadeMs, graceMs } = SETTINGS
const now = { order: 'go-live', when: { when: 'now' } } as const

/** Anchors who are connected and ready. */
function stationWith(...keys: string[]): SimulatedStation {
  const station = new SimulatedStation(keys.map((key) => grantFor(key)))
  for (const key of keys) station.ingests.connect(0, key, 1)
  station.run(5_000, () => keys.every((key) => station.living(key)?.state === 'ready'))
  return station
}
/** As {@link stationWith}, the first of them on air for five seconds. */
function stationWithOnAir(...keys: string[]): { station: SimulatedStation; id: string } {
  const station = stationWith(...keys)
  const { id } = station.living(keys[0]!)!
  station.order(id, now)
  station.run(5_000)
  expect(station.living(keys[0]!)).toMatchObject({ id, state: 'on-air', covered: null })
  return { station, id }
}
const sessionOf = (station: SimulatedStation, id: string) => station.sessions().find((session) => session.id === id)!
const airedOf = (station: SimulatedStation, id: string) => station.aired.filter(({ sessionId }) => sessionId === id)

describe('an anchor', () => {
  it('becomes ready when a buffer of sound is there, goes on air a buffer after the click, and nothing said before is heard', () => {
    const station = stationWith('anna')
    station.run(10_000)
    const session = station.living('anna')!
    const newest = station.ingests.newestOf('ingest-1', 'anna', station.desk.session(session.id)!.run)!
    const clickedMs = station.nowMs
    expect(station.order(session.id, now)).toMatchObject({ session: { pending: { when: 'now' }, onAirFromMs: null } })
    station.run(5_000, () => station.living('anna')?.state === 'on-air')
    const { onAirFromMs } = station.living('anna')!
    expect(onAirFromMs! - clickedMs).toBeGreaterThan(bufferMs - 2 * BLOCK_MS)
    expect(onAirFromMs! - clickedMs).toBeLessThan(bufferMs + 150)
    expect(airedOf(station, session.id)[0]!.fromOffset).toBeGreaterThanOrEqual(newest)
  })

  it('is heard to the last word that was sent before the end', () => {
    const { station, id } = stationWithOnAir('anna')
    const newest = station.ingests.newestOf('ingest-1', 'anna', station.desk.session(id)!.run)!
    station.order(id, { order: 'end' })
    expect(sessionOf(station, id)).toMatchObject({ state: 'draining' })
    station.run(5_000, () => sessionOf(station, id).state === 'ended')
    expect(sessionOf(station, id).reason).toBe('Ended by order.')
    expect(airedOf(station, id).at(-1)!.untilOffset).toBeGreaterThanOrEqual(newest)
    expect(sessionOf(station, id).onAirUntilSample).toBe(
      airedOf(station, id).at(-1)!.atSample +
        airedOf(station, id).at(-1)!.untilOffset -
        airedOf(station, id).at(-1)!.fromOffset,
    )
    expect(station.dry).toEqual([])
  })

  it.each([
    ['a third of a second', 14],
    ['a second, as many Ogg senders make them', 47],
    ['two and a half seconds', 117],
  ])('whose audio comes in pieces of %s stays on air without a loss', (_, blocks) => {
    const station = new SimulatedStation([grantFor('anna')])
    station.ingests.connect(0, 'anna', blocks)
    station.run(12_000, () => station.living('anna')?.state === 'ready')
    const { id } = station.living('anna')!
    station.order(id, now)
    station.run(20_000)
    expect(sessionOf(station, id)).toMatchObject({ state: 'on-air', covered: null, sender: { losses: 0 } })
    station.ingests.setFlowing('anna', false)
    station.run(6_000, () => sessionOf(station, id).covered !== null)
    expect(sessionOf(station, id)).toMatchObject({ state: 'on-air', covered: { because: 'lost' } })
    // Two pieces make a buffer: in time for those who come back within the time of grace.
    station.ingests.setFlowing('anna', true)
    station.run(graceMs)
    if (blocks * BLOCK_MS * 3 < graceMs)
      expect(sessionOf(station, id)).toMatchObject({ state: 'on-air', covered: null })
    expect(station.dry).toEqual([])
  })

  it('who says goodbye is heard to the last sample, and the session is over', () => {
    const { station, id } = stationWithOnAir('anna')
    const { run } = station.desk.session(id)!
    station.ingests.leave('anna', 'ended')
    const newest = station.ingests.newestOf('ingest-1', 'anna', run)!
    station.run(3_000)
    expect(sessionOf(station, id)).toMatchObject({ state: 'ended', reason: 'The sender said goodbye.' })
    expect(airedOf(station, id).at(-1)!.untilOffset).toBe(newest)
    expect(station.dry).toEqual([])
  })

  it.each(['lost', 'mute'] as const)(
    'who is %s goes out under a fade, and is back by itself in the same session',
    (how) => {
      const { station, id } = stationWithOnAir('anna')
      if (how === 'lost') station.ingests.leave('anna', 'lost')
      else station.ingests.setFlowing('anna', false)
      station.run(2_000)
      expect(sessionOf(station, id)).toMatchObject({ state: 'on-air', covered: { because: 'lost' } })
      expect(station.air.voices).toEqual([])
      if (how === 'lost') station.ingests.connect(1, 'anna', 2)
      else station.ingests.setFlowing('anna', true)
      station.run(2_000)
      expect(sessionOf(station, id)).toMatchObject({ state: 'on-air', covered: null, sender: { losses: 1 } })
      expect(sessionOf(station, id).notes.at(-1)!.text).toMatch(
        /^Your connection dropped for \d\.\d s; listeners heard music\.$/,
      )
      expect(station.sessions()).toHaveLength(1)
      expect(station.dry).toEqual([])
    },
  )

  // Whenever it happens between two words of the node.
  it.each([0, 1, 2, 3, 4])(
    'whose audio the node has already is waited for, while the way from there is slow (%i)',
    (after) => {
      const { station, id } = stationWithOnAir('anna')
      station.run(after * BLOCK_MS)
      station.air.isFetching = false
      station.run(480)
      expect(station.air.air.audioOf(id)!.bufferedSamples).toBeLessThan(150 * 48)
      station.air.isFetching = true
      station.run(2_000)
      expect(sessionOf(station, id)).toMatchObject({ state: 'on-air', covered: null, sender: { losses: 0 } })
      expect(station.dry).toEqual([])
    },
  )

  it('is not waited for when the node has not spoken for long: what it said it had may be gone with it', () => {
    const station = new SimulatedStation([grantFor('news', { kind: 'relay', goLive: 'automatic' })])
    station.plan.settings = { ...SETTINGS, relayBufferMs: 3_000 }
    station.ingests.connect(0, 'news', 1)
    station.run(8_000)
    const { id } = station.living('news')!
    station.air.isFetching = false
    station.run(560)
    station.ingests.setSpeaking(0, false)
    station.run(3_000)
    expect(sessionOf(station, id)).toMatchObject({ state: 'on-air', covered: { because: 'lost' } })
    expect(station.dry).toEqual([])
  })

  it.each([0, 1, 2, 3, 4])(
    'whose decoder hangs at the node is waited for as long as there is audio for a fade (%i)',
    (after) => {
      const { station, id } = stationWithOnAir('anna')
      station.run(after * BLOCK_MS)
      station.ingests.setDecoded('anna', false)
      station.run(350)
      expect(station.air.air.audioOf(id)!.bufferedSamples).toBeLessThan(280 * 48)
      expect(sessionOf(station, id).covered).toBeNull()
      station.ingests.setDecoded('anna', true)
      station.run(3_000)
      expect(sessionOf(station, id)).toMatchObject({ covered: null, sender: { losses: 0 } })
      station.ingests.setDecoded('anna', false)
      station.run(600)
      expect(sessionOf(station, id)).toMatchObject({ covered: { because: 'lost' } })
      expect(station.dry).toEqual([])
    },
  )

  it('who clicks while the station makes up for an outage waits until it is on time', () => {
    const station = stationWith('anna')
    station.kill()
    station.run(60_000)
    station.restart()
    station.run(1_000, () => station.living('anna')?.state === 'ready')
    const clickedMs = station.nowMs
    expect(clickedMs - station.air.mixed / 48).toBeGreaterThan(10_000)
    const { id } = station.living('anna')!
    expect(station.order(id, now)).toMatchObject({ session: { pending: { when: 'now' } } })
    expect(sessionOf(station, id).reason).toContain('coming back')
    station.run(15_000, () => station.living('anna')?.state === 'on-air')
    expect(sessionOf(station, id).onAirFromMs! - clickedMs).toBeGreaterThan(bufferMs)
  })

  it('who does not come back within the time of grace has ended, and comes back as somebody new', () => {
    const { station, id } = stationWithOnAir('anna')
    station.ingests.leave('anna', 'lost')
    station.run(graceMs + 1_000)
    expect(sessionOf(station, id).state).toBe('ended')
    station.ingests.connect(0, 'anna', 1)
    station.run(2_000)
    expect(station.living('anna')).toMatchObject({ state: 'ready', pending: null })
    expect(station.living('anna')!.id).not.toBe(id)
  })

  it('who falls silent is covered, and heard again after some sound', () => {
    const { station, id } = stationWithOnAir('anna')
    station.ingests.setSilent('anna', true)
    station.run(4_000)
    expect(sessionOf(station, id)).toMatchObject({ state: 'on-air', covered: { because: 'silence' } })
    station.run(30_000)
    expect(sessionOf(station, id).state).toBe('on-air')
    station.ingests.setSilent('anna', false)
    station.run(900)
    expect(sessionOf(station, id).covered).not.toBeNull()
    station.run(1_500)
    expect(sessionOf(station, id).covered).toBeNull()
  })

  it('who stays silent for ten minutes gives the air back, and does not take it again by itself', () => {
    const station = new SimulatedStation([grantFor('anna', { goLive: 'automatic' }), grantFor('ben')])
    for (const key of ['anna', 'ben']) station.ingests.connect(0, key, 1)
    station.run(5_000)
    const { id } = station.living('anna')!
    station.ingests.setSilent('anna', true)
    station.run(9 * 60_000)
    expect(sessionOf(station, id)).toMatchObject({ state: 'on-air', covered: { because: 'silence' } })
    station.run(90_000)
    expect(sessionOf(station, id)).toMatchObject({ state: 'ended', reason: 'It was silent on air for 10 minutes.' })
    expect(sessionOf(station, id).notes.at(-1)!.text).toBe(
      'You have been silent for 10 minutes: the air is no longer kept for you.',
    )
    expect(station.order(station.living('ben')!.id, now)).toHaveProperty('session')
    station.run(3_000)
    expect(station.living('ben')).toMatchObject({ state: 'on-air' })
    station.order(station.living('ben')!.id, { order: 'end' })
    station.ingests.setSilent('anna', false)
    station.run(10_000)
    expect(station.living('anna')).toMatchObject({ state: 'ready', pending: null })
  })

  it('who is lost twice within a minute comes back with more in hand, three seconds at most, and is told so', () => {
    const { station, id } = stationWithOnAir('anna')
    const heardWith: number[] = []
    for (let loss = 0; loss < 8; loss++) {
      station.ingests.setFlowing('anna', false)
      station.run(4_500, () => sessionOf(station, id).covered !== null)
      station.run(700)
      station.ingests.setFlowing('anna', true)
      station.run(10_000, () => sessionOf(station, id).covered === null)
      expect(sessionOf(station, id).covered).toBeNull()
      heardWith.push(Math.round(station.air.air.audioOf(id)!.bufferedSamples / 48))
      station.run(2_000)
    }
    expect(station.dry).toEqual([])
    const hands = heardWith.map((ms) => Math.round(ms / 600) * 600)
    expect(hands).toEqual([600, 1_200, 1_200, 2_400, 2_400, 3_000, 3_000, 3_000])
    const told = sessionOf(station, id).notes.filter(({ text }) => text.includes('again and again'))
    expect(told.map(({ text }) => text)).toEqual([
      'Your connection drops again and again: from now on 1.2 s are kept in hand, in place of 0.6 s.',
      'Your connection drops again and again: from now on 2.4 s are kept in hand, in place of 1.2 s.',
      'Your connection drops again and again: from now on 3.0 s are kept in hand, in place of 2.4 s.',
    ])
  })

  it('who is lost now and then keeps the station’s buffer', () => {
    const { station, id } = stationWithOnAir('anna')
    for (let loss = 0; loss < 4; loss++) {
      station.ingests.setFlowing('anna', false)
      station.run(2_000)
      station.ingests.setFlowing('anna', true)
      station.run(62_000)
    }
    expect(sessionOf(station, id)).toMatchObject({ covered: null, sender: { losses: 4 } })
    expect(station.desk.session(id)!.bufferMs).toBeNull()
  })

  it('who was silent before the click is not taken for silent at once', () => {
    const station = stationWith('anna')
    station.ingests.setSilent('anna', true)
    station.run(20_000)
    station.order(station.living('anna')!.id, now)
    station.run(2_500)
    expect(station.living('anna')).toMatchObject({ state: 'on-air', covered: null })
    station.run(2_500)
    expect(station.living('anna')).toMatchObject({ covered: { because: 'silence' } })
  })

  it('whose key is revoked on air is faded out, and a kicked one does not come back on the same connection', () => {
    const { station, id } = stationWithOnAir('anna', 'ben')
    station.setGrants([grantFor('ben')])
    station.run(1_500)
    expect(sessionOf(station, id)).toMatchObject({ state: 'ended', reason: 'The key has been revoked.' })
    const ben = station.living('ben')!
    station.order(ben.id, { order: 'kick', kick: { reason: 'Enough.', refuseMs: 1_000 } })
    expect(station.ingests.kicks).toEqual(['ben'])
    expect(sessionOf(station, ben.id)).toMatchObject({ state: 'ended', reason: 'Enough.' })
  })

  it('who clicks and ends at once was never on air', () => {
    const station = stationWith('anna')
    const { id } = station.living('anna')!
    station.order(id, now)
    station.run(200)
    station.order(id, { order: 'end' })
    station.run(3_000)
    expect(sessionOf(station, id)).toMatchObject({ state: 'ready', pending: null, onAirFromMs: null })
    expect(station.aired).toEqual([])
  })

  it('goes on through a death of playout, sample by sample', () => {
    const { station, id } = stationWithOnAir('anna')
    station.kill()
    station.run(2_500)
    station.restart()
    station.run(5_000)
    expect(sessionOf(station, id)).toMatchObject({ state: 'on-air', covered: null, sender: { losses: 0 } })
    const aired = airedOf(station, id)
    for (const [index, piece] of aired.entries())
      if (index > 0) expect(piece.fromOffset).toBe(aired[index - 1]!.untilOffset)
  })

  it('whose ingest node dies is waited for longer than whose own connection does', () => {
    const { station, id } = stationWithOnAir('anna')
    station.ingests.kill(0)
    station.run(graceMs + 3_000)
    expect(sessionOf(station, id)).toMatchObject({ state: 'on-air', covered: { because: 'lost' } })
    station.ingests.connect(1, 'anna', 1)
    station.run(2_000)
    expect(sessionOf(station, id)).toMatchObject({ state: 'on-air', covered: null, ingest: 'ingest-2' })
    expect(station.dry).toEqual([])
  })
})

describe('several anchors', () => {
  it('can not be on air at once: the second is told to be handed over to, and is, with no music between', () => {
    const { station, id } = stationWithOnAir('anna', 'ben')
    const ben = station.living('ben')!
    expect(station.order(ben.id, now)).toMatchObject({
      refusal: { status: 409, message: 'anna is on air: hand over instead.' },
    })
    expect(station.order(id, { order: 'hand-over', to: ben.id })).toMatchObject({ session: { state: 'on-air' } })
    station.run(3_000)
    expect(sessionOf(station, id)).toMatchObject({ state: 'ended', reason: 'Handed over to ben.' })
    const { onAirFromSample } = sessionOf(station, ben.id)
    expect(sessionOf(station, id).onAirUntilSample).toBe(onAirFromSample! + crossfadeMs * 48)
    expect(station.dry).toEqual([])
  })

  it('swap ten times in a minute, and each turn is a session of its own', () => {
    const { station } = stationWithOnAir('anna', 'ben')
    for (let turn = 0; turn < 10; turn++) {
      const [from, to] = turn % 2 === 0 ? ['anna', 'ben'] : ['ben', 'anna']
      station.order(station.living(from!)!.id, { order: 'hand-over', to: station.living(to!)!.id })
      station.run(6_000)
      expect(station.living(to!)).toMatchObject({ state: 'on-air' })
      expect(station.living(from!)).toMatchObject({ state: 'ready', pending: null })
    }
    const spans = station.sessions().filter(({ onAirFromMs }) => onAirFromMs !== null)
    expect(new Set(spans.map(({ id }) => id)).size).toBe(11)
  })

  it('are kept apart by a bed when the air is held, until the next one is on air', () => {
    const { station, id } = stationWithOnAir('anna', 'ben')
    station.desk.hold(true)
    station.order(id, { order: 'end' })
    station.run(3_000)
    expect(station.desk.status().hold).toBe(true)
    station.order(station.living('ben')!.id, now)
    station.run(3_000)
    expect(station.desk.status().hold).toBe(false)
    expect(station.air.air.isHeld).toBe(false)
  })
})

describe('when', () => {
  it('an item ends, or a moment comes, the session is on air just then', () => {
    const station = stationWith('anna', 'ben')
    const atMs = Math.ceil(station.nowMs) + 5_000
    station.order(station.living('anna')!.id, { order: 'go-live', when: { when: 'at', atMs } })
    station.run(7_000)
    expect(Math.abs(station.living('anna')!.onAirFromMs! - atMs)).toBeLessThan(BLOCK_MS)
    station.order(station.living('anna')!.id, { order: 'end' })
    station.run(3_000)
    const itemEnd = station.air.air.itemEndSample(0)
    station.order(station.living('ben')!.id, { order: 'go-live', when: { when: 'item-end' } })
    station.run(21_000)
    expect(Math.abs(station.living('ben')!.onAirFromSample! - itemEnd)).toBeLessThan(1024)
  })

  it('a key is automatic it goes on air by itself, but not again after somebody has ended it', () => {
    const station = new SimulatedStation([grantFor('anna', { goLive: 'automatic' })])
    station.ingests.connect(0, 'anna', 1)
    station.run(4_000)
    const first = station.living('anna')!
    expect(first.state).toBe('on-air')
    station.order(first.id, { order: 'end' })
    station.run(5_000)
    expect(station.living('anna')).toMatchObject({ state: 'ready', pending: null })
    station.ingests.leave('anna', 'lost')
    station.run(graceMs + 1_000)
    station.ingests.connect(0, 'anna', 1)
    station.run(4_000)
    expect(station.living('anna')!.state).toBe('on-air')
  })

  it('a relay has a window it is on air in it, and not after', () => {
    const station = new SimulatedStation([])
    const window = { fromMs: station.nowMs + 5_000, untilMs: station.nowMs + 15_000 }
    station.setGrants([
      grantFor('news', { kind: 'relay', goLive: 'automatic', windows: [window], endsWithWindow: true }),
    ])
    station.ingests.connect(0, 'news', 4)
    station.run(4_000)
    expect(station.sessions()).toEqual([])
    station.run(4_000)
    expect(station.living('news')).toMatchObject({ state: 'on-air' })
    station.run(9_000)
    expect(station.sessions()).toMatchObject([{ state: 'ended', reason: 'Its time is over.' }])
    expect(station.sessions()[0]!.onAirUntilMs! - window.untilMs).toBeLessThan(crossfadeMs + 150)
  })
})
