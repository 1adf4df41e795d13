import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createWorld, eventually, everythingListed, type World } from './world.ts'

/** A second or less each; on a machine that does much else at once, more. */
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.end())

describe('without the control center', () => {
  it('a restarted slicer lives by its cached credential: it takes the push, fills its window, and serves', async () => {
    const first = await world.pushedSlicer('slicer-1')
    const other = await world.pushedSlicer('slicer-2')
    const pushKey = await first.pushKey()
    world.playout.advance(188 * 9)
    await first.ready()
    await first.stop()
    await world.control.die()

    const again = await world.slicer('slicer-1', { joinToken: null })
    await world.playout.pushTo({ rtmpPort: again.rtmpPort, pushKey })
    world.playout.advance(188 + 30)
    await Promise.all([again.caughtUp(), other.caughtUp()])
    await Promise.all([again.ready(), other.ready()])
    expect(await everythingListed(again.base)).toEqual(await everythingListed(other.base))
    const { controlCenter } = await again.status()
    expect(controlCenter).toMatch(/can't be asked/)
  })

  it('and without playout too: what the peers have is served', async () => {
    const [first, other] = [await world.pushedSlicer('slicer-1'), await world.pushedSlicer('slicer-2')]
    world.playout.advance(188 * 9)
    await Promise.all([first.caughtUp(), other.caughtUp()])
    await eventually(() => world.control.heartbeats.find(({ id, beat }) => id === 'slicer-1' && beat.ready), 'a beat')
    await first.stop()
    await Promise.all([world.playout.die(), world.control.die()])

    const again = await world.slicer('slicer-1')
    await again.ready()
    expect(await everythingListed(again.base)).toEqual(await everythingListed(other.base))
  })

  it('a slicer that was never registered waits for it, and says so', async () => {
    await world.control.die()
    const slicer = await world.slicer('slicer-1')
    const response = await eventually(async () => await slicer.get('/healthz'), 'it answers')
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({
      ok: false,
      reason: expect.stringContaining('nothing is known of the station'),
    })
  })
})
