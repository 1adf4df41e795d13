import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SEGMENT_SECONDS } from '../../../media/timeline.ts'
import { createWorld, everythingListed, FIRST_SEGMENT, type World } from './world.ts'

/** A second or less each; on a machine that does much else at once, more. */
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.end())

describe('any number of slicers are one', () => {
  it('two that joined at different times, in mid-segment, answer the same bytes everywhere', async () => {
    const first = await world.pushedSlicer('slicer-1')
    world.playout.advance(188 * 12 + 40)
    const second = await world.pushedSlicer('slicer-2')
    world.playout.advance(188 + 90)
    await Promise.all([first.caughtUp(), second.caughtUp()])
    await Promise.all([first.ready(), second.ready()])

    const [one, two] = await Promise.all([everythingListed(first.base), everythingListed(second.base)])
    expect([...one.keys()].filter((path) => path.endsWith('.m4s'))).toHaveLength(2 * 6)
    expect([...one.values()].every((answer) => answer.startsWith('200 "'))).toBe(true)
    expect(two).toEqual(one)
  })

  it('a slicer that died without a word comes back at the right number, with the same bytes', async () => {
    const first = await world.pushedSlicer('slicer-1')
    world.playout.advance(188 * 9)
    await first.ready()
    await first.stop()
    world.playout.advance(188 * 2 + 30)

    const again = await world.slicer('slicer-1')
    expect([again.httpPort, again.rtmpPort]).toEqual([first.httpPort, first.rtmpPort])
    await world.playout.pushTo({ rtmpPort: again.rtmpPort, pushKey: await again.pushKey() })
    const other = await world.pushedSlicer('slicer-2')
    world.playout.advance(188)
    await Promise.all([again.caughtUp(), other.caughtUp()])
    await Promise.all([again.ready(), other.ready()])

    const playlist = await (await again.get('/hls/night-radio/high/index.m3u8')).text()
    expect(playlist).toContain(`#EXT-X-MEDIA-SEQUENCE:${FIRST_SEGMENT + 11 - 5}`)
    expect(playlist).toContain(`#EXTINF:${SEGMENT_SECONDS.toFixed(6)}`)
    expect(await everythingListed(again.base)).toEqual(await everythingListed(other.base))
    expect(world.control.registrations.map(({ id }) => id)).toEqual(['slicer-1', 'slicer-2'])
  })
})
